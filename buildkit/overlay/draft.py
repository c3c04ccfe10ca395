"""An overlay before it is tried: operations on objects, what they fulfil, and what is known not to be reached."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.compare.comparison import Absent
from buildkit.images.found import Found
from buildkit.overlay.edits import Bodies, Wish, edit
from buildkit.overlay.operation import Operation, applied, operations_between
from buildkit.overlay.overlay import Changed, Unreached
from buildkit.overlay.plan import plan_wishes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.compare.comparison import Json
    from buildkit.overlay.plan import Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What is to be tried.

    Attributes:
        operations: in the order in which they are to be carried out.
        wishes: for images, those that the operations fulfil.
        kept: images that stay what they are.
        failed: images that cannot be reached, and why.
        rules: changes that are no images: affinity, selectors.
        unreached: what else cannot be reached.
    """

    operations: tuple[Operation, ...]
    wishes: tuple[Wish, ...] = ()
    kept: tuple[Found, ...] = ()
    failed: tuple[tuple[Found, str], ...] = ()
    rules: tuple[Changed, ...] = ()
    unreached: tuple[Unreached, ...] = ()


def with_images(draft: Draft, bodies: Bodies, found: Iterable[Found], asked: Asked) -> Draft:
    """The draft with the operations that make the images what they shall be."""
    planned = plan_wishes(found, asked)
    edited = edit(bodies, planned.wishes, planned.kept)
    lost = {id(wish) for wish, _ in edited.failed}
    return replace(
        draft,
        operations=(*draft.operations, *edited.operations),
        wishes=tuple(one for one in planned.wishes if id(one) not in lost),
        kept=(*planned.kept, *(wish.found for wish, _ in edited.failed)),
        failed=(*planned.failed, *((wish.found, why) for wish, why in edited.failed)),
    )


def without(draft: Draft, lost: Mapping[str, str]) -> Draft:
    """The draft without objects that no patch can be for, each with the reason."""
    images = [(one.found, lost[name]) for one in draft.wishes if (name := str(one.found.object)) in lost]
    return replace(
        draft,
        operations=tuple(one for one in draft.operations if one.object not in lost),
        wishes=tuple(one for one in draft.wishes if str(one.found.object) not in lost),
        kept=(*draft.kept, *(found for found, _ in images)),
        failed=(*draft.failed, *images),
        rules=tuple(one for one in draft.rules if one.object not in lost),
        unreached=(
            *draft.unreached,
            *(
                Unreached(image=one.b, object=one.object, path=one.path, why=lost[one.object])
                for one in draft.rules
                if one.object in lost
            ),
        ),
    )


def patches(bodies: Bodies, draft: Draft) -> Mapping[str, tuple[Operation, ...]]:
    """By object the operations of its patch: from what it is to what it shall be, each value once."""
    by_object: dict[str, list[Operation]] = {}
    for one in draft.operations:
        by_object.setdefault(one.object, []).append(one)
    made = {
        name: tuple(operations_between(name, bodies[name], applied(bodies[name], several)))
        for name, several in sorted(by_object.items())
    }
    return {name: several for name, several in made.items() if several}


def rule_changes(operations: Sequence[Operation]) -> tuple[Changed, ...]:
    """Operations as changes for people; what is taken away has no text."""
    return tuple(
        Changed(object=one.object, path=one.path, a=_shown(one.old), b=_shown(one.new) or "(taken away)", why="pin")
        for one in operations
    )


def _shown(value: Json | Absent) -> str | None:
    return None if value is None or isinstance(value, Absent) else json.dumps(value, sort_keys=True)

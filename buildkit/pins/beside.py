"""The references that the keys of one mapping make together: `repository`, `tag`, `digest`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.images import names
from buildkit.images.hits import Scope
from buildkit.images.split import Whole, complete, from_map
from buildkit.model.path import child
from buildkit.pins.structures import texts_of

if TYPE_CHECKING:
    from buildkit.images.candidates import Judge
    from buildkit.model.reference import Reference
    from buildkit.pins.structures import Spot

_KEYS: Final = 100  # of a huge mapping no more are tried


def references_beside(spot: Spot, judge: Judge) -> tuple[Reference, ...]:
    """The references in pieces that a value is a piece of, sorted; none where it stands in a list."""
    if not spot.holder.is_map or not spot.path:
        return ()
    known = spot.document.beside
    if id(spot.holder) not in known:
        known[id(spot.holder)] = _by_path(Scope("", texts_of(spot.holder)), judge)
    return known[id(spot.holder)].get(child("", str(spot.path[-1])), ())


def _by_path(scope: Scope, judge: Judge) -> dict[str, tuple[Reference, ...]]:
    wholes: list[Whole] = [whole for image in (True, False) for whole in from_map(scope, judge, image=image)]
    for key, text in list(scope.mapping.items())[:_KEYS]:
        if isinstance(text, str) and names.says(key) is not names.Says.NOTHING:
            wholes.extend(complete(key, text, scope, judge))
    found: dict[str, set[Reference]] = {}
    for whole in wholes:
        for path, _ in whole.parts if len(whole.parts) > 1 else ():
            found.setdefault(path, set()).add(whole.candidate.reference)
    return {path: tuple(sorted(several, key=lambda one: one.name)) for path, several in found.items()}

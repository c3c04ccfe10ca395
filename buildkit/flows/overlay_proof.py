"""The overlay tried in a scratch copy: what kustomize makes of it, told from what it should make.

Not `flows.proof`: the install is rendered already, and what should differ and does not is asked for here too.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.compare.compare import compare_texts
from buildkit.compare.comparison import ABSENT, Difference
from buildkit.compare.objects import CompareError, Text
from buildkit.compare.proof import Proof, merge_changes, sort_differences
from buildkit.compare.values import differ
from buildkit.edges import tree
from buildkit.edges.files import scratch_folder
from buildkit.flows.overlay_base import render_text
from buildkit.flows.sources import gather
from buildkit.overlay.operation import applied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildkit.compare.comparison import Absent, Json
    from buildkit.flows.overlay_base import Base
    from buildkit.overlay.operation import Operation
    from buildkit.overlay.overlay import OverlayFile

_TREE: Final = "tree"
_OVERLAY: Final = "overlay"
_KEY = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What became of an overlay: its render (empty where there is none), the proof, and the objects left as they were.

    `idle` are `(object, path)` of values that should differ and do not.
    """

    text: str
    proof: Proof
    idle: frozenset[tuple[str, str]] = frozenset()


def try_overlay(base: Base, files: Sequence[OverlayFile], operations: Mapping[str, Sequence[Operation]]) -> Attempt:
    """Render the overlay over a copy of what its install needs, and compare with the install's own render.

    Args:
        base: the install.
        files: of the overlay; its `resources` must name `relative_base`.
        operations: by the object that they are to change.

    Raises:
        UndeterminedError: the scratch copy cannot be made.
    """
    with scratch_folder() as scratch:
        main = base.sources.trees[""]
        paths = [path for path in base.sources.closure(base.install) if path in main.files]
        tree.copy_files(main, paths, scratch / _TREE)
        for one in files:
            place = scratch / _OVERLAY / one.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(one.text.encode("utf-8"))
        text, why = render_text(gather(scratch, base.store), base.program, _OVERLAY)
    return _lost(base, f"does not render: {why}") if why is not None else _compared(base, text, operations)


def relative_base(base: Base) -> str:
    """How the overlay in the scratch copy names the install."""
    return os.path.normpath(f"../{_TREE}/{base.install}")


def _lost(base: Base, why: str) -> Attempt:
    """Nothing takes the place of the install's render."""
    lost = merge_changes([(base.install, Difference(object="", path="", a=ABSENT, b=why))])
    return Attempt(text="", proof=Proof(kustomizations=0, changed=(), unintended=lost, unproven=()))


def _compared(base: Base, text: str, operations: Mapping[str, Sequence[Operation]]) -> Attempt:
    wanted = {_key(one) for one in _wanted(base, operations)}
    try:
        found = compare_texts(Text("install", base.text), Text("overlay", text))
    except CompareError as error:
        return _lost(base, f"its render is not read: line {error.line}: {error}")
    heaps = sort_differences(found, lambda one: _key(one) in wanted)
    seen = {_key(one) for one in heaps.changed}
    return Attempt(
        text=text,
        proof=Proof(
            kustomizations=1,
            changed=merge_changes((base.install, one) for one in heaps.changed),
            unintended=merge_changes((base.install, one) for one in heaps.unintended),
            unproven=(),
        ),
        idle=frozenset((one[0], one[1]) for one in wanted - seen),
    )


def _wanted(base: Base, operations: Mapping[str, Sequence[Operation]]) -> Iterator[Difference]:
    """The differences that the operations would make, value by value."""
    for name, several in operations.items():
        body = base.objects[name].body
        for path, a, b in differ(body, applied(body, several), ""):
            yield Difference(object=name, path=path, a=a, b=b)


def _key(one: Difference) -> _KEY:
    return one.object, one.path, _text(one.a), _text(one.b)


def _text(value: Json | Absent) -> str:
    return "" if value is ABSENT else json.dumps(value, sort_keys=True)

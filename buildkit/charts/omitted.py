"""Objects that a value leaves out without being put anywhere else: what uses them would find nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from buildkit.charts.layout import named_in
from buildkit.charts.marks import Condition, Extended, Setting, Text, Tree, When, Word
from buildkit.charts.namespaces import shown_key
from buildkit.charts.rewriting import tree_at
from buildkit.charts.workloads import POD_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.marks import MarkedObject
    from buildkit.charts.spec import ChartSpec
    from buildkit.compare.objects import Object


def bare_omissions(profiles: Mapping[str, Sequence[MarkedObject]], spec: ChartSpec) -> Iterator[tuple[str, int]]:
    """Yield `(message, line)` of each value that has places, and reaches none in profiles where it leaves out objects.

    What it is put to in an object that it leaves out counts for nothing.
    """
    known: dict[int, frozenset[str]] = {}
    for value in spec.values:
        left_out = Condition(value.name, "unless")
        found: dict[str, list[str]] = {}
        for profile, objects in profiles.items() if value.at and value.omits else ():
            gone = [one for one in objects if left_out in one.conditions]
            stay = (one for one in objects if left_out not in one.conditions)
            if gone and not any(value.name in _reached(one, known) for one in stay):
                found.setdefault(shown_key(gone[0].key), []).append(profile)
        for shown, names in found.items():
            message = f"{value.name}: leaves out {shown} in {', '.join(names)}, and is put nowhere there; name a place"
            yield message, value.line


def dangling(before: Sequence[Object], after: Sequence[Object]) -> Iterator[tuple[str, str]]:
    """Yield `(object, what it names)` of pods in `after` that name what only `before` has."""
    gone = {_place(one) for one in before} - {_place(one) for one in after}
    for one in after:
        path = POD_PATHS.get((one.id.group, one.id.kind))
        pod = tree_at(cast("Tree", one.body), path) if path else None
        for kind, name in sorted(set(named_in(pod))) if isinstance(pod, Mapping) else ():
            if (kind, one.id.namespace, name) in gone:
                yield "/".join(part for part in (one.id.group, one.id.kind, one.id.name) if part), f"{kind}/{name}"


def _place(one: Object) -> tuple[str, str, str]:
    return one.id.kind, one.id.namespace, one.id.name


def _reached(one: MarkedObject, known: dict[int, frozenset[str]]) -> frozenset[str]:
    if id(one) not in known:
        known[id(one)] = frozenset(_values(one.body))
    return known[id(one)]


def _values(tree: Tree) -> Iterator[str]:
    """Yield the names of the values that stand in a tree."""
    if isinstance(tree, Text):
        yield from (piece.value for piece in tree.pieces if isinstance(piece, Word))
    elif isinstance(tree, Setting):
        yield from tree.value
    elif isinstance(tree, When):
        yield from _values(tree.tree)
    elif isinstance(tree, Mapping):
        for one in tree.values():
            yield from _values(one)
    elif isinstance(tree, Extended):
        yield from _values(tree.items)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for one in tree:
            yield from _values(one)

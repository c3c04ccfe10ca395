"""Value against value, strictly: which values inside two objects differ, and where."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from buildkit.compare.comparison import ABSENT, Absent, Json
from buildkit.model.path import child, item

# What tells the elements of a Kubernetes list apart, where a list holds mappings.
_LABELS: Final = ("name", "key", "mountPath")
Found = tuple[str, Json | Absent, Json | Absent]
Pair = tuple[int | None, int | None]


def differ(a: Json | Absent, b: Json | Absent, path: str) -> Iterator[Found]:
    """Yield `(path, a, b)` of each value that differs; keys sorted, lists in order."""
    if a is b:
        return
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in sorted(a.keys() | b.keys()):
            yield from differ(a.get(key, ABSENT), b.get(key, ABSENT), child(path, key))
    elif isinstance(a, list) and isinstance(b, list):
        yield from _lists(a, b, path)
    elif type(a) is not type(b) or a != b:
        yield path, a, b


def _lists(a: list[Json], b: list[Json], path: str) -> Iterator[Found]:
    """Compare two lists; the index of a path is A's, and B's only for an element that A lacks."""
    for left, right in _aligned(a, b):
        if left is None:
            yield item(path, cast("int", right)), ABSENT, b[cast("int", right)]
        else:
            yield from differ(a[left], ABSENT if right is None else b[right], item(path, left))


def _aligned(a: Sequence[Json], b: Sequence[Json]) -> Iterator[Pair]:
    """Yield which element stands for which.

    Of equal length: in order. Else what is equal at both ends is left aside, and the rest is paired by name where both
    sides name their elements in the same order, in order where not.
    """
    if len(a) == len(b):
        yield from zip(range(len(a)), range(len(b)), strict=True)
        return
    start = 0
    shorter = min(len(a), len(b))
    while start < shorter and same(a[start], b[start]):
        start += 1
    end = 0
    while end < shorter - start and same(a[-1 - end], b[-1 - end]):
        end += 1
    rest_a, rest_b = range(start, len(a) - end), range(start, len(b) - end)
    yield from _by_label(a, b, rest_a, rest_b) or _in_order(rest_a, rest_b)


def same(a: Json, b: Json) -> bool:
    """Tell whether nothing differs; not by `differ`, which asks this at every level."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def _in_order(a: range, b: range) -> list[Pair]:
    return list(itertools.zip_longest(a, b))


def _by_label(a: Sequence[Json], b: Sequence[Json], rest_a: range, rest_b: range) -> list[Pair]:
    for label in _LABELS:
        left, right = _labels(a, rest_a, label), _labels(b, rest_b, label)
        common = left.keys() & right.keys()
        if common and [one for one in left if one in common] == [one for one in right if one in common]:
            pairs: list[Pair] = [(left[one], right[one]) for one in common]
            gone = {left[one] for one in left.keys() - common}
            new = {right[one] for one in right.keys() - common}
            pairs += [(i if i in gone else None, i if i in new else None) for i in gone | new]
            return sorted(pairs, key=lambda pair: (pair[0] if pair[0] is not None else pair[1]) or 0)
    return []


def _labels(values: Sequence[Json], rest: range, label: str) -> dict[str, int]:
    """Give the index of each label, in order; nothing unless every element is a mapping with a label of its own."""
    found: dict[str, int] = {}
    for index in rest:
        value = values[index]
        said = value.get(label) if isinstance(value, Mapping) else None
        if not isinstance(said, str) or said in found:
            return {}
        found[said] = index
    return found

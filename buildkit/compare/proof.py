"""Proof that a change changes what it should and nothing else: the differences of renders, told into two heaps.

A generated ConfigMap's name ends in a hash of its content, so an intended change renames it, and every reference to it
follows. Such consequences are told from the rest here, by name: a renamed object is as intended as what is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.compare.comparison import ABSENT, Absent, Difference, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.compare.comparison import Comparison

Intended = Callable[[Difference], bool]
Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A difference, and the kustomizations whose renders have it; path and values as in `Difference`.

    An object that only one side has: no path, and null on the side that has it. A render that is no longer made: no
    object and no path, `b` says why.
    """

    kustomizations: tuple[str, ...]
    object: str
    path: str
    a: Json | Absent
    b: Json | Absent


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What rendering before and after showed.

    Attributes:
        kustomizations: how many were rendered on both sides.
        changed: what differs as it should, and what follows from it (hash suffixes and references to them).
        unintended: everything else that differs. A proof holds where there is none.
        unproven: `folder: reason` of those in reach that do not render, so that nothing can be said of them.
    """

    kustomizations: int
    changed: tuple[Change, ...]
    unintended: tuple[Change, ...]
    unproven: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Heaps:
    """One comparison's differences, in two heaps."""

    changed: tuple[Difference, ...]
    unintended: tuple[Difference, ...]


def sort_differences(found: Comparison, intended: Intended, doubled: Sequence[str] = ()) -> Heaps:
    """Tell what was intended, and what follows from it, from the rest; `doubled` are duplicates that A has already."""
    judged = [_judge(one, found.renamed, intended) for one in found.differences]
    good = _good_pairs(found.renamed, judged)
    changed = [one.difference for one in judged if one.holds(good)]
    unintended = [one.difference for one in judged if not one.holds(good)]
    for pair in found.renamed:
        heap = changed if pair in good else unintended
        heap.append(Difference(object=pair[0], path="metadata.name", a=_name(pair[0]), b=_name(pair[1])))
    gone, come = {a for a, _ in found.renamed}, {b for _, b in found.renamed}
    unintended.extend(Difference(object=one, path="", a=None, b=ABSENT) for one in found.only_a if one not in gone)
    unintended.extend(Difference(object=one, path="", a=ABSENT, b=None) for one in found.only_b if one not in come)
    unintended.extend(
        Difference(object=one, path="", a=None, b="more than once") for one in found.duplicates if one not in doubled
    )
    return Heaps(changed=_sorted(changed), unintended=_sorted(unintended))


def merge_changes(found: Iterable[tuple[str, Difference]]) -> tuple[Change, ...]:
    """Make one change of equal differences in several kustomizations; sorted."""
    folders: dict[tuple[str, ...], set[str]] = {}
    differences: dict[tuple[str, ...], Difference] = {}
    for folder, one in found:
        key = (one.object, one.path, _key(one.a), _key(one.b))
        folders.setdefault(key, set()).add(folder)
        differences[key] = one
    return tuple(
        Change(kustomizations=tuple(sorted(folders[key])), object=one.object, path=one.path, a=one.a, b=one.b)
        for key, one in sorted(differences.items(), key=lambda item: item[0])
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """A difference: `own` holds where something in it was asked for, `refers` are the pairs whose new name it has."""

    difference: Difference
    fine: bool
    own: bool
    refers: frozenset[Pair] = frozenset()

    def holds(self, good: frozenset[Pair]) -> bool:
        return self.fine and self.refers <= good


def _judge(one: Difference, renamed: Sequence[Pair], intended: Intended) -> _Judged:
    if intended(one):
        return _Judged(difference=one, fine=True, own=True)
    if not (isinstance(one.a, str) and isinstance(one.b, str)):
        return _Judged(difference=one, fine=False, own=False)
    text, refers = _followed(one.object, one.a, one.b, renamed)
    own = bool(refers) and text != one.b and intended(replace(one, a=text))
    return _Judged(difference=one, fine=own or text == one.b, own=own, refers=refers)


def _followed(holder: str, a: str, b: str, renamed: Sequence[Pair]) -> tuple[str, frozenset[Pair]]:
    """The text with the new names of renamed objects in it, those of its own namespace first."""
    refers: set[Pair] = set()
    for pair in sorted(renamed, key=lambda one: (_namespace(one[0]) != _namespace(holder), one)):
        old, new = _name(pair[0]), _name(pair[1])
        if old in a and new in b:
            followed = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\w)", new, a, flags=re.ASCII)
            if followed != a:
                a = followed
                refers.add(pair)
    return a, frozenset(refers)


def _good_pairs(renamed: Sequence[Pair], judged: Sequence[_Judged]) -> frozenset[Pair]:
    """Renamed objects with nothing in them but what is intended, or follows from another that is renamed so."""
    by_object: dict[str, list[_Judged]] = {}
    for one in judged:
        by_object.setdefault(one.difference.object, []).append(one)
    inside = {pair: by_object.get(pair[0], []) for pair in renamed}
    good = frozenset(renamed)
    while True:
        held = frozenset(pair for pair in good if all(one.holds(good) for one in inside[pair]))
        grounded = frozenset[Pair]()
        while True:  # each good one leads, maybe through others, to one with something asked for in it
            more = frozenset(pair for pair in held if any(one.own or one.refers & grounded for one in inside[pair]))
            if more == grounded:
                break
            grounded = more
        if grounded == good:
            return good
        good = grounded


def _name(identity: str) -> str:
    return identity.rpartition("/")[2]


def _namespace(identity: str) -> str:
    return identity.split("/")[-2] if "/" in identity else ""


def _key(value: Json | Absent) -> str:
    return "" if value is ABSENT else json.dumps(value, sort_keys=True)


def _sorted(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(differences, key=lambda one: (one.object, one.path)))

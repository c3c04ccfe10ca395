"""The objects of all profiles as one set: what differs between profiles becomes a `Choice`, and nothing else does."""

from __future__ import annotations

import difflib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from buildkit.charts.marks import (
    ABSENT,
    Absent,
    Choice,
    Condition,
    Extended,
    Hashed,
    Key,
    MarkedObject,
    Setting,
    Text,
    Tree,
    When,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Versions = Mapping[str, Tree]  # by profile; all of them there
Slot = tuple[Hashable, dict[str, int]]  # what stands there, and where in the list of which profile
_LABELS: Final = ("name", "key", "mountPath")
_MOST: Final = 250_000  # pairs of elements that are held against each other


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UnionObject:
    """An object of the chart: the profiles that have it, and its body with choices."""

    key: Key
    profiles: frozenset[str]
    body: Mapping[str, Tree]
    conditions: tuple[Condition, ...]


class DuplicateError(ValueError):
    """A profile has an object twice."""


def unite(profiles: Mapping[str, Sequence[MarkedObject]]) -> tuple[UnionObject, ...]:
    """Make one set of the profiles' objects, in the order of the first profile that has each.

    Raises:
        DuplicateError: two objects of one profile are the same by kind, namespace and name.
    """
    found: dict[tuple[Key, bool], dict[str, MarkedObject]] = {}
    for profile, objects in profiles.items():
        for one in objects:
            versions = found.setdefault((one.key, is_hashed(one)), {})
            if profile in versions:
                shown = "/".join(part for part in one.key if part)
                raise DuplicateError(f"profile {profile} has two objects {shown}")
            versions[profile] = one
    return tuple(_object(key, versions) for (key, _), versions in found.items())


def is_hashed(one: MarkedObject | UnionObject) -> bool:
    """Tell a generated object, whose name ends in a hash, from one that is named like its stem."""
    metadata = one.body.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return isinstance(name, Text) and any(isinstance(piece, Hashed) for piece in name.pieces)


def _object(key: Key, versions: Mapping[str, MarkedObject]) -> UnionObject:
    (first, *_) = versions.values()
    body = first.body
    if any(one is not first for one in versions.values()):
        body = cast("Mapping[str, Tree]", merge({profile: one.body for profile, one in versions.items()}))
    return UnionObject(key=key, profiles=frozenset(versions), body=body, conditions=first.conditions)


def merge(versions: Versions) -> Tree:
    """Make one tree of those of several profiles."""
    groups = _groups(versions)
    if len(groups) == 1:
        return _merged(groups[0])
    return Choice(tuple((frozenset(group), _merged(group)) for group in groups))


def _groups(versions: Versions) -> list[dict[str, Tree]]:
    """Put together what can be one: equal values, mappings, lists, settings of one value; empty ones stay apart."""
    groups: dict[Hashable, dict[str, Tree]] = {}
    for profile, tree in versions.items():
        groups.setdefault(_shape(tree), {})[profile] = tree
    return list(groups.values())


def _shape(tree: Tree) -> Hashable:
    if isinstance(tree, Setting):
        return "setting", tree.value, tree.kind, tree.default is ABSENT
    if isinstance(tree, Extended):
        return "extended", tree.value, tree.key, bool(tree.items), _shape_of_empty(tree)
    if isinstance(tree, When):
        return "when", tree.value
    if isinstance(tree, Mapping):
        return ("mapping", bool(tree))
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return ("list", bool(tree))
    return type(tree), tree


def _shape_of_empty(one: Extended) -> str:
    """Tell apart what stands there while a list has no elements: nothing, `[]`, null."""
    return "" if one.items else json.dumps(one.empty, default=repr)


def _merged(versions: Versions) -> Tree:
    (first, *rest) = versions.values()
    if all(one is first for one in rest):
        return first
    if isinstance(first, Setting | When | Extended):
        return _marks(versions, first)
    if isinstance(first, Mapping):
        return _mappings(cast("Mapping[str, Mapping[str, Tree]]", versions))
    if isinstance(first, Sequence) and not isinstance(first, str):
        return _lists(cast("Mapping[str, Sequence[Tree]]", versions))
    return first


def _marks(versions: Versions, first: Setting | When | Extended) -> Tree:
    """Make one mark of those for one value: what it holds is merged."""
    if isinstance(first, When):
        return replace(first, tree=merge({profile: cast("When", one).tree for profile, one in versions.items()}))
    if isinstance(first, Extended):
        items = _lists({profile: cast("Extended", one).items for profile, one in versions.items()})
        return replace(first, items=tuple(items))
    if first.default is ABSENT:
        return first
    defaults = {profile: cast("Tree", cast("Setting", one).default) for profile, one in versions.items()}
    return replace(first, default=merge(defaults))


def _mappings(versions: Mapping[str, Mapping[str, Tree]]) -> Mapping[str, Tree]:
    keys = [one for one, _ in _slots({profile: list(one) for profile, one in versions.items()})]
    return {
        key: _entry({profile: one[key] for profile, one in versions.items() if key in one}, versions)
        for key in cast("list[str]", keys)
    }


def _lists(versions: Mapping[str, Sequence[Tree]]) -> list[Tree]:
    slots = _slots(_identities(versions))
    return [_entry({profile: versions[profile][at] for profile, at in places.items()}, versions) for _, places in slots]


def _entry(found: Mapping[str, Tree], all_: Iterable[str]) -> Tree:
    """Give what stands at a key or in a list: guarded where some of the profiles have nothing."""
    merged = merge(found)
    if len(found) == len(list(all_)):
        return merged
    return merged if isinstance(merged, Choice) else Choice(((frozenset(found), merged),))


def _identities(versions: Mapping[str, Sequence[Tree]]) -> dict[str, list[Hashable]]:
    """Tell the elements of lists apart: by a field that names them in every profile, else by all that they are."""
    for label in _LABELS:
        named = {profile: [_label(one, label) for one in items] for profile, items in versions.items()}
        if all(None not in names and len(set(names)) == len(names) for names in named.values()):
            return cast("dict[str, list[Hashable]]", named)
    return {
        profile: [json.dumps(one, sort_keys=True, default=_dumped) for one in items]
        for profile, items in versions.items()
    }


def _label(tree: Tree, label: str) -> str | None:
    said = tree.get(label) if isinstance(tree, Mapping) else None
    return said if isinstance(said, str) else None


def _dumped(tree: Any) -> object:
    if isinstance(tree, Setting):
        return ["setting", tree.value, None if tree.default is ABSENT else tree.default]
    if isinstance(tree, Extended):
        return ["extended", tree.value, list(tree.items)]
    if isinstance(tree, When):
        return ["when", tree.value, tree.tree]
    return repr(tree)


def _slots(lists: Mapping[str, Sequence[Hashable]]) -> list[Slot]:
    """Line up the lists: one order that keeps that of each, and for each slot where in which list its element stands.

    What two lists have in different orders stands twice, once for each.
    """
    slots: list[Slot] = []
    for profile, one in lists.items():
        if len(slots) == len(one) and all(mark == other for (mark, _), other in zip(slots, one, strict=True)):
            for at, (_, places) in enumerate(slots):
                places[profile] = at
            continue
        slots = _lined(slots, profile, one)
    return slots


def _lined(slots: list[Slot], profile: str, one: Sequence[Hashable]) -> list[Slot]:
    lined: list[Slot] = []
    for tag, a, b, c, d in _opcodes([mark for mark, _ in slots], one):
        if tag == "equal":
            for (mark, places), at in zip(slots[a:b], range(c, d), strict=True):
                lined.append((mark, {**places, profile: at}))
            continue
        lined += slots[a:b]
        lined += [(one[at], {profile: at}) for at in range(c, d)]
    return lined


def _opcodes(a: Sequence[Hashable], b: Sequence[Hashable]) -> Sequence[tuple[str, int, int, int, int]]:
    """Say what is equal; of lists that would take long only what is so at both ends."""
    if len(a) * len(b) <= _MOST:
        return difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    shorter = min(len(a), len(b))
    start = next((at for at in range(shorter) if a[at] != b[at]), shorter)
    end = next((at for at in range(shorter - start) if a[-1 - at] != b[-1 - at]), shorter - start)
    left, right = len(a) - end, len(b) - end
    return [
        ("equal", 0, start, 0, start),
        ("replace", start, left, start, right),
        ("equal", left, len(a), right, len(b)),
    ]


__all__ = ["ABSENT", "Absent", "DuplicateError", "UnionObject", "merge", "unite"]

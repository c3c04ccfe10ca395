"""Two renders, object by object: what only one has, what was renamed, what stands twice, which values differ."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from buildkit.compare.comparison import Comparison, Difference
from buildkit.compare.objects import CompareError, Object, Text, read_objects
from buildkit.compare.sides import Entry, read_sides
from buildkit.compare.values import differ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["CompareError", "Object", "Text", "compare_objects", "compare_texts", "read_objects"]

# The first ten digits of a SHA-256, some of them replaced by letters that form no words (kustomize, api/hasher).
HASH: Final = "-[2456789bcdfghkmt]{10}"
_HASH: Final = re.compile(rf"{HASH}\Z")
# Of the kinds that get one without being asked, also what another version of kustomize or another tool appended.
_ANY_HASH: Final = re.compile(r"-(?:[2456789bcdfghkmt]{10}|(?=[a-z]{0,9}[0-9])[a-z0-9]{10})\Z")
_HASHED: Final = frozenset({("", "ConfigMap"), ("", "Secret")})
Key = tuple[str, str, str, str]
Pair = tuple[Entry, Entry]


def compare_texts(a: Text, b: Text) -> Comparison:
    """Compare all objects of two texts.

    Raises:
        CompareError: as `read_objects`.
    """
    return _compare(*read_sides(a, b))


def compare_objects(a: Iterable[Object], b: Iterable[Object]) -> Comparison:
    """Compare objects that were read before; what is one and the same on both sides costs nothing."""
    known: dict[int, Entry] = {}

    def entry(one: Object) -> Entry:
        return known.setdefault(id(one.body), Entry(one.id, one.body, ""))

    return _compare([entry(one) for one in a], [entry(one) for one in b])


def _compare(a: Iterable[Entry], b: Iterable[Entry]) -> Comparison:
    left, right = _by_key(a), _by_key(b)
    same, only_a, only_b = _matched(left, right)
    renamed = tuple(_renamed(only_a, only_b))
    return Comparison(
        only_a=_names(only_a),
        only_b=_names(only_b),
        renamed=tuple(sorted((str(one.id), str(other.id)) for one, other in renamed)),
        duplicates=_duplicates(left, right),
        differences=tuple(_differences(same, renamed)),
    )


def _key(one: Entry) -> Key:
    return one.id.group, one.id.kind, one.id.namespace, one.id.name


def _by_key(objects: Iterable[Entry]) -> dict[Key, list[Entry]]:
    found: defaultdict[Key, list[Entry]] = defaultdict(list)
    for one in objects:
        found[_key(one)].append(one)
    return found


def _matched(a: dict[Key, list[Entry]], b: dict[Key, list[Entry]]) -> tuple[list[Pair], list[Entry], list[Entry]]:
    """Give the pairs of one identity, of several the first with the first; then what each side has alone."""
    pairs: list[Pair] = []
    only_a: list[Entry] = []
    only_b: list[Entry] = []
    for key in a.keys() | b.keys():
        left, right = a.get(key, []), b.get(key, [])
        pairs += zip(left, right, strict=False)
        only_a += left[len(right) :]
        only_b += right[len(left) :]
    return pairs, only_a, only_b


def _renamed(only_a: Sequence[Entry], only_b: Sequence[Entry]) -> Iterator[Pair]:
    """Pair what differs only in the hash at the end of its name, where just one on each side can be meant."""
    left, right = _by_stem(only_a), _by_stem(only_b)
    for stem in left.keys() & right.keys():
        if len(left[stem]) == len(right[stem]) == 1 and _key(left[stem][0]) != _key(right[stem][0]):
            yield left[stem][0], right[stem][0]


def _by_stem(objects: Iterable[Entry]) -> dict[Key, list[Entry]]:
    found: defaultdict[Key, list[Entry]] = defaultdict(list)
    for one in objects:
        group, kind, namespace, name = _key(one)
        pattern = _ANY_HASH if (group, kind) in _HASHED else _HASH
        found[group, kind, namespace, pattern.sub("", name)].append(one)
    return found


def _names(objects: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(sorted(str(one.id) for one in objects))


def _duplicates(*sides: dict[Key, list[Entry]]) -> tuple[str, ...]:
    named = {key: str(ones[0].id) for side in reversed(sides) for key, ones in side.items() if len(ones) > 1}
    return tuple(sorted(named.values()))


def _differences(same: Iterable[Pair], renamed: Iterable[Pair]) -> list[Difference]:
    found = [one for a, b in same if a is not b for one in _between(a, b)]
    found += [one for a, b in renamed for one in _between(a, b) if one.path != "metadata.name"]
    return sorted(found, key=lambda one: one.object)  # within an object as `differ` gives them


def _between(a: Entry, b: Entry) -> Iterator[Difference]:
    for path, left, right in differ(a.body(), b.body(), ""):
        yield Difference(object=str(a.id), path=path, a=left, b=right)

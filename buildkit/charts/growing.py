"""What the elements of a list that a value adds to are called, profile by profile: no name may stand there twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from buildkit.charts.marks import Choice, Setting, Text, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator


def names_of(items: Sequence[Tree], profiles: frozenset[str]) -> Choice:
    """Give the names of the elements that each of these profiles has."""
    groups: dict[tuple[str | Text, ...], set[str]] = {}
    for profile in sorted(profiles):
        names = tuple(name for one in items for name in _names(one, profile))
        groups.setdefault(names, set()).add(profile)
    return Choice(tuple((frozenset(some), list(names)) for names, some in groups.items()))


def _names(tree: Tree, profile: str) -> Iterator[str | Text]:
    if isinstance(tree, Choice):
        for some, one in tree.variants:
            if profile in some:
                yield from _names(one, profile)
    elif isinstance(tree, Setting):
        yield from _names(tree.default, profile) if isinstance(tree.default, str | Text) else ()
    elif isinstance(tree, Mapping):
        yield from _names(tree["name"], profile) if "name" in tree else ()
    elif isinstance(tree, str | Text):
        yield tree

"""Names of values: of images after their repositories, of workloads and claims after the objects."""

from __future__ import annotations

import re
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Final, TypeVar

from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from buildkit.charts.marks import Key

Named = TypeVar("Named")
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


def camel(*words: str) -> str:
    """`katib-controller` -> `katibController`; one that begins with a digit gets an `n` before it."""
    parts = [part for word in words for part in _WORDS.split(word) if part]
    if not parts:
        return "unnamed"
    name = parts[0][:1].lower() + parts[0][1:] + "".join(part[:1].upper() + part[1:] for part in parts[1:])
    return f"n{name}" if name[0].isdigit() else name


_WAYS: Final[tuple[Callable[[Key], str], ...]] = (
    lambda key: camel(key[3]),
    lambda key: camel(key[3], key[1]),
    lambda key: camel(key[2] or "cluster", key[3], key[1]),
    lambda key: camel(key[0] or "core", key[2] or "cluster", key[3], key[1]),
)


def image_names(references: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Name every repository (`ghcr.io/kubeflow/x`, in full) after its last part, of two alike by more parts of them.

    Args:
        references: as rendered; what is no reference is left out.
        given: names by repository that the specification says, in full or as it is written there.
    """
    repositories = sorted({name for one in references if (name := repository_of(one))})
    said = {repository_of(key) or key: name for key, name in given.items()}
    names = {one: said[one] for one in repositories if one in said}
    depth = dict.fromkeys((one for one in repositories if one not in names), 1)
    while depth:
        proposed = {one: camel(*one.split("/")[-parts:]) for one, parts in depth.items()}
        taken = Counter([*names.values(), *proposed.values()])
        clashing = [one for one in depth if taken[proposed[one]] > 1 and depth[one] < len(one.split("/"))]
        if not clashing:
            return {**names, **_numbered(proposed, set(names.values()))}
        for one in clashing:
            depth[one] += 1
    return names


def repository_of(reference: str) -> str:
    """Give an image's repository in full; empty for what is no reference."""
    try:
        return parse_reference(reference).repository_name
    except ReferenceError:
        return ""


def object_names(keys: Iterable[Key]) -> dict[Key, str]:
    """Name objects after their own names; of two alike by kind, then by namespace too."""
    left = sorted(set(keys))
    names: dict[Key, str] = {}
    for way in _WAYS:
        counted = Counter([*map(way, left), *names.values()])
        names.update((key, way(key)) for key in left if counted[way(key)] == 1)
        left = [key for key in left if key not in names]
    return {**names, **_numbered({key: camel(key[3], key[1]) for key in left}, set(names.values()))}


def _numbered(proposed: Mapping[Named, str], taken: set[str]) -> dict[Named, str]:
    """Tell apart by numbers what nothing else does: `a-b` and `a.b`."""
    names: dict[Named, str] = {}
    for one, name in proposed.items():
        numbered = (name if number == 1 else f"{name}{number}" for number in count(1))
        names[one] = next(free for free in numbered if free not in taken)
        taken.add(names[one])
    return names

"""Digests that a render names by themselves, outside any reference: whatever compares them would not agree any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.compare.objects import CompareError, Text, read_objects
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from buildkit.compare.comparison import Json

_DIGEST: Final = re.compile(r"(?<![@\w])sha256:[0-9a-f]{64}(?!\w)")
_COMMENT: Final = re.compile(r"(?:^|\s)(?:#|//)")  # nothing compares what stands behind it
_ROW: Final = 1000


def named_alone(text: str, digests: Collection[str]) -> Mapping[str, str]:
    """Of those digests that stand alone in a render, where the first one does: `object path`."""
    found: dict[str, str] = {}
    if digests and any(match[0] in digests for match in _DIGEST.finditer(text)):
        try:
            objects = read_objects(Text("render", text))
        except CompareError:  # whoever compares it says so
            return {}
        for one in objects:
            for path, value in _texts(one.body, ""):
                for match in _DIGEST.finditer(value):
                    near = max(0, match.start() - _ROW)
                    row = value[near : match.start()].rpartition("\n")[2]
                    if match[0] in digests and not _COMMENT.search(row):
                        found.setdefault(match[0], f"{one.id} {path}")
    return found


def _texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    stack: list[tuple[Json, str]] = [(value, path)]
    while stack:
        one, where = stack.pop()
        if isinstance(one, str):
            yield where, one
        elif isinstance(one, dict):
            stack += [(inner, child(where, key)) for key, inner in reversed(one.items())]
        elif isinstance(one, list):
            stack += [(inner, item(where, index)) for index, inner in reversed(list(enumerate(one)))]

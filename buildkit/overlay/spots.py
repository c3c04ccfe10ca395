"""Where a text stands in a scalar: the characters of a reference, found by the path that leads to it.

A path goes on inside embedded text (`data.config | spec.image`, `data["x.py"] | line 3`); the narrowest stretch of the
scalar that it leads to is searched, so that an equal word elsewhere stays what it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Leaf, compose, inner_paths, parse_path, walk, whole
from buildkit.model.documents import DocumentError, split_documents

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]
_LINE: Final = re.compile(r"line (\d+)")
_TELLING: Final = re.compile(r"[/:@]")
_MODEL_IMAGE: Final = "oci://"


def find_spots(text: str, path: str, needle: str) -> tuple[Span, ...]:
    """Every stretch of `text` that is `needle` and that the path means.

    Empty where there is none, or where it cannot be told which of several words is meant.
    """
    inner = inner_paths(path)
    start, end, exact = _region(text, inner)
    found = _whole(text[start:end], needle)
    if len(found) > 1 and inner and not exact and not _TELLING.search(needle):
        return ()
    return tuple((start + one, start + one + len(needle)) for one in found)


def _whole(text: str, needle: str) -> list[int]:
    """Where `needle` begins, standing by itself."""
    if text.strip() == needle:
        return [text.index(needle)]
    if not needle or needle not in text:
        return []
    found = [match.start() for match in whole(needle).finditer(text)]
    marked = whole(_MODEL_IMAGE + needle)
    return sorted([*found, *(match.start() + len(_MODEL_IMAGE) for match in marked.finditer(text))])


def _region(text: str, inner: Sequence[str]) -> tuple[int, int, bool]:
    """The stretch that the first inner path leads to; whether it is the value itself and nothing around it."""
    if not inner:
        return 0, len(text), True
    line = _LINE.fullmatch(inner[0])
    if line is not None:
        start, end = _row(text, int(line[1]))
        return start, end, False
    leaf = _leaf(text, inner[0])
    if leaf is None:
        return 0, len(text), False
    return leaf[0], leaf[1], len(inner) == 1


def _row(text: str, number: int) -> Span:
    rows = text.split("\n")
    if not 0 < number <= len(rows):
        return 0, len(text)
    start = sum(len(row) + 1 for row in rows[: number - 1])
    return start, start + len(rows[number - 1])


def _leaf(text: str, path: str) -> Span | None:
    """The characters of the scalar at a path; None where the text does not parse as it stands (a template)."""
    steps = parse_path(path)
    try:
        documents: list[tuple[int, str]] = []
        at = 0
        for _, body in split_documents(text):
            at = text.index(body, at)
            documents.append((at, body))
            at += len(body)
        index = 0
        if len(documents) > 1 and steps and isinstance(steps[0], int):
            index, steps = steps[0], steps[1:]
        offset, body = documents[index]
        leaf = walk(compose(body), steps)
    except (DocumentError, IndexError, ValueError):
        return None
    return (offset + leaf.start, offset + leaf.end) if isinstance(leaf, Leaf) else None

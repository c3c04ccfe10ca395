"""A value as it is read and where its characters stand in the file: what an edit of exactly these characters needs.

YAML folds lines, cuts indents and reads escapes, so a value is a file's text in pieces: *runs*. A part of the value may
be edited where one run holds all of it. A text inside a value (JSON in a ConfigMap) has runs of the same kind.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.images.locate import Leaf

_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+)*")
_ROW: Final = re.compile(r"\S(?:[^\r\n]*\S)?")
_BLANK: Final = re.compile(r"\s*")
_IN_DOUBLE: Final = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|(\r?\n[ \t]*)|.)|\r?\n\s*", re.DOTALL
)
_IN_SINGLE: Final = re.compile(r"''|\r?\n\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """`length` characters that stand at `at` in the value and at `start` in the file."""

    at: int
    start: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A value; `runs` are sorted, what lies between them stands differently in the file, or not at all."""

    text: str
    runs: tuple[Run, ...]

    def place(self, begin: int, end: int) -> int:
        """Where a part of the value begins in the file, -1 where it does not stand there in one piece."""
        index = bisect_right(self.runs, begin, key=lambda run: run.at) - 1
        if index < 0:
            return -1
        run = self.runs[index]
        return run.start + begin - run.at if end <= run.at + run.length else -1

    def near(self, begin: int) -> int:
        """Where a part begins, or the nearest place before it that is known; for a line number."""
        index = max(bisect_right(self.runs, begin, key=lambda run: run.at) - 1, 0)
        if not self.runs:
            return -1
        run = self.runs[index]
        return run.start + min(max(begin - run.at, 0), max(run.length - 1, 0))

    def part(self, begin: int, end: int) -> Text:
        """The characters from `begin` to `end` as a text of their own."""
        return Text(self.text[begin:end], tuple(_shifted(self._over(begin, end), -begin)))

    def scalar(self, leaf: Leaf) -> Text:
        """A scalar of this text, read as YAML."""
        pieces = tuple(_pieces(self.text[leaf.start : leaf.end], leaf.text))
        runs = [
            Run(piece.at + inner.at - (leaf.start + piece.start), inner.start, inner.length)
            for piece in pieces
            for inner in self._over(leaf.start + piece.start, leaf.start + piece.start + piece.length)
        ]
        return Text(leaf.text, tuple(runs))

    def _over(self, begin: int, end: int) -> Iterator[Run]:
        """The parts of runs between two places of the value."""
        index = max(bisect_right(self.runs, begin, key=lambda run: run.at) - 1, 0)
        while index < len(self.runs) and self.runs[index].at < end:
            run = self.runs[index]
            first, last = max(run.at, begin), min(run.at + run.length, end)
            if first < last:
                yield Run(first, run.start + first - run.at, last - first)
            index += 1


def whole(text: str) -> Text:
    """A file's text as it is."""
    return Text(text, (Run(0, 0, len(text)),))


def _shifted(runs: Iterable[Run], by: int) -> Iterator[Run]:
    return (Run(run.at + by, run.start, run.length) for run in runs)


def properties(raw: str) -> str:
    """The anchor and the tag in front of a scalar."""
    match = _PROPERTIES.match(raw)
    return match[0] if match else ""


def _pieces(raw: str, value: str) -> Iterator[Run]:
    """The parts of a scalar's source that stand in its value as they are; up to the first one that does not fit."""
    begin = len(properties(raw))
    quote = raw[begin : begin + 1]
    if quote in {'"', "'"}:
        begin, end = begin + 1, len(raw) - 1
    else:
        end = len(raw)
    if raw[begin:end] == value:
        yield Run(0, begin, len(value))
    elif quote == '"':
        yield from _quoted(raw[:end], begin, value, _IN_DOUBLE)
    elif quote == "'":
        yield from _quoted(raw[:end], begin, value, _IN_SINGLE)
    elif quote in {"|", ">"}:
        yield from _rows(raw, raw.find("\n", begin) + 1 or len(raw), value)
    else:
        yield from _rows(raw, begin, value)


def _rows(raw: str, begin: int, value: str) -> Iterator[Run]:
    """The rows of a block scalar or a plain one: folding and cutting change only the white space around them."""
    at = 0
    for row in _ROW.finditer(raw, begin):
        at = _skipped(value, at)
        if not value.startswith(row[0], at):
            return
        yield Run(at, row.start(), len(row[0]))
        at += len(row[0])


def _quoted(raw: str, begin: int, value: str, marks: re.Pattern[str]) -> Iterator[Run]:
    """What stands between the escapes and line ends of a quoted scalar."""
    at = 0
    while begin < len(raw):
        mark = marks.search(raw, begin)
        folded = mark is not None and mark[0][0] in "\r\n"
        end = mark.start() if mark else len(raw)
        piece = raw[begin:end].rstrip(" \t") if folded else raw[begin:end]
        if not value.startswith(piece, at):
            return
        if piece:
            yield Run(at, begin, len(piece))
        at += len(piece)
        if mark is None:
            return
        if folded:
            at = _skipped(value, at)
        elif not (marks is _IN_DOUBLE and mark[1]):  # an escaped line end is nothing
            at += 1
        begin = mark.end()


def _skipped(value: str, at: int) -> int:
    match = _BLANK.match(value, at)
    return match.end() if match else at


class Rows:
    """Lines and columns of places in a file, from 1, in code points, a BOM not counted."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._bom = text.startswith("\ufeff")

    def place(self, at: int) -> tuple[int, int]:
        """The line and column of a character."""
        line = bisect_right(self._starts, max(at, 0))
        return line, max(at - self._starts[line - 1] + 1 - (self._bom and line == 1), 1)

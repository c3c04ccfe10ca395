"""Unified diffs that `git apply` takes: few known lines change, whatever bytes a file's lines end in.

No `diff --git` line: with one, git reads names from the top of the repository, without one from where it stands, and
MANIFESTS may be a folder of it.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from buildkit.pins.pin import Edit

_CONTEXT: Final = 3
_ESCAPES: Final = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_SPACE, _DELETE = 0x20, 0x7F
Change = tuple[int, int, list[str]]


def unified(path: str, before: str, ordered: Sequence[Edit]) -> str:
    """The patch of one file; `ordered` edits do not overlap. Empty where nothing changes."""
    old = _lines(before)
    hunks = list(_hunks(before, old, ordered))
    if not hunks:
        return ""
    return f"--- {_name('a/' + path)}\n+++ {_name('b/' + path)}\n" + "".join(hunks)


def _lines(text: str) -> list[str]:
    """Lines as git sees them: only a line feed ends one."""
    lines = text.split("\n")
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _hunks(before: str, old: Sequence[str], ordered: Sequence[Edit]) -> Iterator[str]:
    moved = 0
    for group in _groups(_changes(before, old, ordered)):
        first, last = max(group[0][0] - _CONTEXT, 0), min(group[-1][1] + _CONTEXT, len(old))
        rows: list[str] = []
        place, added = first, 0
        for begin, end, new in group:
            rows += [_row(" ", line) for line in old[place:begin]]
            rows += [_row("-", line) for line in old[begin:end]]
            rows += [_row("+", line) for line in new]
            added += len(new) - (end - begin)
            place = end
        rows += [_row(" ", line) for line in old[place:last]]
        yield f"@@ -{_range(first, last - first)} +{_range(first + moved, last - first + added)} @@\n" + "".join(rows)
        moved += added


def _changes(before: str, old: Sequence[str], ordered: Sequence[Edit]) -> Iterator[Change]:
    """Yield `(first, last, lines)`: what takes the place of the old lines from `first` up to `last`."""
    starts = list(accumulate(map(len, old), initial=0))
    for begin, end, edits in _touched(starts, ordered):
        place, text = starts[begin], ""
        for edit in edits:
            text += before[place : edit.start] + edit.new
            place = edit.end
        change = _trimmed(old, begin, end, _lines(text + before[place : starts[end]]))
        if change[0] < change[1] or change[2]:
            yield change


def _trimmed(old: Sequence[str], begin: int, end: int, new: list[str]) -> Change:
    """A change without the lines at its ends that stay."""
    while begin < end and new and old[begin] == new[0]:
        begin, new = begin + 1, new[1:]
    while begin < end and new and old[end - 1] == new[-1]:
        end, new = end - 1, new[:-1]
    return begin, end, new


def _touched(starts: Sequence[int], ordered: Sequence[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """Yield the lines that edits touch, and the one behind a line feed that goes; edits of the same lines together."""
    edits: list[Edit] = []
    begin = end = 0
    for edit in ordered:
        first = bisect_right(starts, edit.start, hi=len(starts) - 1) - 1
        last = min(bisect_right(starts, edit.end), len(starts) - 1)
        if edits and first < end:
            end = max(end, last)
        else:
            if edits:
                yield begin, end, edits
            edits, begin, end = [], max(first, 0), last
        edits.append(edit)
    if edits:
        yield begin, end, edits


def _groups(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Yield changes that share a hunk: what stands between them is context of both."""
    group: list[Change] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _row(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _range(first: int, count: int) -> str:
    """Lines as a hunk's head counts them: of none, the line before."""
    return f"{first + 1 if count else first},{count}"


def _name(path: str) -> str:
    """A name as git writes it: in quotes where it has marks or bytes beyond ASCII; a tab ends one with spaces."""
    raw = path.encode()
    if all(_SPACE <= byte < _DELETE and byte not in b'"\\' for byte in raw):
        return path + "\t" if " " in path else path
    return '"' + "".join(map(_escaped, raw)) + '"'


def _escaped(byte: int) -> str:
    if byte in _ESCAPES:
        return "\\" + _ESCAPES[byte]
    return chr(byte) if _SPACE <= byte < _DELETE else f"\\{byte:03o}"

"""Edits that let an architecture in: a list gets it or loses it, in its own style; a `nodeSelector` loses its key.

All of it is done in the characters of the file, so a text in a value is edited with the indent that it has there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Branch, Leaf
from buildkit.pins.texts import properties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.pins.pin import Edit
    from buildkit.pins.source import Source
    from buildkit.pins.texts import Text

IN_PIECES: Final = "the selector does not stand in the file as it is read (escaped, folded, or in an anchor)"
STYLE: Final = "the selector is written in a way that no line can be taken out of or put into"
EMPTY: Final = "nothing would be left of the list"
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+\Z")
_COMMA: Final = re.compile(r"\s*,\s*")
_END: Final = re.compile(r"(?:[ \t]+#[^\r\n]*|[ \t]*)(?=\r?\n|\Z)")
_CLOSE: Final = re.compile(r"\s*\}")
_MARGIN: Final = 200

Edits = tuple[tuple["Edit", ...], str | None]
Span = tuple[int, int]


def refused(why: str) -> Edits:
    """No edit, and why."""
    return (), why


def span(source: Source, text: Text, leaf: Leaf) -> Span | None:
    """Where a scalar stands in the file with its quotes; None where it does not as it is read, or has an anchor."""
    if leaf.end <= leaf.start or properties(text.text[leaf.start : leaf.end]):
        return None
    start = source.stands(text, leaf.start, leaf.end)
    return (start, start + leaf.end - leaf.start) if start >= 0 else None


def appended(source: Source, text: Text, values: Sequence[Leaf], new: Sequence[str]) -> Edits:
    """Put values at the end of a list."""
    spans = [span(source, text, leaf) for leaf in values]
    known = [one for one in spans if one]
    if not known or len(known) != len(spans):
        return (), IN_PIECES
    start, end = known[-1]
    quote = source.text[start] if source.text[start] in "'\"" else ""
    lead = source.text[_row(source, start) : start]
    if _ITEM.fullmatch(lead):
        at = _line_end(source, end)
        if at is None:
            return (), STYLE
        row_end = "\r\n" if source.text.startswith("\r\n", at) or source.text[:at].endswith("\r\n") else "\n"
        return (source.edit(at, at, "".join(f"{row_end}{lead}{quote}{one}{quote}" for one in new)),), None
    between = source.text[known[-2][1] : start] if len(known) > 1 else ", "
    after = source.text[end : end + 200].lstrip()[:1]
    if not _COMMA.fullmatch(between) or not after or after not in ",]":
        return (), STYLE
    return (source.edit(end, end, "".join(f"{between}{quote}{one}{quote}" for one in new)),), None


def taken(source: Source, text: Text, values: Sequence[Leaf], gone: Sequence[Leaf]) -> Edits:
    """Take values out of a list that keeps others."""
    if len(gone) >= len(values):
        return (), EMPTY
    edits: list[Edit] = []
    spans = [span(source, text, leaf) for leaf in values]
    for index, leaf in enumerate(values):
        if leaf not in gone:
            continue
        own, before = spans[index], spans[index - 1] if index else None
        after = spans[index + 1] if index + 1 < len(spans) else None
        cut = _cut(source, own, before, after) if own else None
        if cut is None:
            return (), STYLE if own else IN_PIECES
        edits.append(source.edit(*cut))
    if any(first.end > second.start for first, second in pairwise(edits)):
        return (), STYLE
    return tuple(edits), None


def _cut(source: Source, own: Span, before: Span | None, after: Span | None) -> Span | None:
    """The characters of one element of a list, with its line or its comma."""
    row = _row(source, own[0])
    if _ITEM.fullmatch(source.text[row : own[0]]):
        end = _line_end(source, own[1])
        return (row, _next_row(source, end)) if end is not None else None
    if after and _COMMA.fullmatch(source.text[own[1] : after[0]]):
        return own[0], after[0]
    if before and _COMMA.fullmatch(source.text[before[1] : own[0]]):
        return before[1], own[1]
    return None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Entry:
    """An entry of a mapping: `own_key` is the mapping's own key.

    `all_go` tells that every other entry goes too: then the first one takes the mapping's key along.
    """

    holder: Branch
    key: Leaf
    own_key: Leaf | None
    all_go: bool


def without_entry(source: Source, text: Text, entry: Entry) -> Edits:
    """Take an entry out of a mapping, and the mapping's own key where nothing else is in it."""
    holder = entry.holder
    index = next((index for index, one in enumerate(holder.keys) if one is entry.key), -1)
    value = holder.values[index]
    if index < 0 or not isinstance(value, Leaf):
        return (), IN_PIECES
    first, last = span(source, text, entry.key), span(source, text, value)
    if first is None or last is None or last[0] < first[1]:
        return (), IN_PIECES
    if entry.all_go and len(holder.keys) > 1 and _entry(source, first, last) is None:
        return (), STYLE  # between braces
    if entry.all_go and index == 0:
        own = span(source, text, entry.own_key) if entry.own_key else None
        cut = _with_key(source, own, first, last) or _between_braces(source, first, last)
    else:
        cut = _entry(source, first, last) or _inline(source, text, holder, index)
    return ((source.edit(*cut),), None) if cut else ((), STYLE)


def _entry(source: Source, first: Span, last: Span) -> Span | None:
    """The line of an entry in block style."""
    row, end = _row(source, first[0]), _line_end(source, last[1])
    blank = not source.text[row : first[0]].strip() and "\n" not in source.text[first[0] : last[1]]
    return (row, _next_row(source, end)) if blank and end is not None else None


def _inline(source: Source, text: Text, holder: Branch, index: int) -> Span | None:
    """An entry between braces, with one comma."""
    key, value = holder.keys[index], holder.values[index]
    first = span(source, text, key)
    last = span(source, text, value) if isinstance(value, Leaf) else None
    after = span(source, text, holder.keys[index + 1]) if index + 1 < len(holder.keys) else None
    previous = holder.values[index - 1] if index else None
    before = span(source, text, previous) if isinstance(previous, Leaf) else None
    if first and last and after and _COMMA.fullmatch(source.text[last[1] : after[0]]):
        return first[0], after[0]
    if first and last and before and _COMMA.fullmatch(source.text[before[1] : first[0]]):
        return before[1], last[1]
    return None


def _with_key(source: Source, own: Span | None, first: Span, last: Span) -> Span | None:
    """All of `nodeSelector:` where it has one entry: both lines, or the one that holds the braces."""
    if own is None:
        return None
    row = _row(source, own[0])
    if source.text[row : own[0]].strip():
        return None
    between = source.text[own[1] : first[0]]
    if "{" in between:
        close = _CLOSE.match(source.text, last[1])
        last = (last[0], close.end()) if close else last
        fits = close is not None and between.strip(" \t\r\n:") == "{"
    else:
        fits = between.strip() == ":" and between.count("\n") == 1
    end = _line_end(source, last[1])
    return (row, _next_row(source, end)) if fits and end is not None else None


def _between_braces(source: Source, first: Span, last: Span) -> Span | None:
    """The only entry between braces, which stay: an empty `nodeSelector` leaves nothing out."""
    before = source.text[max(0, first[0] - _MARGIN) : first[0]].rstrip()
    return (first[0], last[1]) if before.endswith("{") and _CLOSE.match(source.text, last[1]) else None


def _row(source: Source, at: int) -> int:
    """Where the row of a place begins, behind a BOM."""
    row = source.text.rfind("\n", 0, at) + 1
    return row + 1 if row == 0 and source.text.startswith("\ufeff") else row


def _line_end(source: Source, at: int) -> int | None:
    """Where the row ends, if only a comment follows."""
    match = _END.match(source.text, at)
    return match.end() if match else None


def _next_row(source: Source, at: int) -> int:
    if source.text.startswith("\r\n", at):
        return at + 2
    return at + 1 if source.text.startswith("\n", at) else at

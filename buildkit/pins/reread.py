"""Reading an edited file again: what an edit does not touch must read as before.

YAML's event stream, not its values, so that every document, key, anchor, tag and style counts. A value that an edit
lies in must read as the edit means; entries that an edit takes out, or puts in, are left aside; all else is the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.pins.pin import Edit

_HOLE: Final = ("left aside",)
Token = tuple[object, ...]
Span = tuple[int, int]


class RereadError(ValueError):
    """A file that would be read differently elsewhere; `line` (from 1) is where in the text as it was."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(message)
        self.line = line


def verify(before: str, after: str, edits: Sequence[Edit]) -> None:
    """Read both texts; `edits`, in order, are what makes one into the other.

    Raises:
        RereadError: more differs than the edits say, or it cannot be told.
    """
    first = _Reading(before)
    try:
        second = _Reading(after)
    except RereadError as error:
        line = before.count("\n", 0, edits[0].start) + 1 if edits else 1
        raise RereadError(f"the edit would leave {error}", line=line) from None
    narrow = [_narrowed(edit) for edit in edits]
    within = [edit for edit in narrow if first.holds(edit)]
    gone = [(edit.start, edit.end) for edit in narrow if edit not in within]
    come = [span for edit, span in zip(narrow, _afterwards(narrow), strict=True) if edit not in within]
    left, right = first.tokens(gone, within), second.tokens(come, ())
    for (one, line), (other, _) in zip(left, right, strict=False):
        if one != other:
            raise RereadError("the edit would change how this is read", line=line)
    if len(left) != len(right):
        raise RereadError("the edit would change how the end of the file is read", line=before.count("\n") + 1)


def _narrowed(edit: Edit) -> Edit:
    """An edit that only adds, without what it adds to."""
    if not edit.new.startswith(edit.old):
        return edit
    return replace(edit, start=edit.end, old="", new=edit.new.removeprefix(edit.old))


def _afterwards(edits: Sequence[Edit]) -> Iterator[Span]:
    """Where what was put in stands."""
    moved = 0
    for edit in edits:
        start = edit.start + moved
        yield start, start + len(edit.new)
        moved += len(edit.new) - len(edit.old)


@dataclass(slots=True)
class _Open:
    """A collection being read: where its tokens begin, its children so far and how many of them stayed.

    `kept`: its brackets stay, whatever goes from between them.
    """

    is_map: bool
    begin: int
    line: int
    kept: bool = False
    children: int = 0
    stayed: int = 0
    key_stayed: bool = False


class _Reading:
    """The events of one text, and where they stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 1 if text.startswith("\ufeff") else 0
        try:
            self.events: list[yaml.Event] = list(yaml.parse(text[self.offset :], Loader=yaml.CSafeLoader))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark is not None else 1
            raise RereadError(f"no YAML: {getattr(error, 'problem', None) or 'cannot be read'}", line=line) from None
        self.scalars = [self._span(event) for event in self.events if isinstance(event, yaml.ScalarEvent)]

    def holds(self, edit: Edit) -> bool:
        """Tell whether the edit lies in one scalar; what only adds, between its first character and its last."""
        index = bisect_right(self.scalars, edit.start, key=lambda span: span[0]) - 1
        if index < 0 or edit.end > self.scalars[index][1]:
            return False
        return bool(edit.old) or self.scalars[index][0] < edit.start < self.scalars[index][1]

    def tokens(self, aside: Sequence[Span], within: Sequence[Edit]) -> list[tuple[Token, int]]:
        """Give what is read, each with its line, without what lies in `aside`, with the edits `within` carried out."""
        found: list[tuple[Token, int]] = []
        stack = [_Open(is_map=False, begin=0, line=1)]
        for event in self.events:
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.CollectionStartEvent):
                is_map = isinstance(event, yaml.MappingStartEvent)
                kept = bool(event.flow_style) and not _lies_in(self._span(event), aside)
                stack.append(_Open(is_map=is_map, begin=len(found), line=line, kept=kept))
                found.append(((type(event), event.anchor, event.tag, event.flow_style), line))
            elif isinstance(event, yaml.CollectionEndEvent):
                done = stack.pop()
                stays = bool(done.stayed) or done.kept or not done.children
                if not stays:
                    del found[done.begin :]
                else:
                    found.append(((type(event),), done.line))
                _count(stack[-1], found, done.line, stays=stays)
            elif isinstance(event, yaml.ScalarEvent):
                stays = not _lies_in(self._span(event), aside)
                if stays:
                    found.append((self._scalar(event, within, line), line))
                _count(stack[-1], found, line, stays=stays)
            elif isinstance(event, yaml.AliasEvent):
                found.append(((type(event), event.anchor), line))
                _count(stack[-1], found, line, stays=True)
            elif isinstance(event, yaml.DocumentStartEvent | yaml.DocumentEndEvent):
                found.append(((type(event), event.explicit), line))
        return found

    def _span(self, event: yaml.Event) -> Span:
        if event.start_mark is None or event.end_mark is None:
            raise AssertionError  # libyaml marks every event
        return event.start_mark.index + self.offset, event.end_mark.index + self.offset

    def _scalar(self, event: yaml.ScalarEvent, edits: Sequence[Edit], line: int) -> Token:
        start, end = self._span(event)
        first = bisect_left(edits, start, key=lambda edit: edit.start)
        last = bisect_left(edits, end, key=lambda edit: edit.start)
        value = _as_edited(self.text[start:end], event, edits[first:last], start)
        if value is None:
            raise RereadError("what the edit does to this value cannot be told", line=line)
        return type(event), event.anchor, event.tag, event.implicit, event.style, value


def _count(top: _Open, found: list[tuple[Token, int]], line: int, *, stays: bool) -> None:
    """Note a child; half an entry that was left aside leaves a hole, so that it cannot pass for none."""
    is_value = top.is_map and top.children % 2 == 1
    top.children += 1
    top.stayed += stays
    if is_value and stays != top.key_stayed:
        found.append((_HOLE, line))
        top.stayed += 1
    top.key_stayed = stays


def _lies_in(span: Span, aside: Sequence[Span]) -> bool:
    """Whether a scalar lies in what is left aside; an empty one, which stands behind its key, not at its start."""
    index = bisect_right(aside, span[0], key=lambda one: one[0]) - 1
    if index < 0 or span[1] > aside[index][1]:
        return False
    return span[0] < span[1] or span[0] > aside[index][0]


def _as_edited(source: str, event: yaml.ScalarEvent, edits: Sequence[Edit], start: int) -> str | None:
    """The value with edits carried out on it; None where it cannot be told."""
    if event.style == "|" and any(not edit.old or "\n" in edit.old + edit.new for edit in edits):
        return _rows_as_edited(source, event.value, edits, start)
    value: str = event.value
    if any(not edit.old or source.count(edit.old) != value.count(edit.old) for edit in edits):
        return None
    for edit in reversed(edits):
        pieces, before = value.split(edit.old), source.count(edit.old, 0, edit.start - start) + 1
        value = edit.old.join(pieces[:before]) + edit.new + edit.old.join(pieces[before:])
    return value


def _rows_as_edited(source: str, value: str, edits: Sequence[Edit], start: int) -> str | None:
    """The same of a literal block, whose rows come and go: its rows are the value's, behind the indent of the first."""
    ends = value[len(value.rstrip("\n")) :]
    indent = _indent_of(source, value)
    if indent is None or _dedented(source, indent) != value.rstrip("\n"):
        return None
    for edit in reversed(edits):
        source = source[: edit.start - start] + edit.new + source[edit.end - start :]
    changed = _dedented(source, indent)
    return None if changed is None else changed + ends


def _indent_of(source: str, value: str) -> int | None:
    """How deep a block is indented: what stands before its first row that is not blank."""
    rows = zip(source.splitlines()[1:], value.split("\n"), strict=False)
    return next((len(row) - len(text) for row, text in rows if text.strip() and row.endswith(text)), None)


def _dedented(source: str, indent: int) -> str | None:
    """A block's rows without their indent; None where one that is not blank has less."""
    rows = source.replace("\r\n", "\n").split("\n")[1:]
    if any(row[:indent].strip() for row in rows):
        return None
    return "\n".join(row[indent:] for row in rows).rstrip("\n")

"""Edits put into a file's text: only the characters they name change, and nothing else may read differently after."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from buildkit.images.graph import FILE_NAMES
from buildkit.pins.reread import RereadError, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.pins.pin import Edit

_YAML: Final = frozenset({".yaml", ".yml", ".json"})


class EditError(ValueError):
    """Edits that cannot be put in, or would change more than they say; `line` (from 1) is where."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(message)
        self.line = line


def apply_edits(path: str, text: str, edits: Iterable[Edit]) -> str:
    """A file's text with edits put in; `text` is as on disk, BOM and line ends included.

    Raises:
        EditError: edits overlap, what they replace is not there, or the file would read differently elsewhere.
    """
    ordered = order_edits(text, edits)
    after = put_in(text, ordered)
    if posixpath.basename(path) in FILE_NAMES or posixpath.splitext(path)[1].lower() in _YAML:
        try:
            verify(text, after, ordered)
        except RereadError as error:
            raise EditError(str(error), line=error.line) from None
    return after


def order_edits(text: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits by place, equal ones once.

    Raises:
        EditError: they overlap, or what they replace is not there.
    """
    ordered = sorted(set(edits))
    for index, edit in enumerate(ordered):
        if not 0 <= edit.start <= edit.end <= len(text) or text[edit.start : edit.end] != edit.old:
            raise EditError(f"{edit.old!r} is not there", line=_line(text, edit.start))
        if index and overlap(ordered[index - 1], edit):
            raise EditError("two edits want the same characters", line=_line(text, edit.start))
    return tuple(ordered)


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits, in order, touch the same characters, or the same place without order between them."""
    return other.start < one.end or other.start == one.start


def put_in(text: str, ordered: Sequence[Edit]) -> str:
    """The text with edits that are in order and do not overlap."""
    pieces: list[str] = []
    place = 0
    for edit in ordered:
        pieces += (text[place : edit.start], edit.new)
        place = edit.end
    return "".join((*pieces, text[place:]))


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, max(place, 0)) + 1

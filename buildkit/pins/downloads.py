"""Scripts and download URLs with an architecture in them: told, never edited, since no rule says what else there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.pins.architectures import WORD, holds_word
from buildkit.pins.find import comment_in
from buildkit.pins.pin import Tie
from buildkit.pins.structures import Document, Lines, inner, is_structured, spots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.pins.source import Source
    from buildkit.pins.texts import Text

_MOST: Final = 50  # of one file
_LONGEST: Final = 4096
_ROW: Final = re.compile(r"[^\n]+")
_URL: Final = re.compile(r"https?://[^\s\"'<>`|;)]{1,2000}")
_FETCH: Final = re.compile(r"\b(?:curl|wget)\b")
_TOKEN: Final = re.compile(r"[^\s\"'`;|&()<>=]+")


def find_downloads(source: Source) -> tuple[Tie, ...]:
    """The first of them in a file; a variable (`${ARCH}`) ties nothing."""
    found: dict[tuple[int, str], Tie] = {}
    for part in source.parts(holds_word) if source.taken else ():
        for tie in _in_part(source, part):
            found.setdefault((tie.start if tie.start >= 0 else -tie.line, tie.value), tie)
            if len(found) >= _MOST:
                return tuple(found.values())
    return tuple(found.values())


def _in_part(source: Source, part: Document | Lines) -> Iterator[Tie]:
    if isinstance(part, Lines):
        yield from _in_rows(source, part.text, sample=part.around.example)
        return
    for spot in spots(part):
        if holds_word(spot.leaf.text):
            text = spot.text()
            if is_structured(text.text):
                for one in inner(spot, text, holds_word):
                    yield from _in_part(source, one)
            else:
                yield from _in_rows(source, text, sample=spot.example)


def _in_rows(source: Source, text: Text, *, sample: bool) -> Iterator[Tie]:
    for row in _ROW.finditer(text.text):
        if len(row[0]) > _LONGEST or not holds_word(row[0]):
            continue
        end = row.start() + comment_in(row[0])
        urls = [one for one in _URL.finditer(text.text, row.start(), end) if WORD.search(one[0])]
        if not urls and _FETCH.search(text.text, row.start(), end):
            urls = [one for one in _TOKEN.finditer(text.text, row.start(), end) if WORD.search(one[0])]
        for one in urls:
            start = source.stands(text, one.start(), one.end())
            line, column = source.rows.place(start if start >= 0 else text.near(one.start()))
            yield Tie(
                kind="text",
                value=one[0],
                file=source.file,
                line=line,
                column=column,
                start=start,
                sample=sample,
            )

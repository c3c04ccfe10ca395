"""Digests: everywhere in a file where one stands beside a reference, with what takes it away.

`name:tag@sha256:…` is read from the text alone. A digest that is a value of its own (`digest:` of an `images:` entry,
split keys, variables) needs what stands around it, or a use that the render shows; one that has neither is a checksum.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.model.reference import Reference, ReferenceError, is_digest, is_tag, parse_reference  # noqa: A004
from buildkit.pins import strip
from buildkit.pins.beside import references_beside
from buildkit.pins.pin import Tie
from buildkit.pins.structures import (
    Document,
    Lines,
    Spot,
    inner,
    is_object,
    is_structured,
    spots,
    versions_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.pins.source import Source
    from buildkit.pins.texts import Text

IN_PIECES: Final = "these characters do not stand in one piece in the file (folded, escaped, or put together)"
TEMPLATE: Final = "a template stands inside the reference"
_DIGEST: Final = re.compile(r"sha(?:256|384|512):[0-9a-f]{64,128}(?![0-9A-Za-z])")
_NAME: Final = re.compile(r"[A-Za-z0-9._:/\[\]-]*\Z")
_ROW: Final = re.compile(r"[^\n]+")
_COMMENT: Final = re.compile(r"\s*(?:#|//|;)")
# An apostrophe inside a word (`don't`) opens no quotes.
_OPEN: Final = re.compile(r"""(?:[^'"]|(?<=\w)'|'[^']*'|"[^"]*")*+(?!\Z)""")
_LONGEST: Final = 400  # of a reference without its digest; names end at 255
_TEMPLATED: Final = "})$%>"


def holds_digest(text: str) -> bool:
    """Whether a text may hold a digest."""
    return "sha256:" in text or "sha512:" in text or "sha384:" in text


def find_digests(source: Source) -> tuple[Tie, ...]:
    """Every digest of a file that may be a reference's; those whose reference is not told by the text have none."""
    return tuple(tie for part in source.parts(holds_digest) for tie in _in_part(source, part))


def _in_part(source: Source, part: Document | Lines) -> Iterator[Tie]:
    if isinstance(part, Lines):
        if source.taken or part.around.depth:
            yield from _in_rows(source, part)
    elif source.taken or part.around.depth or is_object(part):
        for spot in spots(part):
            if holds_digest(spot.leaf.text):
                yield from _in_spot(source, spot)


def _in_spot(source: Source, spot: Spot) -> Iterator[Tie]:
    text = spot.text()
    if is_structured(text.text):
        for part in inner(spot, text, holds_digest):
            yield from _in_part(source, part)
        return
    for match in _DIGEST.finditer(text.text):
        if is_digest(match[0]):
            tie = _written(source, text, match, spot.example)
            tie = tie or _alone(source, text, match, spot)
            yield _hinted(tie, versions_of(spot.object))


def _in_rows(source: Source, part: Lines) -> Iterator[Tie]:
    """Digests of a text that is no structure; comments do not count."""
    for row in _ROW.finditer(part.text.text):
        end = row.start() + (comment_in(row[0]) if holds_digest(row[0]) else 0)
        for match in _DIGEST.finditer(part.text.text, row.start(), end):
            if is_digest(match[0]):
                tie = _written(source, part.text, match, part.around.example)
                tie = tie or _tie(source, part.text, match, None, sample=part.around.example)
                yield _hinted(tie, versions_of(part.around.object))


def comment_in(row: str) -> int:
    """Where a comment begins in a row: at its start, or with a `#` after a blank, outside quotes; else its end."""
    if _COMMENT.match(row):
        return 0
    at = min((at for at in (row.find(" #"), row.find("\t#")) if at >= 0), default=len(row))
    return len(row) if at < len(row) and _OPEN.match(row[:at]) else at


def _written(source: Source, text: Text, match: re.Match[str], sample: bool) -> Tie | None:  # noqa: FBT001
    """The tie of `name[:tag]@digest`; None where no name stands before the digest."""
    at = match.start() - 1
    if at < 0 or text.text[at] != "@":
        return None
    name = _NAME.search(text.text, max(at - _LONGEST, 0), at)
    begin = name.start() if name else at
    before = text.text[max(begin - 1, 0) : begin]
    if before and before in _TEMPLATED:
        return replace(_tie(source, text, match, None, sample=sample), blocked=TEMPLATE, strip_why=TEMPLATE)
    reference = _parsed(text.text[begin:at], match[0])
    if reference is None:
        return None
    start = source.stands(text, at, match.end())
    edits = (source.edit(start, start + match.end() - at),) if reference.tag and start >= 0 else ()
    why = None if edits else strip.NO_TAG if not reference.tag else IN_PIECES
    tie = _tie(source, text, match, reference, sample=sample)
    return replace(tie, strip=edits, strip_why=why)


def _parsed(name: str, digest: str) -> Reference | None:
    """The reference at the end of what stands before a digest: `docker://a/b:1`, `image:registry.io/a/b`."""
    for _ in range(4):
        try:
            return parse_reference(f"{name}@{digest}")
        except ReferenceError:
            _, colon, name = name.partition(":")
            name = name.lstrip("/")
            if not colon:
                return None
    return None


def _alone(source: Source, text: Text, match: re.Match[str], spot: Spot) -> Tie:
    """The tie of a digest that is a value of its own, with the reference that the keys around it make."""
    entry = strip.entry_of(source, spot, "digest")
    reference = strip.named_by(entry, match[0]) if entry is not None else _around(source, spot, match[0])
    tie = _tie(source, text, match, reference, sample=spot.example)
    if entry is not None:
        edits, why = strip.without_digest(source, spot, entry)
        return replace(tie, strip=edits, strip_why=why)
    return replace(tie, strip_why=strip.ALONE)


def _around(source: Source, spot: Spot, digest: str) -> Reference | None:
    """The reference that the keys beside a digest make with it; None where they make several or none."""
    found = references_beside(spot, source.judge) if spot.leaf.text.strip() == digest else ()
    return found[0] if len({one.repository_name for one in found}) == 1 else None


def _tie(source: Source, text: Text, match: re.Match[str], reference: Reference | None, *, sample: bool) -> Tie:
    start = source.stands(text, match.start(), match.end())
    line, column = source.rows.place(start if start >= 0 else text.near(match.start()))
    return Tie(
        kind="digest",
        value=match[0],
        file=source.file,
        line=line,
        column=column,
        start=start,
        reference=reference,
        hints=(reference.tag,) if reference and reference.tag else (),
        blocked=IN_PIECES if start < 0 else None,
        sample=sample,
    )


def _hinted(tie: Tie, more: tuple[str, ...]) -> Tie:
    return replace(tie, hints=tuple(dict.fromkeys((*tie.hints, *(one for one in more if is_tag(one))))))

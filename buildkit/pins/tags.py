"""Tags and repository names with an architecture in them, where a reference or a piece of one stands.

A reference written in one piece counts by itself where it is evident or its key says image; everything else needs a use
that the render shows: `sure` tells the two apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.images import names
from buildkit.images.candidates import Candidate, Strength
from buildkit.images.locate import Branch, Leaf, leaf_text
from buildkit.model.reference import DOCKER_HUB, Reference, is_tag
from buildkit.pins import strip
from buildkit.pins.architectures import holds_word, untie, untied
from buildkit.pins.beside import references_beside
from buildkit.pins.find import IN_PIECES, comment_in
from buildkit.pins.pin import Edit, Tie
from buildkit.pins.structures import Document, Lines, Spot, inner, is_object, is_structured, spots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.pins.source import Source
    from buildkit.pins.texts import Text

_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_ROW: Final = re.compile(r"[^\n]+")
# Numbers, dates and words that YAML's readers take for something else than text; a few more do no harm.
_NO_TEXT: Final = re.compile(r"[0-9.][0-9A-Fa-fox._:+-]*|true|false|yes|no|on|off|y|n|null|nan|inf", re.IGNORECASE)
_LONGEST: Final = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class TagTie:
    """A tie, and whether it is one without a use that names its reference."""

    tie: Tie
    sure: bool


def find_tags(source: Source) -> tuple[TagTie, ...]:
    """Every tag and repository name of a file with an architecture in it; none where a digest decides."""
    return tuple(one for part in source.parts(holds_word) for one in _in_part(source, part))


def _in_part(source: Source, part: Document | Lines) -> Iterator[TagTie]:
    if isinstance(part, Lines):
        if source.taken or part.around.depth:
            for row in _ROW.finditer(part.text.text):
                if holds_word(row[0]):
                    span = (row.start(), row.start() + comment_in(row[0]))
                    yield from _in_text(source, part.text, span, None, part.around.example)
    elif source.taken or part.around.depth or is_object(part):
        for spot in spots(part):
            if holds_word(spot.leaf.text):
                yield from _in_spot(source, spot)


def _in_spot(source: Source, spot: Spot) -> Iterator[TagTie]:
    text = spot.text()
    if is_structured(text.text):
        for part in inner(spot, text, holds_word):
            yield from _in_part(source, part)
        return
    entry = strip.entry_of(source, spot, "newTag", "newName", "name")
    if entry is not None:
        yield from _in_entry(source, spot, text, entry)
        return
    key = spot.key.text if spot.key else None
    found = list(_pieces(source, spot, text)) or list(_in_text(source, text, (0, len(text.text)), key, spot.example))
    for one in found or _lone(source, spot, text):
        yield replace(one, tie=_quoted(spot, one.tie))


def _in_text(
    source: Source,
    text: Text,
    span: tuple[int, int],
    key: str | None,
    example: bool,  # noqa: FBT001
) -> Iterator[TagTie]:
    """References written in one piece; `key` is what the value stands under."""
    for match in _TOKEN.finditer(text.text, *span):
        token = match[0].rstrip(".:/-")
        if not holds_word(token) or len(token) > _LONGEST or "://" in token or "@" in token:
            continue
        before = text.text[max(match.start() - 3, 0) : match.start()]
        candidate = source.judge.read(token)
        if candidate is not None and before != "://" and not before.endswith(("/", "$", "}", ")", "%", "+")):
            whole = (match.start(), match.start() + len(token)) == (span[0], span[1])
            said = key if whole else _key_before(text.text[span[0] : match.start()])
            tie = _tie(source, text, match.start(), candidate.reference, token)
            if tie is not None:
                yield TagTie(tie=replace(tie, sample=example), sure=_counts(candidate, said))


def _key_before(before: str) -> str | None:
    """The name that a value follows: `--image=`, `image: `."""
    match = re.search(r"([A-Za-z][\w.-]{0,100})[\"']?\s?[=:]\s?[\"']?\Z", before[-120:])
    return match[1] if match else None


def _counts(candidate: Candidate, key: str | None) -> bool:
    said = names.says(key) if key else names.Says.NOTHING
    if candidate.evident:
        return True
    if said in {names.Says.IMAGE, names.Says.IMAGES}:
        return True
    return said is names.Says.MAYBE and candidate.strength >= Strength.FULL


def _tie(source: Source, text: Text, at: int, reference: Reference, written: str) -> Tie | None:
    """The tie of a reference that begins at a place of a value as it is written."""
    name, tag = _split(written)
    host = f"{reference.registry}/"
    path = name.removeprefix(host)
    found = untie(path, tag or None)
    if found is None:
        return None
    path_at, tag_at = at + len(name) - len(path), at + len(name) + 1
    parts = [(path_at, path, found.path)] if found.path_tied else []
    parts += [(tag_at, tag, found.tag)] if found.tag_tied else []
    return made(source, text, reference, tuple(parts))


def _split(written: str) -> tuple[str, str]:
    slash = written.rfind("/")
    colon = written.find(":", slash + 1)
    return (written[:colon], written[colon + 1 :]) if colon >= 0 else (written, "")


def made(
    source: Source, text: Text, reference: Reference | None, parts: tuple[tuple[int, str, str | None], ...]
) -> Tie:
    """A tie of the places, texts and new texts that hold an architecture; the first one gives its value."""
    places = [source.stands(text, at, at + len(old)) for at, old, _ in parts]
    whole = all(start >= 0 for start in places) and all(new for _, _, new in parts)
    edits: tuple[Edit, ...] = ()
    if whole:
        edits = tuple(
            source.edit(start, start + len(old), new or "") for start, (_, old, new) in zip(places, parts, strict=True)
        )
    start, (at, value, _) = places[0], parts[0]
    line, column = source.rows.place(start if start >= 0 else text.near(at))
    tie = Tie(
        kind="tag",
        value=value,
        file=source.file,
        line=line,
        column=column,
        start=start,
        reference=reference,
        edits=edits,
        blocked=IN_PIECES if min(places) < 0 else None,
    )
    return with_untied(tie)


def with_untied(tie: Tie) -> Tie:
    """The tie with the reference that its edits make of the one it has."""
    reference = tie.reference
    if reference is None or len(tie.edits) != 1:
        return replace(tie, untied=untied(reference) if reference else None)
    new = tie.edits[0].new.strip('"')
    if tie.value == reference.tag:
        return replace(tie, untied=replace(reference, tag=new))
    path = reference.repository.removesuffix(tie.value) + new
    official = reference.registry == DOCKER_HUB and "/" not in path
    return replace(tie, untied=replace(reference, repository=f"library/{path}" if official else path))


def _quoted(spot: Spot, tie: Tie) -> Tie:
    """A tag without its architecture may read as a number, and then needs quotes: `1.10-amd64`, `12_amd64`."""
    raw = spot.document.text.text[spot.leaf.start : spot.leaf.end]
    if len(tie.edits) != 1 or raw != tie.value or not _NO_TEXT.fullmatch(tie.edits[0].new):
        return tie
    return replace(tie, edits=(replace(tie.edits[0], new=f'"{tie.edits[0].new}"'),))


def _in_entry(source: Source, spot: Spot, text: Text, entry: Branch) -> Iterator[TagTie]:
    """`newTag` and `newName` of an `images:` entry; its `name` is what it looks for."""
    if spot.path[-1] == "name" or leaf_text(entry, "digest"):
        return
    name, tag = leaf_text(entry, "newName") or leaf_text(entry, "name") or "", leaf_text(entry, "newTag")
    candidate = source.judge.read(name + (f":{tag}" if tag else ""))
    reference = candidate.reference if candidate else None
    found = untie(reference.repository, reference.tag) if reference else None
    both = found is not None and found.tag_tied and found.path_tied and entry.get("newName") is not None
    if both and spot.path[-1] == "newTag":
        return  # told with the name
    tie = _alone(source, text, reference)
    if tie is None:
        return
    tie = _quoted(spot, replace(tie, sample=spot.example))
    yield TagTie(tie=_with_tag(source, spot, tie, entry) if both else tie, sure=reference is not None)


def _with_tag(source: Source, spot: Spot, tie: Tie, entry: Branch) -> Tie:
    """The tie of a `newName` that goes with its `newTag`: neither without the other need be at the registry."""
    leaf = entry.get("newTag")
    beside = replace(spot, leaf=leaf) if isinstance(leaf, Leaf) else None
    tag = _alone(source, beside.text(), tie.reference) if beside else None
    if beside is None or tag is None:
        return replace(tie, edits=(), blocked=IN_PIECES)
    tag = _quoted(beside, tag)
    edits = (*tie.edits, *tag.edits) if tie.edits and tag.edits else ()
    return with_untied(replace(tie, edits=edits, blocked=tie.blocked or tag.blocked))


def _alone(source: Source, text: Text, reference: Reference | None) -> Tie | None:
    """The tie of a value that is only a tag, or only a name."""
    value = text.text.strip()
    at = text.text.find(value)
    if reference is not None and value == reference.tag:
        found = untie("", value)
        return made(source, text, reference, ((at, value, found.tag),)) if found else None
    if reference is not None:
        tag = _split(value)[1]
        return _tie(source, text, at, reference, value) if not tag or tag == reference.tag else None
    found = untie("", value) if is_tag(value) else None
    return made(source, text, None, ((at, value, found.tag),)) if found and found.tag_tied else None


def _pieces(source: Source, spot: Spot, text: Text) -> Iterator[TagTie]:
    """A tag or a name that makes a reference with the keys beside it."""
    if not spot.holder.is_map:
        return
    found = references_beside(spot, source.judge)
    if found and not found[0].digest:
        tie = _alone(source, text, found[0])
        if tie is not None:
            yield TagTie(tie=replace(tie, sample=spot.example), sure=True)


def _lone(source: Source, spot: Spot, text: Text) -> Iterator[TagTie]:
    """A value that may be a tag, if a use says so."""
    tie = _alone(source, text, None)
    if tie is not None:
        yield TagTie(tie=replace(tie, sample=spot.example), sure=False)

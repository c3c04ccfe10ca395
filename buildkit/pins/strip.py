"""Taking a digest away where it is a value of its own: the key goes, where what is left is provably right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Branch, Leaf, leaf_text
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004
from buildkit.pins.texts import properties

if TYPE_CHECKING:
    from buildkit.pins.pin import Edit
    from buildkit.pins.source import Source
    from buildkit.pins.structures import Spot

NO_TAG: Final = "no tag stands beside the digest: without it nothing would say which version is meant"
ALONE: Final = "the digest is a value of its own: what an empty one means is decided by what reads it"
_SHARED: Final = "an anchor stands on the digest or its key, and others may use it"
_STYLE: Final = "the entry is written in a way that a line cannot be taken out of"
_ENTRIES: Final = frozenset({"images", "imageTags"})
_DEPTH: Final = 3
_COMMENT: Final = re.compile(r"[ \t]+#[^\r\n]*|[ \t]*")
_COMMA: Final = re.compile(r"\s*,\s*")

Stripped = tuple[tuple["Edit", ...], str | None]


def entry_of(source: Source, spot: Spot, *keys: str) -> Branch | None:
    """The entry of a kustomization's `images:` in which a value stands under one of the keys."""
    path = spot.path
    fits = len(path) == _DEPTH and path[0] in _ENTRIES and isinstance(path[1], int) and path[2] in keys
    return spot.holder if fits and source.is_kustomization and not spot.document.around.depth else None


def named_by(entry: Branch, digest: str) -> Reference | None:
    """The reference that an `images:` entry gives."""
    name, tag = leaf_text(entry, "newName") or leaf_text(entry, "name") or "", leaf_text(entry, "newTag")
    try:
        return parse_reference(name + (f":{tag}" if tag else "") + f"@{digest}")
    except ReferenceError:
        return None


def without_digest(source: Source, spot: Spot, entry: Branch) -> Stripped:
    """What takes `digest` out of an entry that has a tag too."""
    if not leaf_text(entry, "newTag"):
        return (), NO_TAG
    key = next((one for one in entry.keys if one is spot.key), None)
    if key is None:
        return (), _SHARED  # a merge key brings it in
    text = spot.document.text
    if any(properties(text.text[one.start : one.end]) for one in (key, spot.leaf)) or spot.leaf.start < key.end:
        return (), _SHARED
    cut = _cut(text.text, entry, key, spot.leaf)
    if cut is None:
        return (), _STYLE
    start = text.place(*cut)
    return ((source.edit(start, start + cut[1] - cut[0]),), None) if start >= 0 else ((), _STYLE)


def _cut(text: str, entry: Branch, key: Leaf, value: Leaf) -> tuple[int, int] | None:
    """The characters to take out, with the line where the key has one for itself."""
    if "\n" in text[key.start : value.end]:
        return None
    index = entry.keys.index(key)
    first = text.rfind("\n", 0, key.start) + 1
    lead = text[first : key.start]
    if not lead.strip():
        return _line(text, first, value.end)
    following = entry.keys[index + 1] if index + 1 < len(entry.keys) else None
    previous = entry.values[index - 1] if index else None
    if following is not None:
        between = text[value.end : following.start]
        if _COMMA.fullmatch(between) or (lead.strip() == "-" and not between.strip()):
            return key.start, following.start
    if isinstance(previous, Leaf) and _COMMA.fullmatch(text[previous.end : key.start]):
        return previous.end, value.end
    return None


def _line(text: str, first: int, end: int) -> tuple[int, int] | None:
    """The whole line, where nothing but a comment follows on it; in JSON and flow style the comma goes along."""
    match = _COMMENT.match(text, end)
    end = match.end() if match else end
    if text.startswith("\r\n", end):
        return first, end + 2
    if text.startswith("\n", end):
        return first, end + 1
    return (first, end) if end == len(text) else None

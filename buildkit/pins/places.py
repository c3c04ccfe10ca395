"""Where a pin's characters stand in a value: in a reference, or under a key of their own.

A render may copy a value elsewhere (replacements, vars). A copy that completes a reference is still the image; a copy
in a label, a selector or a field of another name is something else, which nobody asked to change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_KEY: Final = re.compile(r"([A-Za-z_][\w./-]*)[\"']?\s*[:=]\s*(?:[&!]\S*\s+)*[\"']?\Z")
_RUN: Final = re.compile(r"[A-Za-z0-9._/:@-]*\Z")
_JOINED: Final = re.compile(r"[A-Za-z0-9]@?[@:/]\Z")
_JOINS: Final = re.compile(r"[@:/][A-Za-z0-9]")
_LAST: Final = re.compile(r'(?:\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|(?P<plain>[A-Za-z0-9_-]+))(?:\[\d+\])*\Z')
_METADATA: Final = re.compile(
    r'(?:.*\.)?(?:metadata(?:[.\[].*)?|(?:labels|annotations|matchLabels|labelSelector)[.\["].*)|(?:.*\.)?selector[.\[].*'
)
_HOLDER: Final = re.compile(r"\b(?:labels|annotations|commonLabels|commonAnnotations|matchLabels|selector|pairs)\b")
_OPERATION: Final = re.compile(r"\bpath[\"']?:\s*[\"']?\S*/(?:labels|annotations|selector)\b")
# Keys under which a value stands whose real name stands beside it: entries of an environment, operations of patches.
_NAMELESS: Final = frozenset({"value", "path"})
_LONGEST: Final = 400
_ROWS: Final = 3
_MOST_ROWS: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """Where characters stand in a source file.

    Attributes:
        key: what they stand under, empty where the row does not tell.
        in_metadata: among labels, annotations or selectors.
    """

    key: str = ""
    in_metadata: bool = False


def place_of(text: str, at: int) -> Place:
    """The place of what begins at a character of a source file."""
    key = _key_before(text, at)
    return Place(key="" if key in _NAMELESS else key, in_metadata=_among_metadata(text, at))


def fits(place: Place, path: str, value: str, begin: int, end: int) -> bool:
    """Whether part of a rendered value is what stands at a place of a source, or completes a reference."""
    if _METADATA.fullmatch(path):
        return place.in_metadata and place.key in {"", _key_in(path, value, begin)}
    if not place.key or place.key == _key_in(path, value, begin):
        return True
    return _in_reference(value, begin, end)


def _in_reference(value: str, begin: int, end: int) -> bool:
    """Whether more of a reference stands beside it, or in it."""
    before, after = value[max(begin - 2, 0) : begin], value[end : end + 2]
    joined = _JOINED.search(before) or _JOINS.match(after)
    return bool(joined) or "/" in value[begin:end] or (value[begin] == "@" and before[-1:].isalnum())


def _key_in(path: str, value: str, begin: int) -> str:
    """The key before a part of a value; where the value begins with it, the value's own."""
    if not _before(value, begin).strip("\"' ") and "\n" not in value[:begin]:
        last = _LAST.search(path)
        return (last["quoted"] or last["plain"] or "").replace('\\"', '"') if last else ""
    return _key_before(value, begin)


def _key_before(text: str, at: int) -> str:
    match = _KEY.search(_before(text, at))
    return match[1] if match else ""


def _before(text: str, at: int) -> str:
    """What stands in the row before a part, without the rest of the reference that it is in."""
    row = text[max(text.rfind("\n", 0, at) + 1, at - _LONGEST) : at]
    run = _RUN.search(row)
    return row[: run.start()] if run else row


def _among_metadata(text: str, at: int) -> bool:
    """Whether the row, the one that it is indented below, or the path of an operation names labels or annotations."""
    first = text.rfind("\n", 0, at) + 1
    row = text[first:at]
    if _HOLDER.search(row[-_LONGEST:]):
        return True
    rows = text[max(first - _LONGEST * _ROWS, 0) : first].split("\n")[-_ROWS - 1 :]
    rows += text[at : at + _LONGEST * _ROWS].split("\n")[: _ROWS + 1]
    return any(map(_OPERATION.search, rows)) or bool(_HOLDER.search(_above(text, first, _indent(row))))


def _above(text: str, first: int, indent: int) -> str:
    """The nearest row before that is indented less."""
    for _ in range(_MOST_ROWS):
        if not first:
            break
        end, first = first - 1, text.rfind("\n", 0, first - 1) + 1
        row = text[first : min(end, first + _LONGEST)]
        if row.strip() and _indent(row) < indent:
            return row
    return ""


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip(" \t\ufeff-"))

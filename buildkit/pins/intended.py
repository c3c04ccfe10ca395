"""Which differences of renders were asked for: those that planned pins make, character by character, and no others."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from buildkit.compare.comparison import ABSENT
from buildkit.pins.places import Place, fits, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from buildkit.compare.comparison import Absent, Difference, Json
    from buildkit.pins.pin import Edit, Pin

_KEYS: Final = frozenset({"kubernetes.io/arch", "beta.kubernetes.io/arch"})
_CHOSEN: Final = re.compile(r'(?:.*\.)?nodeSelector(?:\["(?:beta\.)?kubernetes\.io/arch"\])?')
_LISTED: Final = re.compile(r"(?:.*\.)?nodeSelectorTerms\[\d+\]\.matchExpressions\[\d+\]\.values\[\d+\]")
_TOKEN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_LONGEST: Final = 1024
_BESIDE: Final = 24
_ENCODED: Final = "v1/Secret/"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Replaced:
    """Characters that a pin puts in for others where they stand as a whole, in a reference or as `place` says."""

    old: str
    new: str
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Rows:
    """Rows of a text in a value that an edit of a selector replaces, without their indents."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What the pins that reach one kustomization may change in its render.

    Attributes:
        replaced: characters in texts.
        gone: architectures that a `nodeSelector` may lose.
        listed: architectures that a list of a node affinity may get or lose.
        rows: of texts in values, for selectors in them.
    """

    replaced: frozenset[Replaced] = frozenset()
    gone: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    rows: frozenset[Rows] = frozenset()

    def intends(self, one: Difference) -> bool:
        """Whether a difference is one that these pins make."""
        one = _decoded(one)
        if isinstance(one.a, str) and isinstance(one.b, str):
            path = one.path
            return _is_replaced(one.a, one.b, self.replaced, path) or self._has_rows(one.a, one.b, path)
        return self._selects(one)

    def _selects(self, one: Difference) -> bool:
        if _LISTED.fullmatch(one.path):
            return (one.a is ABSENT and one.b in self.listed) or (one.b is ABSENT and one.a in self.listed)
        return bool(_CHOSEN.fullmatch(one.path)) and one.b is ABSENT and self._lost(one.a)

    def _lost(self, value: Json | Absent) -> bool:
        if isinstance(value, str):
            return value in self.gone
        return isinstance(value, dict) and value.keys() <= _KEYS and all(one in self.gone for one in value.values())

    def _has_rows(self, a: str, b: str, path: str) -> bool:
        """Whether `b` is `a` with rows replaced as planned; its other rows are the same, or replaced in themselves."""
        if not self.rows:
            return False
        left, right = a.splitlines(), b.splitlines()
        planned = sorted(self.rows, key=lambda one: (not one.new, one))
        i = j = 0
        while i < len(left) or j < len(right):
            fitting = (one for one in planned if _fits(one, left[i : i + len(one.old)], right[j : j + len(one.new)]))
            rows = next(fitting, None)
            same = i < len(left) and j < len(right) and left[i] == right[j]
            if rows is not None and (rows.new or not same):
                i, j = i + len(rows.old), j + len(rows.new)
            elif same or (i < len(left) and j < len(right) and _is_replaced(left[i], right[j], self.replaced, path)):
                i, j = i + 1, j + 1
            else:
                return False
        return True


def plan_of(pins: Iterable[Pin], texts: dict[str, str]) -> Plan:
    """What planned pins may change; `texts` are their files as they are."""
    replaced: set[Replaced] = set()
    gone: set[str] = set()
    listed: set[str] = set()
    rows: set[Rows] = set()
    for pin in pins:
        if pin.tie.kind == "selector":
            gone.add(pin.tie.value)
            listed.update(name.split("/")[1] for name in pin.tie.excludes)
            rows.update(_rows(texts[edit.file], edit) for edit in pin.edits)
            replaced.update(_inline(texts[edit.file], edit) for edit in pin.edits if "\n" not in edit.old + edit.new)
        else:
            replaced.update(_replacements(pin, texts))
    return Plan(
        replaced=frozenset(one for one in replaced if one.old != one.new and one.old),
        gone=frozenset(gone),
        listed=frozenset(listed),
        rows=frozenset(rows),
    )


def _replacements(pin: Pin, texts: dict[str, str]) -> Iterator[Replaced]:
    """The value and what is proposed for it, and the tokens that edits change; a digest that goes takes its `@` along.

    A render may show a whole value or parts of it: `images:` of a kustomization puts name, tag and digest together.
    """
    if pin.tie.kind == "digest" and not all(edit.new for edit in pin.edits):
        place = place_of(texts[pin.tie.file], max(pin.tie.start, 0))
        yield Replaced(old="@" + pin.tie.value, new="", place=place)
        return
    for edit in pin.edits:
        text = texts[edit.file]
        start, end = edit.start, edit.end
        while start and text[start - 1] in _TOKEN and edit.start - start < _LONGEST:
            start -= 1
        while end < len(text) and text[end] in _TOKEN and end - edit.end < _LONGEST:
            end += 1
        place = place_of(text, start)
        if pin.proposed is not None:
            yield Replaced(old=pin.tie.value, new=pin.proposed, place=place)
        yield Replaced(old=text[start:end], new=text[start : edit.start] + edit.new + text[edit.end : end], place=place)


def _inline(text: str, edit: Edit) -> Replaced:
    """An edit of a selector within a row, with what stands beside it: the row may be longer than the value."""
    left = re.search(r"[^'=\n]{0,24}\Z", text[: edit.start][-_BESIDE:])
    right = re.match(r"[^'=\n\r]{0,24}", text[edit.end : edit.end + _BESIDE])
    before = re.sub(r"\A[\w.-]+", "", left[0] if left else "")
    after = re.sub(r"[\w.-]+\Z", "", right[0] if right else "")
    return Replaced(old=before + edit.old + after, new=before + edit.new + after)


def _rows(text: str, edit: Edit) -> Rows:
    """The rows that an edit touches, before and after."""
    start = text.rfind("\n", 0, edit.start) + 1
    end = text.find("\n", edit.end)
    if edit.old.endswith("\n"):
        end = edit.end
    end = len(text) if end < 0 else end
    before, after = text[start:end], text[start : edit.start] + edit.new + text[edit.end : end]
    return Rows(old=_stripped(before), new=_stripped(after))


def _stripped(text: str) -> tuple[str, ...]:
    return tuple(row.strip() for row in text.splitlines() if row.strip())


def _is_replaced(a: str, b: str, replaced: Iterable[Replaced], path: str) -> bool:
    """Whether `b` is `a` with some of the replacements made, each where its characters stand as a whole and belong.

    Some, not all: the same digest may stand elsewhere in a value by a pin that is refused.
    """
    pairs: dict[str, list[Replaced]] = {}
    for one in replaced:
        if one.old in a:
            pairs.setdefault(one.old, []).append(one)
    if not pairs:
        return False
    pattern = re.compile("|".join(_whole(old) for old in sorted(pairs, key=lambda old: (-len(old), old))))
    places, end = {0}, 0
    for match in pattern.finditer(a):
        places = _after(b, places, {a[end : match.start()]})
        fitting = {one.new for one in pairs[match[0]] if fits(one.place, path, a, match.start(), match.end())}
        places = _after(b, places, {match[0], *fitting})
        end = match.end()
    return len(b) in _after(b, places, {a[end:]})


def _after(text: str, places: Iterable[int], pieces: Iterable[str]) -> set[int]:
    """Where the text goes on once one of the pieces was read at one of the places."""
    return {place + len(piece) for place in places for piece in pieces if text.startswith(piece, place)}


def _whole(old: str) -> str:
    before = r"(?<![A-Za-z0-9_.-])" if old[0].isalnum() else ""
    after = r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])" if old[-1].isalnum() else ""
    return before + re.escape(old) + after


def _decoded(one: Difference) -> Difference:
    """A value of a Secret as what it stands for."""
    if not (one.object.startswith(_ENCODED) and one.path.startswith("data")):
        return one
    if not (isinstance(one.a, str) and isinstance(one.b, str)):
        return one
    try:
        a, b = (base64.b64decode("".join(text.split()), validate=True).decode() for text in (one.a, one.b))
    except (binascii.Error, ValueError):
        return one
    return replace(one, a=a, b=b)


def _fits(rows: Rows, left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether rows stand there; what is put in has the indent of what it is put beside."""
    texts = tuple(row.strip() for row in left), tuple(row.strip() for row in right)
    return texts == (rows.old, rows.new) and all(_indent(row) == _indent(left[0]) for row in right)


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())

"""A difference as lines to read: `-` for A, `+` for B, a space for what both have, `~` for what is left out.

Nothing in it can steer a terminal, and nothing is lost to the eye: a character that does not show is written as an
escape, spaces at the end of a line as `·`. What is long is cut, and the cut is said; the JSON report has all.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from buildkit.compare.comparison import ABSENT, Absent, Json
from buildkit.report.text import count_of

if TYPE_CHECKING:
    from buildkit.compare.proof import Change

Sign = Literal["-", "+", " ", "~"]
_CONTEXT: Final = 3
_ROUNDS: Final = 4
_WIDTH: Final = 200
_AROUND: Final = 60
_DEPTH: Final = 40
_SIGNS: Final = {"\t": "\\t", "\r": "\\r"}
_NO_END: Final = "(no line break at the end)"
_END: Final = re.compile(r" +$")


class Line(NamedTuple):
    sign: Sign
    text: str


def lines_of(change: Change, most: int) -> tuple[Line, ...]:
    """Both values of a difference in about `most` lines: a text of several lines as what was changed in it."""
    a, b = change.a, change.b
    if isinstance(a, str) and isinstance(b, str):
        if "\n" in a.rstrip("\n") or "\n" in b.rstrip("\n"):
            return _cut(_text_lines(a, b, max(2, most // 3)), most)
        return tuple(_short_texts(a, b))
    return (*_cut(_value_lines("-", a), most), *_cut(_value_lines("+", b), most))


def shown(text: str) -> str:
    """`text` with every character that would not show, or would steer a terminal, as its escape."""
    if text.isprintable():
        return text
    return "".join(_SIGNS.get(c) or (c if _shows(c) else _escaped(c)) for c in text)


def _shows(char: str) -> bool:
    return char == " " or char.isprintable()


def _escaped(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004  # what four digits hold


def _scalar(value: Json) -> str:
    """A number, a text in quotes: `1` and `"1"` are told apart, and spaces at its ends are seen."""
    return shown(json.dumps(value, ensure_ascii=False))


def _cut(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], Line("~", f"… {count_of(len(lines) - most + 1, 'more line')}"))


# One line each.


def _short_texts(a: str, b: str) -> Iterator[Line]:
    """Two texts in quotes; of long ones the part that differs, and what stands around it."""
    # What looks alike (composed and decomposed letters, full-width forms) is told apart by its numbers only.
    alike = unicodedata.normalize("NFKC", a) == unicodedata.normalize("NFKC", b)
    left, right = (json.dumps(one) if alike else _scalar(one) for one in (a, b))
    return _beside(left, right)


def _beside(left: str, right: str) -> Iterator[Line]:
    start = max(0, _same_start(left, right) - _AROUND)
    yield Line("-", _window(left, start))
    yield Line("+", _window(right, start))


def _same_start(a: str, b: str) -> int:
    """How many characters at the beginning are the same."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low


def _window(text: str, start: int) -> str:
    if len(text) <= _WIDTH:
        return text
    head = f"… {start:,} characters … " if start else ""
    rest = len(text) - start - _WIDTH
    tail = f" … {rest:,} more characters" if rest > 0 else ""
    return f"{head}{text[start : start + _WIDTH]}{tail}"


# Values that are no text: as YAML, so that they look like what they come from.


def _value_lines(sign: Sign, value: Json | Absent) -> list[Line]:
    if value is ABSENT:
        return []
    return [Line(sign, _window(text, 0)) for text in _yaml(value, 0)]


def _yaml(value: Json, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        yield "…"
    elif isinstance(value, Mapping) and value:
        for key, inner in sorted(value.items()):
            yield from _entry(f"{_key(key)}:", inner, depth, "  " if _is_map(inner) else "")
    elif isinstance(value, Sequence) and value and not isinstance(value, str):
        for inner in value:
            yield from _item(inner, depth)
    else:
        yield from _leaf(value)


def _is_map(value: Json) -> bool:
    return isinstance(value, Mapping)


def _is_tree(value: Json) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and bool(value)


def _entry(head: str, value: Json, depth: int, indent: str) -> Iterator[str]:
    if _is_tree(value):
        yield head
        yield from (indent + line for line in _yaml(value, depth + 1))
    elif isinstance(value, str) and "\n" in value.rstrip("\n"):
        yield f"{head} |"
        yield from (f"  {_plain(line)}" for line in value.splitlines())
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: Json, depth: int) -> Iterator[str]:
    if not _is_tree(value):
        yield from _entry("-", value, depth, "  ")
        return
    for number, line in enumerate(_yaml(value, depth + 1)):
        yield ("  " if number else "- ") + line


def _leaf(value: Json) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value.rstrip("\n"):
        yield "|"
        yield from (f"  {_plain(line)}" for line in value.splitlines())
    else:
        yield _scalar(value)


def _key(key: str) -> str:
    return shown(key) if re.fullmatch(r"[A-Za-z_][\w./-]*", key) else _scalar(key)


def _plain(line: str) -> str:
    """A line of a text: spaces at its end are seen."""
    return _END.sub(lambda found: "·" * len(found[0]), shown(line))


# Texts of several lines.


def _text_lines(a: str, b: str, most: int) -> list[Line]:
    """What was changed, with three lines around it, and the number of the line in A where each part begins."""
    left, right = _split_lines(a, b), _split_lines(b, a)
    found: list[Line] = []
    reached = 0
    blocks = [one for one in changed_blocks(left, right) if one[0] != one[1] or one[2] != one[3]]
    for number, (a_from, a_to, b_from, b_to) in enumerate(blocks):
        start = max(reached, a_from - _CONTEXT)
        if start > reached:
            found.append(Line("~", f"line {start + 1}:"))
        found.extend(Line(" ", _long(line)) for line in left[start:a_from])
        found.extend(_replaced(left[a_from:a_to], right[b_from:b_to], most))
        until = min(len(left), a_to + _CONTEXT, *(one[0] for one in blocks[number + 1 : number + 2]))
        found.extend(Line(" ", _long(line)) for line in left[a_to:until])
        reached = until
    return found


def _split_lines(text: str, other: str) -> list[str]:
    """The lines of a text; that the last one does not end is said where the other's does."""
    lines = text.removesuffix("\n").split("\n")
    return lines if text.endswith("\n") or not other.endswith("\n") else [*lines, _NO_END]


def _replaced(left: Sequence[str], right: Sequence[str], most: int) -> Iterator[Line]:
    if len(left) == len(right) == 1:
        yield from _beside(_plain(left[0]), _plain(right[0]))
        return
    yield from _cut([Line("-", _long(line)) for line in left], most)
    yield from _cut([Line("+", _long(line)) for line in right], most)


def _long(line: str) -> str:
    return _window(_plain(line), 0)


Block = tuple[int, int, int, int]


def changed_blocks(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Which lines of `a` (from, to) became which of `b` (from, to).

    Lines that stand once on each side are the fixed points (a "patience diff"), again and again between them. That
    takes n log n steps whatever the texts are; `difflib` can take n to the power of three.
    """
    blocks = [(0, len(a), 0, len(b))]
    for _ in range(_ROUNDS):
        finer = [part for block in blocks for part in _split(a, b, block)]
        if finer == blocks:
            break
        blocks = finer
    return blocks


def _split(a: Sequence[str], b: Sequence[str], block: Block) -> list[Block]:
    a_from, a_to, b_from, b_to = block
    while a_from < a_to and b_from < b_to and a[a_from] == b[b_from]:
        a_from, b_from = a_from + 1, b_from + 1
    while a_from < a_to and b_from < b_to and a[a_to - 1] == b[b_to - 1]:
        a_to, b_to = a_to - 1, b_to - 1
    if a_from == a_to or b_from == b_to:
        return [(a_from, a_to, b_from, b_to)] if a_from < a_to or b_from < b_to else []
    parts: list[Block] = []
    left, right = a_from, b_from
    for at_a, at_b in _fixed_points(a, b, (a_from, a_to, b_from, b_to)):
        if at_a > left or at_b > right:
            parts.append((left, at_a, right, at_b))
        left, right = at_a + 1, at_b + 1
    if left < a_to or right < b_to:
        parts.append((left, a_to, right, b_to))
    return parts


def _fixed_points(a: Sequence[str], b: Sequence[str], block: Block) -> list[tuple[int, int]]:
    """Lines that stand once on each side, as many as keep their order."""
    a_from, a_to, b_from, b_to = block
    once_a, once_b = (
        {line for line, times in Counter(islice(side, start, end)).items() if times == 1}
        for side, start, end in ((a, a_from, a_to), (b, b_from, b_to))
    )
    places = {b[at]: at for at in range(b_from, b_to) if b[at] in once_b}
    pairs = [(at, places[a[at]]) for at in range(a_from, a_to) if a[at] in once_a and a[at] in places]
    return _longest_rising(pairs)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs in order of their first numbers, the most whose second numbers rise too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        length = bisect_left(ends, at)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(at)
            last.append(number)
        else:
            ends[length], last[length] = at, number
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]

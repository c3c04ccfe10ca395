"""Regular expressions that a text has to match as a whole: the part that Python, Go and ECMAScript read alike.

A values schema hands them to Go; here they are matched position by position, never backtracking, so that no pattern
takes long. Characters, classes, groups, `|`, and `* + ? {n,m}`; nothing that looks around or back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 200
LONGEST_TEXT: Final = 1000
_DEEPEST: Final = 6
_LOOPS: Final = 2
_MOST: Final = 1000  # Go's: also of counts in counts, multiplied
_CLASS: Final = re.compile(r"\[\^?(?:[^\\\[\]^]|\\.)(?:[^\\\[\]]|\\.)*\]")
_COUNT: Final = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")
_ESCAPE: Final = re.compile(r"\\(?:[dDwWsSnrt]|[^A-Za-z0-9\s_])", re.ASCII)
# Operators on sets, to some readers of classes.
_ODD: Final = re.compile(r"--|&&|~~|\|\|")


class PatternError(ValueError):
    """What is wrong with a pattern, as the end of a sentence that its key begins."""


@dataclass(frozen=True, slots=True)
class _One:
    """One character."""

    of: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Either:
    """One of several sequences."""

    ways: tuple[tuple[_Part, ...], ...]


@dataclass(frozen=True, slots=True)
class _Repeated:
    """A part so many times; `most` None for any number."""

    part: _One | _Either
    least: int
    most: int | None


_Part = _One | _Either | _Repeated


def check_pattern(text: str) -> str:
    """Check that this is a pattern.

    Raises:
        PatternError: it is none, or one that is read differently elsewhere.
    """
    _parsed(text)
    return text


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole text is what the pattern says; one of more than a thousand characters never is.

    Raises:
        PatternError: no pattern.
    """
    whole = _parsed(pattern)
    return len(text) <= LONGEST_TEXT and len(text) in _ends(whole, text, frozenset({0}))


@lru_cache(maxsize=512)
def _parsed(text: str) -> _Either:
    if len(text) > LONGEST:
        raise PatternError(f"has more than {LONGEST} characters")
    parser = _Parser(text)
    whole = parser.either(0)
    if parser.at < len(text):
        raise parser.wrong("has a ) without its (")
    _check_counts(whole, 1, 0)
    return whole


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def either(self, depth: int) -> _Either:
        if depth > _DEEPEST:
            raise self.wrong(f"has groups in more than {_DEEPEST} groups")
        ways = [self._sequence(depth)]
        while self._text.startswith("|", self.at):
            self.at += 1
            ways.append(self._sequence(depth))
        return _Either(tuple(ways))

    def wrong(self, what: str) -> PatternError:
        return PatternError(f"'{self._text}' {what} (character {self.at + 1})")

    def _sequence(self, depth: int) -> tuple[_Part, ...]:
        parts: list[_Part] = []
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            parts.append(self._repeated(self._group(depth) if self._text[self.at] == "(" else self._one()))
        return tuple(parts)

    def _group(self, depth: int) -> _Either:
        self.at += 3 if self._text.startswith("(?:", self.at) else 1
        if self._text.startswith("?", self.at):
            raise self.wrong("has a group of a kind that is not read alike everywhere: only ( ) and (?: )")
        inner = self.either(depth + 1)
        if not self._text.startswith(")", self.at):
            raise self.wrong("has a ( without its )")
        self.at += 1
        return inner

    def _one(self) -> _One:
        char = self._text[self.at]
        if char == "[":
            return self._class()
        if char == "\\":
            found = _ESCAPE.match(self._text, self.at)
            if found is None:
                raise self.wrong("has an escape that is not read alike everywhere")
            self.at = found.end()
            return _One(re.compile(found[0], re.ASCII))
        if char in "^$":
            raise self.wrong(f"is matched as a whole: without {char}, or as \\{char} for the character")
        if char in "*+?{}]":
            raise self.wrong(f"has a {char} that nothing stands before; \\{char} is the character")
        self.at += 1
        return _One(re.compile("." if char == "." else re.escape(char)))

    def _class(self) -> _One:
        found = _CLASS.match(self._text, self.at)
        escapes = found is None or all(_ESCAPE.fullmatch(one) for one in re.findall(r"\\.", found[0]))
        if found is None or not escapes or _ODD.search(found[0]):
            raise self.wrong("has a class that is not read alike everywhere; [ ] ^ \\ in one are written with a \\")
        try:
            of = re.compile(found[0], re.ASCII)
        except re.error as error:
            raise self.wrong(f"has a class that is none: {error.msg}") from None
        self.at = found.end()
        return _One(of)

    def _repeated(self, part: _One | _Either) -> _Part:
        char = self._text[self.at : self.at + 1]
        if not char or char not in "*+?{":
            return part
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(char) or self._count()
        self.at += char != "{"
        if self._text[self.at : self.at + 1] in {"*", "+", "?", "{"}:
            raise self.wrong("repeats what is repeated")
        return _Repeated(part, least, most)

    def _count(self) -> tuple[int, int | None]:
        found = _COUNT.match(self._text, self.at)
        least = int(found[1]) if found else 0
        most = least if found and not found[2] else int(found[3]) if found and found[3] else None
        if found is None or max(least, most or 0) > _MOST or (most is not None and most < max(least, 1)):
            raise self.wrong(
                f"has a count that is none: {{n}}, {{n,}} or {{n,m}}, at most {_MOST}; \\{{ is the character"
            )
        self.at = found.end()
        return least, most


def _check_counts(part: _Part, times: int, loops: int) -> None:
    if isinstance(part, _Repeated):
        times *= max(part.least, part.most or 1, 1)
        loops += part.most is None
        if times > _MOST or loops > _LOOPS:
            raise PatternError(f"repeats more than {_MOST} times, or without end within more than {_LOOPS} such parts")
        _check_counts(part.part, times, loops)
    elif isinstance(part, _Either):
        for one in (one for way in part.ways for one in way):
            _check_counts(one, times, loops)


def _ends(part: _Part, text: str, starts: frozenset[int]) -> frozenset[int]:
    """Where a part may end that begins at any of these places."""
    if isinstance(part, _One):
        return frozenset(at + 1 for at in starts if at < len(text) and part.of.match(text, at))
    if isinstance(part, _Repeated):
        return _repeats(part, text, starts)
    return frozenset().union(*(_in_turn(way, text, starts) for way in part.ways))


def _in_turn(parts: Iterable[_Part], text: str, starts: frozenset[int]) -> frozenset[int]:
    for part in parts:
        if not starts:
            break
        starts = _ends(part, text, starts)
    return starts


def _repeats(repeated: _Repeated, text: str, starts: frozenset[int]) -> frozenset[int]:
    # After one repetition for each character nothing new comes: all text is used, or the part may be nothing.
    for _ in range(min(repeated.least, len(text) + 1)):
        starts = _ends(repeated.part, text, starts)
    found = new = starts
    left = len(text) if repeated.most is None else repeated.most - repeated.least
    while new and left > 0:
        new = _ends(repeated.part, text, new) - found
        found |= new
        left -= 1
    return found

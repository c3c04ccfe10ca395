"""`[ … ]`, `[[ … ]]` and patterns: true, false, or None where it cannot be said.

What is not known but compared with the name of an architecture is taken for the platform's own architecture: that is
what such a comparison is there for.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.values import UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_PATTERN: Final = 300
_EQUAL: Final = frozenset({"=", "==", "!="})
_BINARY: Final = frozenset({*_EQUAL, "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "<", ">"})


def evaluate_test(words: Sequence[Value], native: frozenset[str]) -> bool | None:
    """The result of a test's words, brackets left out."""
    reader = _Reader(words, native)
    result = reader.either()
    return result if reader.position == len(words) else None


def matches(subject: Value, pattern: Value, native: frozenset[str]) -> bool | None:
    """Whether a word matches a pattern."""
    if not subject.unknown and not pattern.unknown:
        results = {_matches(text, one) for text in subject.texts for one in pattern.texts}
        return results.pop() if len(results) == 1 else None
    return _by_name(pattern, native) if subject.unknown else _by_name(subject, native)


def _matches(text: str, pattern: str) -> bool:
    if len(pattern) > _LONGEST_PATTERN:
        return False
    return text == pattern or fnmatchcase(text, pattern)


def _by_name(value: Value, native: frozenset[str]) -> bool | None:
    """What is compared with an architecture's name is the native one; between two native ones it cannot be said."""
    named = frozenset[str]().union(*(architectures(text) for text in value.texts))
    if not named:
        return None
    if not named & native:
        return False
    return True if len(native) == 1 else None


class _Reader:
    def __init__(self, words: Sequence[Value], native: frozenset[str]) -> None:
        self.words = words
        self.position = 0
        self.native = native

    def text(self, ahead: int = 0) -> str | None:
        index = self.position + ahead
        return self.words[index].text if index < len(self.words) else None

    def either(self) -> bool | None:
        result = self.both()
        while self.text() in {"-o", "||"}:
            self.position += 1
            other = self.both()
            result = True if result or other else (None if result is None or other is None else False)
        return result

    def both(self) -> bool | None:
        result = self.one()
        while self.text() in {"-a", "&&"}:
            self.position += 1
            other = self.one()
            result = False if result is False or other is False else (None if result is None or other is None else True)
        return result

    def one(self) -> bool | None:
        negated = False
        while self.text() == "!" and self.text(1) not in _BINARY and self.position + 1 < len(self.words):
            negated = not negated
            self.position += 1
        result = self.primary()
        return result if result is None or not negated else not result

    def primary(self) -> bool | None:
        left = len(self.words) - self.position
        if left <= 0:
            return None
        if self.text() == "(" and left > 1:
            self.position += 1
            result = self.either()
            self.position += 1
            return result
        if left > 2 and self.text(1) in _BINARY:  # noqa: PLR2004
            return self.binary()
        text = self.text()
        if text in {"-z", "-n"} and left > 1:
            self.position += 2
            empty = _is_empty(self.words[self.position - 1])
            return empty if text == "-z" or empty is None else not empty
        if text is not None and text.startswith("-") and len(text) == 2 and left > 1:  # noqa: PLR2004
            self.position += 2
            return None
        self.position += 1
        empty = _is_empty(self.words[self.position - 1])
        return None if empty is None else not empty

    def binary(self) -> bool | None:
        first, operator, second = self.words[self.position : self.position + 3]
        self.position += 3
        if operator.text == "=~":
            return _by_name(second, self.native) if first.unknown else _in_expression(first, second)
        if operator.text not in _EQUAL:
            return None
        equal = matches(first, second, self.native)
        return equal if equal is None or operator.text != "!=" else not equal


def _is_empty(value: Value) -> bool | None:
    results = {None if UNKNOWN in text else not text for text in value.texts}
    return results.pop() if len(results) == 1 else None


def _in_expression(value: Value, expression: Value) -> bool | None:
    """Whether one of the words that a regular expression chooses between is the value; None for any other."""
    text, pattern = value.text, expression.text
    if text is None or pattern is None:
        return None
    words = pattern.removeprefix("^").removesuffix("$").strip("()").split("|")
    if not all(word.replace("_", "").replace("-", "").isalnum() for word in words):
        return None
    return any(word in text for word in words)

"""Variables and quotes in the words of instructions, as BuildKit puts them in (frontend/dockerfile/shell, `lex.go`).

`$NAME`, `${NAME}`, and with `-`, `:-`, `+`, `:+`, `?`, `:?`, `#`, `##`, `%`, `%%`, `/` and `//`. It is no shell: no
command substitution, no arithmetic, no splitting. RUN, CMD and ENTRYPOINT leave all of this to the shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.pattern import parse_pattern, replaced, without_prefix, without_suffix
from buildkit.dockerfile.spaces import SPACE_SET

Lookup = Callable[[str], str | None]
MOST_CHARACTERS: Final = 1 << 16  # that values add to a text: they can double each other's length
_DEEPEST: Final = 32
_SPECIAL_LETTERS: Final = re.compile(r"""[$'"\\`]""")
_PLAIN_RUN: Final = re.compile(r"""[^$<'"\\`/}]+""")
_SPECIAL: Final = frozenset("@*#?-$!0")
_NO_PATTERN: Final = frozenset("-+?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How a text is read.

    Attributes:
        escape: what takes the next character as it is.
        keep_quotes, keep_escapes: leave them in the result.
        quotes_are_text: they mean nothing (the content of a here-document).
        keep_unset: leave a variable without a value as it is written.
        unset: what stands for one elsewhere.
    """

    escape: str = "\\"
    keep_quotes: bool = False
    keep_escapes: bool = False
    quotes_are_text: bool = False
    keep_unset: bool = False
    unset: str = ""


PLAIN: Final = Manner()


@dataclass(frozen=True, kw_only=True, slots=True)
class Expanded:
    """A text with values put in; the names that had one, and those that had none, sorted."""

    text: str
    used: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def expand(text: str, lookup: Lookup, manner: Manner = PLAIN) -> Expanded:
    """Put values in and take quotes away.

    Raises:
        SyntaxProblem: an open quote or brace, a modifier that there is not, a value that must be set, too much of it.
    """
    if not _SPECIAL_LETTERS.search(text):
        return Expanded(text=text)
    reader = _Reader(text, lookup, manner)
    result = reader.read_to(None, keep_escapes=manner.keep_escapes)
    return Expanded(text=result, used=tuple(sorted(reader.used)), missing=tuple(sorted(reader.missing)))


def split_words(text: str, manner: Manner) -> list[str]:
    """The words of a text in which no variable has a value; those before an error where there is one.

    Raises:
        SyntaxProblem: as `expand` does.
    """
    words = _Words()
    _Reader(text, lambda _: None, manner, words).read_to(None, keep_escapes=manner.keep_escapes)
    return words.take()


class _Words:
    """Words as they build up: blanks end one, unless they were quoted or escaped."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._parts: list[str] = []
        self._inside = False

    def add(self, text: str) -> None:
        for letter in text:
            if letter not in SPACE_SET:
                self.add_as_is(letter)
            elif self._inside and any(self._parts):
                self.done.append("".join(self._parts))
                self.restart()

    def add_as_is(self, text: str) -> None:
        self._parts.append(text)
        self._inside = True

    def restart(self) -> None:
        self._parts, self._inside = [], False

    def take(self) -> list[str]:
        last = "".join(self._parts)
        return [*self.done, last] if last else self.done


class _Reader:
    def __init__(self, text: str, lookup: Lookup, manner: Manner, words: _Words | None = None) -> None:
        self.text = text
        self.position = 0
        self.lookup = lookup
        self.manner = manner
        self.keep_escapes = manner.keep_escapes
        self.used: set[str] = set()
        self.missing: set[str] = set()
        self._words = words
        self._depth = 0
        self._left = MOST_CHARACTERS

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def next(self) -> str:
        letter = self.peek()
        self.position += 1
        return letter

    def read_to(self, stop: str | None, *, keep_escapes: bool) -> str:
        """Read to the stop, or to the end where it is None."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxProblem(f"variables nested deeper than {_DEEPEST}")
        kept, self.keep_escapes = self.keep_escapes, keep_escapes
        if self._words is not None:
            self._words.restart()  # as with BuildKit braces end the word that they stand in
        result: list[str] = []
        while letter := self.peek():
            if letter == stop:
                break
            result.append(self._read_one(letter))
        if stop is not None and self.next() != stop:
            raise SyntaxProblem(f"unexpected end of statement while looking for matching {stop}")
        self._depth -= 1
        self.keep_escapes = kept
        return "".join(result)

    def _read_one(self, letter: str) -> str:
        if plain := _PLAIN_RUN.match(self.text, self.position):
            self.position = plain.end()
            return self._add(plain[0])
        if letter == "$":
            return self._add(self._dollar())
        if letter == "<":
            value = self._redirection()
        elif letter in {"'", '"'} and not self.manner.quotes_are_text:
            value = self._single_quoted() if letter == "'" else self._double_quoted()
        elif letter == self.manner.escape:
            self.position += 1
            value = (letter if self.keep_escapes else "") + self.next()
        else:
            self.position += 1
            return self._add(letter)
        if self._words is not None and self._depth == 1:
            self._words.add_as_is(value)
        return value

    def _add(self, value: str) -> str:
        if self._words is not None and self._depth == 1:
            self._words.add(value)
        return value

    def _redirection(self) -> str:
        """`<<` and the blanks behind it are part of a word: they may begin a here-document."""
        self.position += 1
        if self.peek() != "<":
            return "<"
        begin = self.position
        self.position += 1
        while self.peek() and self.peek() in "\t\r ":
            self.position += 1
        return "<" + self.text[begin : self.position]

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.position + 1)
        if end < 0:
            raise SyntaxProblem("unexpected end of statement while looking for matching single-quote")
        inside = self.text[self.position + 1 : end]
        self.position = end + 1
        return f"'{inside}'" if self.manner.keep_quotes else inside

    def _double_quoted(self) -> str:
        self.position += 1
        result: list[str] = []
        while (letter := self.peek()) != '"':
            if not letter:
                raise SyntaxProblem("unexpected end of statement while looking for matching double-quote")
            if letter == "$":
                result.append(self._dollar())
                continue
            self.position += 1
            if letter == self.manner.escape:
                result.append(self._escaped_in_quotes(letter))
            else:
                result.append(letter)
        self.position += 1
        inside = "".join(result)
        return f'"{inside}"' if self.manner.keep_quotes else inside

    def _escaped_in_quotes(self, escape: str) -> str:
        kept = escape if self.keep_escapes else ""
        following = self.peek()
        if not following:
            return kept
        if following in {'"', "$", escape}:
            self.position += 1
            return kept + following
        return kept + escape

    def _dollar(self) -> str:
        self.position += 1
        if self.peek() == "{":
            self.position += 1
            return self._charge(self._braces())
        name = self._name()
        if not name:
            return "$"
        value = self._value(name)
        if value is None:
            return f"${name}" if self.manner.keep_unset else self.manner.unset
        return self._charge(value)

    def _charge(self, value: str) -> str:
        self._left -= len(value)
        if self._left < 0:
            raise SyntaxProblem(f"more than {MOST_CHARACTERS} characters of values")
        return value

    def _braces(self) -> str:
        if not self.peek():
            raise SyntaxProblem("syntax error: missing '}'")
        if self.peek() in "{}:":
            raise SyntaxProblem("syntax error: bad substitution")
        name = self._name()
        modifier = self.next()
        if modifier == "}":
            value = self._value(name)
            if value is None:
                return f"${{{name}}}" if self.manner.keep_unset else self.manner.unset
            return value
        if modifier == "/":
            return self._replacement(name)
        colon = modifier == ":"
        if colon:
            modifier = self.next()
        elif not modifier or modifier not in "+-?#%":
            raise SyntaxProblem(f"unsupported modifier ({modifier}) in substitution")
        if colon and modifier and modifier in "#%":
            raise SyntaxProblem(f"unsupported modifier (:{modifier}) in substitution")
        return self._modified(name, modifier, colon=colon)

    def _modified(self, name: str, modifier: str, *, colon: bool) -> str:
        word = self._operand("}", keep_escapes=bool(modifier) and modifier in "#%")
        value = self._value(name)
        if value is None and self.manner.keep_unset:
            return f"${{{name}{':' if colon else ''}{modifier}{word}}}"
        if not modifier or modifier not in "+-?#%":
            raise SyntaxProblem(f"unsupported modifier (:{modifier}) in substitution")
        if modifier in _NO_PATTERN:
            return self._by_presence(name, value, modifier, word, colon=colon)
        longest = word.startswith(modifier)
        pattern = parse_pattern(word[1:] if longest else word)
        cut = without_suffix if modifier == "%" else without_prefix
        return cut(value or "", pattern, longest=longest)

    @staticmethod
    def _by_presence(name: str, value: str | None, modifier: str, word: str, *, colon: bool) -> str:
        there = value is not None and not (colon and not value)
        if modifier == "+":
            return word if there else ""
        if value is not None and there:
            return value
        if modifier == "-":
            return word
        state = "unset" if value is None else "empty"
        raise SyntaxProblem(f"{name}: {word or f'is not allowed to be {state}'}")

    def _replacement(self, name: str) -> str:
        every = self.peek() == "/"
        self.position += every
        pattern = self._operand("/", keep_escapes=True)
        new = self._operand("}", keep_escapes=True)
        value = self._value(name)
        if value is None and self.manner.keep_unset:
            return f"${{{name}/{pattern}/{new}}}"
        return replaced(value or "", parse_pattern(pattern), new, every=every)

    def _operand(self, stop: str, *, keep_escapes: bool) -> str:
        try:
            return self.read_to(stop, keep_escapes=keep_escapes)
        except SyntaxProblem as problem:
            if self.peek():
                raise
            raise SyntaxProblem(f"syntax error: missing '{stop}': {problem}") from None

    def _name(self) -> str:
        first = self.peek()
        begin = self.position
        if first.isdecimal():
            while self.peek().isdecimal():
                self.position += 1
        elif first and first in _SPECIAL:
            self.position += 1
        else:
            while (letter := self.peek()) and (letter.isalpha() or letter.isdecimal() or letter == "_"):
                self.position += 1
        return self.text[begin : self.position]

    def _value(self, name: str) -> str | None:
        value = self.lookup(name)
        (self.missing if value is None else self.used).add(name)
        return value

"""How BuildKit splits the text of an instruction: keyword, flags, words, `name=value` pairs, JSON lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NoReturn

from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.spaces import SPACE_SET, SPACES, WHITESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANKS: Final = frozenset("\t\n\v\f\r ")  # between flags, where BuildKit looks at bytes
_QUOTES: Final = frozenset("'\"")


def split_command(text: str, escape: str) -> tuple[str, tuple[str, ...], str]:
    """Keyword, flags without their quotes, and arguments."""
    keyword, *rest = WHITESPACE.split(text.strip(SPACES), maxsplit=1)
    if not rest:
        return keyword, (), ""
    flags, arguments = _split_flags(rest[0], escape)
    return keyword, flags, arguments.strip(SPACES)


def _split_flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    flags: list[str] = []
    position = 0
    while True:
        while position < len(text) and text[position] in _BLANKS:
            position += 1
        if not text.startswith("--", position):
            return tuple(flags), text[position:]
        word, quoted, position = _flag(text, position, escape)
        if word == "--":
            # Ends the flags; without a blank behind it, it is dropped like an empty one.
            return tuple(flags), text[position:]
        if word or quoted:
            flags.append(word)


def _flag(text: str, position: int, escape: str) -> tuple[str, bool, int]:
    """One flag, whether any of it was quoted, and where it ends."""
    parts: list[str] = []
    quote = ""
    quoted = False
    while position < len(text) and (quote or text[position] not in _BLANKS):
        letter = text[position]
        position += 1
        if quote and letter == quote:
            quote = ""
        elif not quote and letter in _QUOTES:
            quote, quoted = letter, True
        elif letter == escape:
            parts.append(text[position : position + 1])
            position += 1
        else:
            parts.append(letter)
    return "".join(parts), quoted, min(position, len(text))


def parse_words(text: str, escape: str) -> Iterator[tuple[str, int]]:
    """Words of ENV, ARG and LABEL with the place where each begins; quotes and escapes stay in them."""
    position = 0
    while position < len(text):
        if text[position] in SPACE_SET:
            position += 1
            continue
        begin = position
        word, quoted, position = _word(text, position, escape)
        if word or quoted:
            yield word, begin


def _word(text: str, position: int, escape: str) -> tuple[str, bool, int]:
    parts: list[str] = []
    quote = ""
    quoted = False
    while position < len(text) and (quote or text[position] not in SPACE_SET):
        letter = text[position]
        position += 1
        if quote and letter == quote:
            quote = ""
        elif not quote and letter in _QUOTES:
            quote, quoted = letter, True
        elif letter == escape and quote != "'":
            if position == len(text):
                break  # at the end it is dropped
            parts.append(letter)
            letter = text[position]
            position += 1
        parts.append(letter)
    return "".join(parts), quoted, position


def split_blanks(text: str) -> tuple[str, ...]:
    """Words between blanks; quotes mean nothing."""
    return tuple(WHITESPACE.split(text)) if text else ()


def parse_list(text: str) -> tuple[str, ...] | None:
    """The texts of a JSON list; None where there is no JSON list.

    Raises:
        SyntaxProblem: a list that holds something else than texts.
    """
    trimmed = text.lstrip(SPACES)
    if not trimmed.startswith("["):
        return None
    try:
        found = json.loads(trimmed, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(one, str) for one in found):
        raise SyntaxProblem("when using JSON array syntax, arrays must be comprised of strings only")
    return tuple(found)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are Python's


def parse_fields(text: str) -> tuple[str, ...]:
    """The fields of one line of comma-separated values, as `--mount` has them.

    Raises:
        SyntaxProblem: quotes that are not closed, or that stand inside a field.
    """
    fields: list[str] = []
    position = 0
    while True:
        if text.startswith('"', position):
            field, position = _quoted_field(text, position + 1)
        else:
            end = text.find(",", position)
            field, position = text[position : end if end >= 0 else len(text)], end if end >= 0 else len(text)
            if '"' in field:
                raise SyntaxProblem('bare " in a field')
        fields.append(field)
        if position >= len(text):
            return tuple(fields)
        position += 1


def _quoted_field(text: str, position: int) -> tuple[str, int]:
    parts: list[str] = []
    while True:
        end = text.find('"', position)
        if end < 0:
            raise SyntaxProblem('extraneous or missing " in quoted-field')
        parts.append(text[position:end])
        following = text[end + 1 : end + 2]
        if following in {"", ","}:
            return "".join(parts), end + 1
        if following != '"':
            raise SyntaxProblem('extraneous or missing " in quoted-field')
        parts.append('"')
        position = end + 2

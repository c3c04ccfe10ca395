"""One logical line -> one instruction: what each keyword makes of its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.dockerfile.dockerfile import Instruction, Pair
from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.spaces import SPACES, WHITESPACE
from buildkit.dockerfile.words import parse_list, parse_words, split_blanks, split_command

if TYPE_CHECKING:
    from buildkit.dockerfile.source import Logical

_DEEPEST: Final = 8  # ONBUILD ONBUILD … is refused later
_COMMANDS: Final = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL"})
_LISTS: Final = frozenset({"ADD", "COPY", "VOLUME"})
_PAIRS: Final = frozenset({"ENV", "LABEL"})
_WORDS: Final = frozenset({"FROM", "EXPOSE"})
_TEXTS: Final = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
KEYWORDS: Final = frozenset({*_COMMANDS, *_LISTS, *_PAIRS, *_WORDS, *_TEXTS, "ARG", "HEALTHCHECK", "ONBUILD"})
HEREDOCS: Final = frozenset({"ADD", "COPY", "RUN"})


def read_instruction(logical: Logical, escape: str) -> Instruction:
    """The instruction of a line, without here-documents.

    Raises:
        SyntaxProblem: no such instruction, or arguments that it cannot have.
    """
    return _read(logical, 0, escape, depth=0)


def _read(logical: Logical, start: int, escape: str, *, depth: int) -> Instruction:
    """The instruction that begins at `start` of the line."""
    text = logical.text
    keyword, flags, arguments = split_command(text[start:], escape)
    keyword = keyword.upper()
    if keyword not in KEYWORDS:
        raise SyntaxProblem(f"unknown instruction: {keyword[:80]}")
    at = len(text.rstrip(SPACES)) - len(arguments)
    pairs: tuple[Pair, ...] = ()
    words: tuple[str, ...] = ()
    is_list = False
    trigger = None
    if keyword == "ONBUILD":
        words, trigger = _held_back(logical, at, arguments, escape, depth=depth)
    elif keyword in _PAIRS:
        pairs = _pairs(keyword, arguments, at, escape)
    elif keyword == "ARG":
        pairs = _arguments(arguments, at, escape)
    else:
        words, is_list = _words(keyword, arguments)
    return Instruction(
        keyword=keyword,
        line=logical.line,
        end_line=logical.end_line,
        text=text,
        flags=flags,
        arguments=arguments,
        at=at,
        words=words,
        exec=is_list,
        pairs=pairs,
        trigger=trigger,
        spans=logical.spans,
    )


def _held_back(
    logical: Logical, at: int, arguments: str, escape: str, *, depth: int
) -> tuple[tuple[str, ...], Instruction | None]:
    """The word behind ONBUILD, and what it begins."""
    if depth == _DEEPEST:
        raise SyntaxProblem("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    word = split_command(arguments, escape)[0]
    trigger = _read(logical, at, escape, depth=depth + 1) if word.upper() in KEYWORDS else None
    return ((word,) if word else ()), trigger


def _words(keyword: str, arguments: str) -> tuple[tuple[str, ...], bool]:
    if keyword in _WORDS:
        return split_blanks(arguments), False
    if keyword in _TEXTS:
        return ((arguments,) if arguments else ()), False
    if keyword == "HEALTHCHECK":
        return _healthcheck(arguments)
    found = parse_list(arguments)
    if found is not None:
        return found, True
    if keyword in _LISTS:
        return split_blanks(arguments), False
    return ((arguments,) if arguments else ()), False


def _healthcheck(arguments: str) -> tuple[tuple[str, ...], bool]:
    """NONE, or CMD and a command in either form."""
    kind = next(iter(arguments.split(maxsplit=1)), "")
    command = arguments[len(kind) :].lstrip(SPACES)
    found = parse_list(command)
    if found is not None:
        return (kind, *found), True
    return tuple(filter(None, (kind, command))), False


def _pairs(keyword: str, arguments: str, at: int, escape: str) -> tuple[Pair, ...]:
    words = list(parse_words(arguments, escape))
    if words and "=" not in words[0][0]:
        # The old form: one name, a blank, and the rest of the line.
        name, *rest = WHITESPACE.split(arguments, maxsplit=1)
        if not rest:
            raise SyntaxProblem(f"{keyword} must have two arguments")
        return (Pair(name=name, value=rest[0], at=at),)
    pairs: list[Pair] = []
    for word, begin in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise SyntaxProblem(f"can't find = in {word[:80]!r}: must be of the form name=value")
        pairs.append(Pair(name=name, value=value, at=at + begin))
    return tuple(pairs)


def _arguments(arguments: str, at: int, escape: str) -> tuple[Pair, ...]:
    pairs: list[Pair] = []
    for word, begin in parse_words(arguments, escape):
        name, equals, value = word.partition("=")
        pairs.append(Pair(name=name, value=value if equals else None, at=at + begin))
    return tuple(pairs)

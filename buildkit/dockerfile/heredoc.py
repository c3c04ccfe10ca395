"""Where an instruction asks for here-documents: `<<NAME`, `<<-NAME`, `3<<NAME`, quoted so that nothing is put in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.expand import Manner, split_words

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEREDOC: Final = re.compile(r"[0-9]*<<(-?)[\t\n\f\r ]*([^<]+)")
# Backslash it is, whatever the file's escape.
_LINE: Final = Manner(keep_quotes=True, keep_escapes=True, keep_unset=True)
_UNQUOTED: Final = Manner(keep_unset=True)
_QUOTED: Final = Manner(keep_unset=True, keep_quotes=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delimiter:
    """What ends a here-document, without quotes; `expand` where there were none, `chomp` for `<<-`."""

    name: str
    expand: bool
    chomp: bool


def delimiters(text: str) -> Iterator[Delimiter]:
    """Yield those of an instruction in their order; none of one whose quotes are not closed."""
    if "<<" not in text:
        return
    try:
        words = split_words(text, _LINE)
    except SyntaxProblem:
        return
    for word in words:
        delimiter = parse_delimiter(word)
        if delimiter is not None:
            yield delimiter


def parse_delimiter(word: str) -> Delimiter | None:
    """Read one word; None where it asks for no here-document.

    Raises:
        SyntaxProblem: quotes that are not closed.
    """
    match = _HEREDOC.fullmatch(word)
    if match is None:
        return None
    names = split_words(match[2], _UNQUOTED)
    if len(names) != 1:
        return None
    raw = split_words(match[2], _QUOTED)
    return Delimiter(name=names[0], expand=_quotes(names[0]) == _quotes(raw[0]), chomp=bool(match[1]))


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')

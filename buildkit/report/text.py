"""Plain-text building blocks of every report; and aligned columns, with colour where the reader's terminal has it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.model.finding import Owner

_RED, _YELLOW, _GREEN, _BOLD, _OFF = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_COLOURS: Mapping[Verdict, str] = {Verdict.SUPPORTED: _GREEN, Verdict.UNKNOWN: _YELLOW, Verdict.SUSPECT: _YELLOW}
_WORDS: Mapping[str, str] = {
    **{verdict.value: _COLOURS.get(verdict, _RED) for verdict in Verdict},
    "stays": _RED,
    "can be freed": _YELLOW,
    "freed": _GREEN,
}
_DIGEST: Final = re.compile(r"(@\w+:[0-9a-f]{12})[0-9a-f]+$")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")


def printable(text: str) -> str:
    """`text` without what could steer a terminal: hostile trees and registries name things too."""
    if text.isprintable():  # true of nearly all, and quick; what it calls unprintable may still be fine
        return text
    return "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else "\ufffd" for c in text)


def clipped(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; a cut is said."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shortened(text: str, limit: int) -> str:
    """The same with the cut in the middle: of messages that name the way first and the cause last."""
    half = (limit - 3) // 2
    return text if len(text) <= limit else f"{text[:half]} … {text[-half:]}"


def short_name(name: str) -> str:
    """An image's name with its digest cut, where it only has to be known again."""
    return _DIGEST.sub(r"\1…", name)


def repository_url(owner: Owner) -> str | None:
    """Where a repository of GitHub is; None where it has no repository's name: nothing else becomes a link."""
    return f"https://github.com/{owner.repository}" if _REPOSITORY.fullmatch(owner.repository) else None


def bold(text: str, *, colour: bool) -> str:
    return f"{_BOLD}{text}{_OFF}" if colour else text


def red(text: str, *, colour: bool) -> str:
    return f"{_RED}{text}{_OFF}" if colour else text


def green(text: str, *, colour: bool) -> str:
    return f"{_GREEN}{text}{_OFF}" if colour else text


def columns(rows: Sequence[Sequence[str]], *, colour: bool, indent: str = "") -> list[str]:
    """Rows of equal length as aligned lines, no trailing blanks; verdicts and outcomes of pins get their colour."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [indent + _line(row, widths, colour=colour) for row in rows]


def _line(row: Sequence[str], widths: Iterable[int], *, colour: bool) -> str:
    cells = [
        (f"{_WORDS[cell]}{cell}{_OFF}" if colour and cell in _WORDS else cell) + " " * (width - len(cell))
        for cell, width in zip(row, widths, strict=True)
    ]
    return "  ".join(cells).rstrip()


def count_of(number: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tally(summary: Mapping[Verdict, int]) -> str:
    """`3 missing, 103 supported`: worst first, zeros left out."""
    return ", ".join(f"{number} {verdict}" for verdict, number in summary.items() if number) or "none"

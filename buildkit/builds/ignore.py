"""`.dockerignore` as BuildKit reads it (github.com/moby/patternmatcher): what of a context no builder gets to see.

One pattern a line, the last that matches wins, `!` takes files in again, `**` is any number of folders, and a pattern
that matches a folder matches all in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_MOST: Final = 1000  # patterns; a file with more leaves nothing out, which builds too much rather than too little
_LONGEST: Final = 500
_ODD: Final = frozenset("[\\")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """One line: the parts of its path, and whether it takes files in again."""

    parts: tuple[str, ...]
    back: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """Patterns in the order of the file."""

    patterns: tuple[Pattern, ...] = ()

    def leaves_out(self, path: str) -> bool:
        """Whether a file of the context, as a path without `.` and `..`, is left out."""
        parts = tuple(path.split("/"))
        out = False
        for pattern in self.patterns:
            if pattern.back == out and any(
                _matches(pattern.parts, parts[:count]) for count in range(1, len(parts) + 1)
            ):
                out = not pattern.back
        return out


@lru_cache(maxsize=64)
def parse_ignore(text: str) -> Ignore:
    """Read the file. One that is odd (sets of characters, too long) leaves nothing out: rather too much is built."""
    patterns: list[Pattern] = []
    for raw in text.removeprefix("\ufeff").splitlines():
        line = raw.strip()
        if not line or raw.startswith("#"):
            continue
        pattern = line.removeprefix("!").strip()
        parts = _clean(pattern)
        if len(pattern) > _LONGEST or _ODD & set(pattern) or ".." in parts:
            return Ignore()
        if parts:
            patterns.append(Pattern(parts=parts, back=line.startswith("!")))
    return Ignore(patterns=tuple(patterns)) if len(patterns) <= _MOST else Ignore()


def glob_matches(glob: str, path: str) -> bool:
    """Whether a path is what a glob names, with `**` for any number of folders."""
    return _matches(_clean(glob), tuple(path.split("/")))


def _clean(pattern: str) -> tuple[str, ...]:
    parts: list[str] = []
    for part in pattern.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return tuple(parts)


def _matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """The whole pattern against the whole path, part by part; never more work than one times the other."""
    reached = {0}
    for number, part in enumerate(pattern):
        if part == "**":
            least = 1 if number == len(pattern) - 1 else 0  # at the end: what is in the folder, not the folder
            reached = set(range(min(reached) + least, len(path) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(path) and _fits(part, path[at])}
        if not reached:
            return False
    return len(path) in reached


def _fits(glob: str, name: str) -> bool:
    """One part, with `*` and `?`: after a star that took too little the search goes on there, never further back."""
    at = place = 0
    star, resume = -1, 0
    while at < len(name):
        if place < len(glob) and glob[place] == "*":
            star, resume = place, at
            place += 1
        elif place < len(glob) and glob[place] in {"?", name[at]}:
            place, at = place + 1, at + 1
        elif star >= 0:
            resume += 1
            place, at = star + 1, resume
        else:
            return False
    return not glob[place:].strip("*")

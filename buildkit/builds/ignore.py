"""`.dockerignore` as BuildKit reads it (github.com/moby/patternmatcher): what of a context no builder gets to see.

One pattern a line, the last that matches wins, `!` takes files in again, `**` is any number of folders, and a pattern
that matches a folder matches all in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST: Final = 1000  # patterns; a file with more leaves nothing out, which builds too much rather than too little
_LONGEST: Final = 500
_MOST_WORK: Final = 10_000_000  # steps, a few seconds; what is not settled by then is not left out
_ODD: Final = frozenset("[\\")
_WILD: Final = frozenset("*?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """One line: the parts of its path, and whether it takes files in again."""

    parts: tuple[str, ...]
    back: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """Patterns in the order of the file."""

    patterns: tuple[Pattern, ...] = ()

    def leaves_out(self, paths: Iterable[str]) -> bool:
        """Whether all of these files of the context, as paths without `.` and `..`, are left out.

        False too where that takes too long to find out.
        """
        work = 0
        for path in paths:
            parts = tuple(path.split("/"))
            out = False
            for pattern in self.patterns:
                if pattern.back == out:
                    reached, steps = _reach(pattern.parts, parts)
                    out = not out if reached else out
                    work += steps
                if work > _MOST_WORK:
                    return False
            if not out:
                return False
        return True


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
    parts = tuple(path.split("/"))
    return len(parts) in _reach(_clean(glob), parts)[0]


def _clean(pattern: str) -> tuple[str, ...]:
    parts: list[str] = []
    for part in pattern.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return tuple(parts)


def _reach(pattern: tuple[str, ...], path: tuple[str, ...]) -> tuple[frozenset[int], int]:
    """How many parts of the path the whole pattern can stand for, and the steps that it took to find out.

    A number below the path's own is a folder that it lies in. Never more steps than one's length times the other's.
    """
    reached = frozenset({0})
    steps = 0
    for number, part in enumerate(pattern):
        steps += 1 + len(reached) * len(part)
        if part == "**":
            least = 1 if number == len(pattern) - 1 else 0  # at the end: what is in the folder, not the folder
            reached = frozenset(range(min(reached) + least, len(path) + 1))
        else:
            reached = frozenset(at + 1 for at in reached if at < len(path) and _fits(part, path[at]))
        if not reached:
            break
    return reached, steps


def _fits(glob: str, name: str) -> bool:
    """One part, with `*` and `?`: after a star that took too little the search goes on there, never further back."""
    if _WILD.isdisjoint(glob):
        return glob == name
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

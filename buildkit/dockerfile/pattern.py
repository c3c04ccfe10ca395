"""Patterns of `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/pattern/text}`: `*`, `?` and what stands for itself.

They are matched in time that grows with value times pattern, whatever they are: a pattern is not handed to `re`. As
with BuildKit `*` and `?` stop at the end of a line, and brackets stand for themselves.
"""

from __future__ import annotations

import re
from typing import Final

from buildkit.dockerfile.errors import SyntaxProblem

_MOST_WORK: Final = 1 << 22
_STAR, _ONE = object(), object()
Pattern = tuple[object, ...]  # a character, _STAR or _ONE each
_TEMPLATE: Final = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))", re.ASCII)


def parse_pattern(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        SyntaxProblem: a backslash before what needs none.
    """
    parts: list[object] = []
    position = 0
    while position < len(text):
        letter = text[position]
        position += 1
        if letter == "\\":
            letter = text[position : position + 1]
            position += 1
            if letter in {"}", "/"} or (letter and letter in "*?\\"):
                parts.append(letter)
                continue
            raise SyntaxProblem(f"invalid pattern ({text[:80]}) in substitution: invalid escape")
        parts.append(_STAR if letter == "*" else _ONE if letter == "?" else letter)
    return tuple(parts)


def without_prefix(value: str, pattern: Pattern, *, longest: bool) -> str:
    """The value without what the pattern matches at its beginning."""
    end = _match_end(value, 0, pattern, longest=longest)
    return value if end is None else value[end:]


def without_suffix(value: str, pattern: Pattern, *, longest: bool) -> str:
    """The value without what the pattern matches at its end."""
    turned = without_prefix(value[::-1], pattern[::-1], longest=longest)
    return turned[::-1]


def replaced(value: str, pattern: Pattern, new: str, *, every: bool) -> str:
    """The value with the first match of the pattern, or every one, replaced: of those that begin there the longest.

    As with BuildKit, `$` in what replaces every match names a group, and there is none but `$0`.
    """
    starts = _starts(value, pattern)
    done: list[str] = []
    position = last = 0
    matched_to = -1
    while position <= len(value):
        end = _match_end(value, position, pattern, longest=True) if starts[position] else None
        # An empty match right behind another one does not count.
        if end is None or (end == position and position == matched_to):
            position += 1
            continue
        done += [value[last:position], _filled(new, value[position:end]) if every else new]
        last = matched_to = end
        if not every:
            break
        position = end if end > position else position + 1
    return "".join(done) + value[last:]


def _filled(template: str, whole: str) -> str:
    def fill(match: re.Match[str]) -> str:
        return "$" if match[1] else whole if (match[2] or match[3]) == "0" else ""

    return _TEMPLATE.sub(fill, template)


def _match_end(value: str, start: int, pattern: Pattern, *, longest: bool) -> int | None:
    """Where the longest or the shortest match that begins at `start` ends."""
    _check_work(value, pattern)
    states = _closure({0}, pattern)
    best: int | None = None
    position = start
    while states:
        if len(pattern) in states:
            best = position
            if not longest:
                return best
        if position == len(value):
            break
        states = _closure(_step(states, value[position], pattern), pattern)
        position += 1
    return best


def _step(states: set[int], letter: str, pattern: Pattern) -> set[int]:
    following = set()
    for state in states:
        part = pattern[state] if state < len(pattern) else None
        if part is _STAR and letter != "\n":
            following.add(state)
        elif part == letter or (part is _ONE and letter != "\n"):
            following.add(state + 1)
    return following


def _closure(states: set[int], pattern: Pattern) -> set[int]:
    """The states and those that a star reaches by matching nothing."""
    reached = set(states)
    for state in states:
        following = state
        while following < len(pattern) and pattern[following] is _STAR:
            following += 1
            reached.add(following)
    return reached


def _starts(value: str, pattern: Pattern) -> list[bool]:
    """Whether a match begins at each place, its end included: one walk from the end."""
    _check_work(value, pattern)
    turned = pattern[::-1]
    found = [False] * (len(value) + 1)
    states = _closure({0}, turned)
    for position in range(len(value), -1, -1):
        found[position] = len(turned) in states
        if position:
            states = _closure(_step(states, value[position - 1], turned) | {0}, turned)
    return found


def _check_work(value: str, pattern: Pattern) -> None:
    if len(value) * len(pattern) > _MOST_WORK:
        raise SyntaxProblem("a substitution of a value that is too long")

"""A comparison as text: objects that one side lacks, then per object every path that differs with both values.

At most some 2,000 lines of these: two releases differ in five times as many, which nobody reads. What was compared,
kustomizations of which more is to be said, and what is not known stand there whatever differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.diff_lines import Line, lines_of, shown
from buildkit.report.diff_words import (
    groups_of,
    kustomizations_summary,
    listed_of,
    result_of,
    state_words,
    summary_of,
    told,
    where,
)
from buildkit.report.text import bold, count_of, green, red

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.compare.outcome import Outcome
    from buildkit.report.diff_words import Group

_LINES: Final = 24
_OBJECTS: Final = 10
_MOST: Final = 2_000


def diff_text(outcome: Outcome, *, colour: bool = False) -> bytes:
    """UTF-8 text: what was compared, and what differs; long values are cut, and so are very many differences."""
    blocks = (
        _head(outcome, colour=colour),
        *_limited(_differences(outcome, colour=colour)),
        *_told(outcome, colour=colour),
    )
    return "\n\n".join("\n".join(block) for block in blocks).encode() + b"\n"


def _limited(blocks: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield blocks up to a number of lines, then how many more there are."""
    room, left = _MOST, 0
    for block in blocks:
        if room:
            yield block[:room]
        left += max(0, len(block) - room)
        room = max(0, room - len(block))
    if left:
        yield [f"… and {count_of(left, 'more line')} of differences (--format json has all)"]


def _head(outcome: Outcome, *, colour: bool) -> list[str]:
    summary = summary_of(outcome)
    lines = [bold(f"{result_of(outcome)}{f': {summary}' if summary else ''}", colour=colour)]
    lines += [red(f"  - A: {shown(outcome.a)}", colour=colour), green(f"  + B: {shown(outcome.b)}", colour=colour)]
    if outcome.kustomizations:
        lines.append(f"  {kustomizations_summary(outcome)}")
    return lines


def _differences(outcome: Outcome, *, colour: bool) -> Iterator[list[str]]:
    for listed in listed_of(outcome):
        title = bold(f"{listed.title}: {count_of(len(listed.objects), 'object')}", colour=colour)
        yield [title, *(f"  {shown(name)}{_beside(folders)}" for name, folders in listed.objects)]
    for group in groups_of(outcome):
        yield list(group_lines(group, colour=colour))


def _told(outcome: Outcome, *, colour: bool) -> Iterator[list[str]]:
    lines = [f"  {shown(one.path)}: {shown(one.why or state_words(one))}" for one in told(outcome)]
    if lines:
        yield [bold("Kustomizations", colour=colour), *lines]
    if outcome.problems:
        yield [bold("Not known", colour=colour), *(f"  {shown(one)}" for one in outcome.problems)]


def _beside(folders: tuple[str, ...]) -> str:
    return f"  ({shown(where(folders))})" if folders else ""


def group_lines(group: Group, *, colour: bool) -> Iterator[str]:
    """The objects of a group, where that is, and every path with both values."""
    for name in group.objects[:_OBJECTS]:
        yield bold(shown(name), colour=colour)
    if len(group.objects) > _OBJECTS:
        yield f"and {count_of(len(group.objects) - _OBJECTS, 'more object')}, all with the same differences"
    if group.kustomizations:
        yield f"  {shown(where(group.kustomizations))}"
    for change in group.changes:
        yield "  " + (shown(change.path) or "(the whole object)")
        yield from (_line(line, colour=colour) for line in lines_of(change, _LINES))


def _line(line: Line, *, colour: bool) -> str:
    if line.sign == "~":
        return f"      {line.text}"
    text = f"    {line.sign} {line.text}".rstrip()
    return {"-": red, "+": green}.get(line.sign, _as_it_is)(text, colour=colour)


def _as_it_is(text: str, *, colour: bool) -> str:
    del colour
    return text

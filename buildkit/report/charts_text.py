"""`kfkit charts check` as text: a line a profile, what is accepted, what differs, the values, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.charts_words import (
    SHOWN_SIDES,
    accepted_groups,
    differing,
    failed_words,
    of_profile,
    place_of,
    size_words,
    split_problems,
    summary_of,
    tally_words,
    value_tallies,
    word_of,
)
from buildkit.report.diff_text import group_lines
from buildkit.report.diff_words import where
from buildkit.report.text import bold, clipped, columns, count_of, green, printable, red, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from buildkit.charts.outcome import ChartProblem, CheckOutcome, ProfileCheck
    from buildkit.report.charts_words import AcceptedGroup, ValueTally
    from buildkit.report.diff_words import Listed

_HEAD: Final = ("chart", "profile", "objects", "differences", "accepted", "release", "seconds")
_REASON: Final = 1000
_DIFFERING: Final = 120
_FAILED: Final = 20
_MESSAGE_LINES: Final = 20
_MESSAGE: Final = 400


def charts_text(outcome: CheckOutcome, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the verdict."""
    blocks = [
        _profiles(outcome.profiles, colour=colour),
        list(_accepted(accepted_groups(outcome), colour=colour)),
        list(_differing(outcome, colour=colour)),
        list(_values(value_tallies(outcome), colour=colour)),
        *problem_blocks(outcome.problems, colour=colour),
        note_block(outcome.notes, colour=colour),
        [_verdict(outcome, colour=colour)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def _profiles(profiles: Iterable[ProfileCheck], *, colour: bool) -> list[str]:
    rows = [
        (
            printable(one.chart),
            printable(one.profile),
            str(one.objects),
            str(one.differences),
            str(len(one.accepted)),
            size_words(one.release_bytes),
            f"{one.seconds:.3f}",
        )
        for one in profiles
    ]
    if not rows:
        return []
    lines = columns([_HEAD, *rows], colour=False)
    bad = [row[3] != "0" for row in rows]
    return [lines[0], *(red(line, colour=colour) if one else line for line, one in zip(lines[1:], bad, strict=True))]


def _accepted(groups: Sequence[AcceptedGroup], *, colour: bool) -> Iterator[str]:
    """All of them, always: what the specification lets pass."""
    if groups:
        yield bold("Accepted by the specification", colour=colour)
    for group in groups:
        yield f"  {printable(group.chart)}: {printable(clipped(' '.join(group.reason.split()), _REASON))}"
        for name, path, profiles in group.differences:
            folders = "in every profile" if profiles == group.everywhere else where(profiles)
            yield printable(f"    {name} {path or '(the whole object)'}  ({folders})")


def _differing(outcome: CheckOutcome, *, colour: bool) -> Iterator[str]:
    """The first differences of each chart: one that is wrong everywhere would fill pages."""
    for one in differing(outcome):
        lines = [line for listed in one.listed for line in _listed(listed)]
        lines += [line for group in one.groups for line in group_lines(group, colour=colour)]
        yield bold(f"Differences of {printable(one.chart)} ({SHOWN_SIDES})", colour=colour)
        yield from (f"  {line}" for line in lines[:_DIFFERING])
        if len(lines) > _DIFFERING:
            yield f"  … and {count_of(len(lines) - _DIFFERING, 'more line')}"


def _listed(listed: Listed) -> Iterator[str]:
    yield listed.title
    yield from (printable(f"  {name}  ({where(profiles)})") for name, profiles in listed.objects)


def _values(tallies: Sequence[ValueTally], *, colour: bool) -> Iterator[str]:
    if tallies:
        yield bold("Values", colour=colour)
    for tally in tallies:
        failed = len(tally.failed)
        said = red(f"{failed} of {count_of(tally.checks, 'check')} fail", colour=colour) if failed else "right"
        yield f"  {printable(tally.chart)}: {tally_words(tally)}: {said}"
        for one in tally.failed[:_FAILED]:
            yield printable(f"    {one.value} ({one.profile}): {failed_words(one)}")
        if failed > _FAILED:
            yield f"    … and {failed - _FAILED} more: --format json lists all"


def problem_blocks(problems: Iterable[ChartProblem], *, colour: bool) -> list[list[str]]:
    """What is wrong, and what is not known, each with its place in front."""
    return [
        [bold(f"{title}: {len(found)}", colour=colour), *(line for one in found for line in _problem(one))]
        for title, found in split_problems(problems)
    ]


def _problem(one: ChartProblem) -> Iterator[str]:
    """A message of helm or kustomize has lines of its own."""
    first, *more = one.message.strip().splitlines() or [""]
    yield f"  {printable(place_of(one))}: {printable(shortened(of_profile(one) + first, _MESSAGE))}"
    yield from (f"    {printable(shortened(line.rstrip(), _MESSAGE))}".rstrip() for line in more[:_MESSAGE_LINES])
    if len(more) > _MESSAGE_LINES:
        yield f"    … and {count_of(len(more) - _MESSAGE_LINES, 'more line')}"


def note_block(notes: Sequence[str], *, colour: bool) -> list[str]:
    """What a reader should know."""
    return [bold("Notes", colour=colour), *(f"  {printable(one)}" for one in notes)] if notes else []


def _verdict(outcome: CheckOutcome, *, colour: bool) -> str:
    word, summary = word_of(outcome), printable(summary_of(outcome))
    paint = {"EQUAL": green, "NOT KNOWN": bold}.get(word, red)
    return f"{paint(word, colour=colour)}: {summary}"

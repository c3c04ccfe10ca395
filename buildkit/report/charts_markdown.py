"""`kfkit charts check` as Markdown, for a job summary: at most 60,000 characters, nothing in it notifies anybody."""

from __future__ import annotations

from html import escape
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
from buildkit.report.diff_markdown import group_row
from buildkit.report.markdown import Block, code, join_blocks, prose, row, table_head
from buildkit.report.text import clipped, count_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.charts.outcome import ChartProblem, CheckOutcome, ProfileCheck
    from buildkit.report.charts_words import AcceptedGroup, ValueTally
    from buildkit.report.diff_words import Listed

_SIGNS: Final = {"EQUAL": "🟢", "DIFFERENT": "🔴", "WRONG": "🔴", "NOT KNOWN": "🟡"}
_PROFILES: Final = ("Chart", "Profile", "Objects", "Differences", "Accepted", "Release", "Seconds")
_NAMED: Final = 3
_NAME: Final = 100
_MESSAGE: Final = 1_000
_DETAILS_END: Final = "\n\n</details>"


def charts_markdown(outcome: CheckOutcome) -> bytes:
    """UTF-8 Markdown as GitHub reads it."""
    return join_blocks(_blocks(outcome))


def _blocks(outcome: CheckOutcome) -> Iterator[Block]:
    word = word_of(outcome)
    yield Block(head=f"## {_SIGNS[word]} {word.capitalize()}: {prose(summary_of(outcome))}", share=1_000)
    for title, problems in split_problems(outcome.problems):
        yield Block(head=f"### {title}\n", rows=tuple(map(_problem, problems)), share=10_000)
    if outcome.profiles:
        head = f"### Profiles\n\n{table_head(*_PROFILES)}"
        yield Block(head=head, rows=tuple(map(_profile, outcome.profiles)), share=12_000)
    accepted = accepted_groups(outcome)
    if accepted:
        rows = tuple(line for group in accepted for line in _accepted(group))
        head = f"### Accepted by the specification\n\n{table_head('Chart', 'Object', 'Path', 'Profiles', 'Reason')}"
        yield Block(head=head, rows=rows, share=8_000)
    yield from _differing(outcome)
    yield from _values(value_tallies(outcome))
    if outcome.notes:
        head = f"<details><summary>{count_of(len(outcome.notes), 'note')}</summary>\n"
        rows = tuple(f"- {prose(one)}" for one in outcome.notes)
        yield Block(head=head, rows=rows, tail=_DETAILS_END, share=3_000)


def _problem(one: ChartProblem) -> str:
    return f"- {code(place_of(one))}: {prose(of_profile(one) + one.message, _MESSAGE)}"


def _profile(one: ProfileCheck) -> str:
    return row(
        code(one.chart),
        code(one.profile),
        str(one.objects),
        f"**{one.differences}**" if one.differences else "0",
        str(len(one.accepted)),
        size_words(one.release_bytes),
        f"{one.seconds:.3f}",
    )


def _accepted(group: AcceptedGroup) -> Iterator[str]:
    for name, path, profiles in group.differences:
        shown = "every one" if profiles == group.everywhere else _listed(profiles)
        what = code(path) if path else "the whole object"
        yield row(code(group.chart), code(name), what, shown, prose(group.reason, _MESSAGE))


def _listed(profiles: Sequence[str]) -> str:
    more = f" and {len(profiles) - _NAMED} more" if len(profiles) > _NAMED else ""
    return ", ".join(map(code, profiles[:_NAMED])) + more


def _differing(outcome: CheckOutcome) -> Iterator[Block]:
    """The first differences, folded: what differs is in the table, how it does takes pages."""
    found = differing(outcome)
    for one in found:
        # Within a summary Markdown is not read.
        name = f"<code>{escape(printable(clipped(one.chart, _NAME)))}</code>"
        head = f"<details><summary>Differences of {name} ({SHOWN_SIDES})</summary>\n"
        rows = (*(line for listed in one.listed for line in _objects(listed)), *map(group_row, one.groups))
        yield Block(head=head, rows=rows, tail=_DETAILS_END, share=15_000 // len(found))


def _objects(listed: Listed) -> Iterator[str]:
    for name, profiles in listed.objects:
        yield f"{listed.title}: {code(name)} in {_listed(profiles)}\n"


def _values(tallies: Sequence[ValueTally]) -> Iterator[Block]:
    if not tallies:
        return
    rows = tuple(row(code(one.chart), tally_words(one), _verdict(one)) for one in tallies)
    yield Block(head=f"### Values\n\n{table_head('Chart', 'Changed', 'Result')}", rows=rows, share=3_000)
    failed = tuple(
        row(code(one.chart), code(one.value), code(one.profile), failed_words(one))
        for tally in tallies
        for one in tally.failed
    )
    if failed:
        yield Block(head=table_head("Chart", "Value", "Profile", "What is wrong"), rows=failed, share=6_000)


def _verdict(tally: ValueTally) -> str:
    failed = len(tally.failed)
    return f"**{failed} of {count_of(tally.checks, 'check')} fail**" if failed else "right"

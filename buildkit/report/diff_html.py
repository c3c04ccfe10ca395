"""A comparison as one HTML page: what differs, object by object, long values cut; no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.report.diff_lines import Line, lines_of, shown
from buildkit.report.diff_words import (
    Group,
    groups_of,
    kustomizations_summary,
    listed_of,
    result_of,
    state_words,
    summary_of,
    told,
)
from buildkit.report.html import render_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.compare.outcome import Outcome

_LINES: Final = 60
_OPEN: Final = 25
_MOST: Final = 20_000
_TONES: Final = {"EQUAL": "go", "DIFFERENT": "no-go", "NOT KNOWN": "undetermined"}
_KINDS: Final = {"-": "a", "+": "b", " ": "both", "~": "left"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A path and its lines, each with the class of its colour."""

    path: str
    lines: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A group of differences as the page shows it."""

    group: Group
    values: tuple[Value, ...]


def diff_html(outcome: Outcome) -> bytes:
    """One page that needs nothing else; the same bytes for the same comparison."""
    groups = groups_of(outcome)
    drawn = tuple(_drawn(groups))
    result = result_of(outcome)
    return render_page(
        "diff.html.j2",
        None,
        outcome=outcome,
        result=result,
        tone_of_result=_TONES[result],
        summary=summary_of(outcome),
        kustomizations=kustomizations_summary(outcome) if outcome.kustomizations else "",
        listed=listed_of(outcome),
        groups=drawn,
        left=len(groups) - len(drawn),
        told=told(outcome),
        shown_text=shown,
        state_words=state_words,
        open_at_once=_OPEN,
    )


def _drawn(groups: Sequence[Group]) -> Iterator[Shown]:
    """Groups until the page has some 20,000 lines; more, nobody reads and few browsers like."""
    lines = 0
    for group in groups:
        values = tuple(
            Value(
                path=shown(change.path) or "(the whole object)",
                lines=tuple((_KINDS[line.sign], line) for line in lines_of(change, _LINES)),
            )
            for change in group.changes
        )
        yield Shown(group=group, values=values)
        lines += sum(1 + len(value.lines) for value in values)
        if lines > _MOST:
            return

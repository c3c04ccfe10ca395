"""Coverage over time as one HTML page: the latest report of each release, a strip per component, and what changed.

A strip is drawn as its steps, and its table has a line per step: a year of nights in which little changed stays small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from buildkit.audit.trend import Changed, Coverage, Night, ReleaseTrend, Step
from buildkit.report.html import render_page
from buildkit.report.trend_words import change_was, result_word, step_kinds, step_tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.audit.trend import Trend

_HEIGHT: Final = 20
_AT_ONCE: Final = 30
_SHOWN: Final = 12
_LINES: Final = 100
_LEAST: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """A component on one platform: outlines to be drawn one over the other, and the latest numbers."""

    platform: str
    outlines: tuple[tuple[str, str], ...]
    latest: Coverage | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """From a night on, until the next line: a component's numbers on each platform."""

    date: str
    coverage: tuple[Coverage | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A component's strips and the same as lines, the newest first; `older` are in the JSON only."""

    name: str
    strips: tuple[Strip, ...]
    lines: tuple[Line, ...]
    older: int

    @property
    def whole(self) -> bool:
        """Whether all that counts works on every platform now."""
        latest = [strip.latest for strip in self.strips if strip.latest]
        return all(one.supported == one.total for one in latest)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A release as the page shows it; `days` is how wide its strips are."""

    trend: ReleaseTrend
    latest: Night
    word: str
    days: int
    components: tuple[Component, ...]
    steps: tuple[tuple[Step, Mapping[str, tuple[Changed, ...]]], ...]


def trend_html(trend: Trend) -> bytes:
    """One page that needs nothing else; the same bytes for the same reports."""
    shown = tuple(_shown(release) for release in trend.releases if release.nights)
    return render_page(
        "trend.html.j2",
        None,
        releases=shown,
        height=_HEIGHT,
        at_once=_AT_ONCE,
        shown_at_once=_SHOWN,
        change_was=change_was,
        step_tally=step_tally,
    )


def _shown(release: ReleaseTrend) -> Shown:
    spans = _spans(release.nights)
    components = (_component(name, release, spans) for name in release.components)
    latest = release.nights[-1]
    return Shown(
        trend=release,
        latest=latest,
        word=result_word(latest),
        days=spans[-1][1],
        components=tuple(sorted(components, key=lambda one: one.whole)),
        steps=tuple((step, step_kinds(step)) for step in reversed(release.steps)),
    )


def _spans(nights: Sequence[Night]) -> list[tuple[int, int]]:
    """Where each night's column begins and ends: a column per day; a day without a report stays empty."""
    try:
        days = [date.fromisoformat(night.date).toordinal() for night in nights]
    except ValueError:
        days = list(range(len(nights)))
    if any(after <= before for before, after in pairwise(days)):
        days = list(range(len(nights)))
    return [(day - days[0], day - days[0] + 1) for day in days]


def _component(name: str, release: ReleaseTrend, spans: Sequence[tuple[int, int]]) -> Component:
    known = [night.coverage.get(name, {}) for night in release.nights]
    strips = tuple(_strip(platform, [one.get(platform) for one in known], spans) for platform in release.platforms)
    rows = [tuple(one.get(platform) for platform in release.platforms) for one in known]
    lines = [
        Line(date=night.date, coverage=row)
        for at, (night, row) in enumerate(zip(release.nights, rows, strict=True))
        if at == 0 or row != rows[at - 1]
    ]
    lines.reverse()
    return Component(name=name, strips=strips, lines=tuple(lines[:_LINES]), older=len(lines[_LINES:]))


def _strip(platform: str, coverage: Sequence[Coverage | None], spans: Sequence[tuple[int, int]]) -> Strip:
    bars = [(span, _tops(one)) for span, one in zip(spans, coverage, strict=True) if one and one.total]
    outlines = (
        (kind, "".join(_outline([(span, tops[at]) for span, tops in bars if tops[at] < _HEIGHT])))
        for at, kind in enumerate(("failing", "unknown", "supported"))
    )
    return Strip(platform=platform, outlines=tuple(one for one in outlines if one[1]), latest=coverage[-1])


def _tops(one: Coverage) -> tuple[int, int, int]:
    """Where the bars of a day end, each drawn over the one before; one image of many is still to be seen."""
    failing, unknown = (
        max(_LEAST, round(_HEIGHT * part / one.total)) if part else 0
        for part in (one.total - one.supported - one.unknown, one.unknown)
    )
    supported = min(failing + unknown, _HEIGHT - _LEAST if one.supported else _HEIGHT)
    return (0 if failing else _HEIGHT), (min(failing, supported - 1) if unknown else _HEIGHT), supported


def _outline(bars: Sequence[tuple[tuple[int, int], int]]) -> Iterator[str]:
    """Bars that all stand on the ground as one path: only where a height changes is something said."""
    for at, ((start, end), top) in enumerate(bars):
        after = bars[at + 1] if at + 1 < len(bars) else None
        joined = at > 0 and bars[at - 1][0][1] == start
        if not joined:
            yield f"M{start} {_HEIGHT}V{top}"
        elif bars[at - 1][1] != top:
            yield f"V{top}"
        if after is None or after[0][0] != end:
            yield f"H{end}V{_HEIGHT}"
        elif after[1] != top:
            yield f"H{end}"

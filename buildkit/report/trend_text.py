"""The trend as text: per release the last report against earlier ones, coverage per component, the latest changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.text import bold, columns, count_of, printable, tally
from buildkit.report.trend_words import (
    STEPS,
    change_was,
    coverage_words,
    result_word,
    step_kinds,
    step_tally,
    told_nights,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.audit.trend import Changed, ReleaseTrend, Step, Trend

_OF_A_KIND: Final = 20


def trend_text(trend: Trend, *, colour: bool = False) -> bytes:
    """UTF-8 text, a part per release."""
    blocks = [block for release in trend.releases for block in _blocks(release, colour=colour)]
    return "\n\n".join("\n".join(block) for block in blocks).encode() + b"\n"


def _blocks(release: ReleaseTrend, *, colour: bool) -> Iterator[list[str]]:
    if not release.nights:
        return
    first, last = release.nights[0], release.nights[-1]
    days = first.date if first.date == last.date else f"{first.date} to {last.date}"
    title = f"{release.release}: {count_of(len(release.nights), 'report')}, {days}"
    yield [bold(printable(title), colour=colour), *columns(_nights(release), colour=False, indent="  ")]
    if release.components:
        yield columns(_coverage(release), colour=False, indent="  ")
    if release.steps:
        shown = list(reversed(release.steps[-STEPS:]))
        yield ["  Changes, the latest first", *(line for step in shown for line in _step(step)), *_older(release)]


def _nights(release: ReleaseTrend) -> list[list[str]]:
    return [
        [when, printable(night.date), result_word(night), f"{count_of(night.total, 'image')}: {tally(night.summary)}"]
        for when, night in told_nights(release).items()
    ]


def _coverage(release: ReleaseTrend) -> list[list[str]]:
    head = ["component", *map(printable, release.platforms)]
    rows = [
        [printable(name), *(coverage_words(release, name, one) for one in release.platforms)]
        for name in release.components
    ]
    return [head, *rows]


def _step(step: Step) -> Iterator[str]:
    yield printable(f"  {step.date}, since {step.since}: {step_tally(step)}")
    for kind, changed in step_kinds(step).items():
        yield from (f"    {kind:<9}  {_changed(one)}" for one in changed[:_OF_A_KIND])
        if len(changed) > _OF_A_KIND:
            yield f"    {kind:<9}  … and {len(changed) - _OF_A_KIND} more"


def _changed(one: Changed) -> str:
    was = change_was(one)
    component = f"  {one.component}" if one.component else ""
    return printable(f"{one.name}{component}{f', was {was}' if was else ''}")


def _older(release: ReleaseTrend) -> list[str]:
    older = len(release.steps) - STEPS
    return [f"  … and {count_of(older, 'older change')}, see the JSON report"] if older > 0 else []

"""The trend as Markdown, for a job summary or an issue: at most 60,000 characters for all releases together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.markdown import LIMIT, Block, code, join_blocks, prose, row, table_head
from buildkit.report.text import count_of, tally
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

_SIGNS: Final = {"GO": "🟢", "NO-GO": "🔴", "UNDETERMINED": "🟡"}
_RELEASES: Final = 20
_PLATFORMS: Final = 8
_OF_A_KIND: Final = 20
_SHORT: Final = 60


def trend_markdown(trend: Trend) -> bytes:
    """UTF-8 Markdown as GitHub reads it; nothing in it notifies anybody."""
    releases = [release for release in trend.releases if release.nights]
    shown = releases[:_RELEASES]
    share = (LIMIT - 200) // (3 * max(1, len(shown))) - 2
    blocks = [block for release in shown for block in _blocks(release, share)]
    if len(releases) > len(shown):
        more = f"… and {count_of(len(releases) - len(shown), 'more release')}, see the JSON report."
        blocks.append(Block(head=more, share=100))
    return join_blocks(blocks)


def _blocks(release: ReleaseTrend, share: int) -> Iterator[Block]:
    word = result_word(release.nights[-1])
    head = f"## {_SIGNS[word]} {code(release.release, _SHORT)}: {word}, {count_of(len(release.nights), 'report')}"
    rows = tuple(
        row(when, prose(night.date, _SHORT), result_word(night), str(night.total), tally(night.summary))
        for when, night in told_nights(release).items()
    )
    yield Block(head=f"{head}\n\n{table_head('', 'Report', 'Result', 'Images', 'Verdicts')}", rows=rows, share=share)
    if release.components:
        yield _coverage(release, share)
    if release.steps:
        yield _steps(release, share)


def _coverage(release: ReleaseTrend, share: int) -> Block:
    platforms = release.platforms[:_PLATFORMS]
    rows = tuple(
        row(prose(name), *(coverage_words(release, name, platform) for platform in platforms))
        for name in release.components
    )
    return Block(head=table_head("Component", *(prose(name, _SHORT) for name in platforms)), rows=rows, share=share)


def _steps(release: ReleaseTrend, share: int) -> Block:
    steps = list(reversed(release.steps[-STEPS:]))
    older = len(release.steps) - len(steps)
    title = f"Changes ({count_of(older, 'older one')} in the JSON report):" if older else "Changes:"
    return Block(head=f"{title}\n", rows=tuple(line for step in steps for line in _step(step)), share=share)


def _step(step: Step) -> Iterator[str]:
    yield f"- {prose(step.date, _SHORT)}, since {prose(step.since, _SHORT)}: {step_tally(step)}"
    for kind, changed in step_kinds(step).items():
        yield from (f"  - {kind}: {_changed(one)}" for one in changed[:_OF_A_KIND])
        if len(changed) > _OF_A_KIND:
            yield f"  - {kind}: … and {len(changed) - _OF_A_KIND} more"


def _changed(one: Changed) -> str:
    was = change_was(one)
    component = f" ({prose(one.component)})" if one.component else ""
    return f"{code(one.name)}{component}{f', was {code(was)}' if was else ''}"

"""`kfkit build verify` as Markdown, for a job summary: at most 60,000 characters, nothing in it notifies anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.check import SHORT, Outcome, worst
from buildkit.report.markdown import Block, code, join_blocks, prose, row, table_head
from buildkit.report.verify_words import executed_words, result_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.builds.check import Check, Remark
    from buildkit.builds.verification import PlatformRow, Verification

_SIGNS: Final = {Outcome.OK: "🟢", Outcome.PROBLEM: "🔴", Outcome.UNKNOWN: "🟡", Outcome.NOT_ASKED: "🟡"}
_TITLES: Final = ("Tag", "Platform", "Built", "Indexed", "Executed", "Digest")


def verify_markdown(found: Sequence[Verification]) -> bytes:
    """UTF-8 Markdown as GitHub reads it."""
    return join_blocks(_blocks(found))


def _blocks(found: Sequence[Verification]) -> Iterator[Block]:
    sign = _SIGNS[worst(one.outcome for one in found)]
    rows = tuple(_row(one, platform) for one in found for platform in one.platforms)
    yield Block(head=f"## {sign} {prose(result_words(found))}\n\n{table_head(*_TITLES)}", rows=rows, share=25_000)
    for outcome, title in ((Outcome.PROBLEM, "Problems"), (Outcome.UNKNOWN, "Not known")):
        items = tuple(_items(found, outcome))
        if items:
            yield Block(head=f"### {title}\n", rows=items, share=15_000)
    asked = tuple(f"- {code(one.name)} {prose(_told(one))}" for one in found)
    yield Block(head="### What was looked at\n", rows=asked, share=5_000)


def _row(one: Verification, platform: PlatformRow) -> str:
    return row(
        f"{_SIGNS[one.outcome]} {code(one.name)}",
        code(platform.platform) + ("" if platform.expected else " (not expected)"),
        platform.built,
        platform.indexed,
        prose(executed_words(platform.execution)),
        code((platform.digest or "-")[:SHORT]),
    )


def _items(found: Sequence[Verification], outcome: Outcome) -> Iterator[str]:
    for one in found:
        for check in one.checks:
            for remark in check.remarks:
                if remark.outcome is outcome:
                    yield _item(one, check, remark)


def _item(one: Verification, check: Check, remark: Remark) -> str:
    whose = f" {code(remark.platform)}" if remark.platform else ""
    return f"- {code(one.name)}{whose} **{check.name}**: {prose(remark.message)}. What to do: {prose(remark.fix)}."


def _told(one: Verification) -> str:
    fine = [f"{check.name} ({check.told})" for check in one.checks if check.outcome is Outcome.OK]
    other = [check.name for check in one.checks if check.outcome is Outcome.NOT_ASKED]
    parts = [f"ok: {', '.join(fine)}"] if fine else []
    return "; ".join([*parts, *([f"not asked: {', '.join(other)}"] if other else [])]) or "nothing"

"""Pins as Markdown, for a job summary and the text of a pull request: at most 60,000 characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.errors import Exit
from buildkit.pins.pin import Class
from buildkit.report.markdown import Block, code, join_blocks, prose, repository_link, row, table_head
from buildkit.report.pins_words import (
    MEANINGS,
    advice_of,
    change_place,
    counted,
    group_by_class,
    proof_words,
    serves_words,
    short,
    side_words,
    summary_words,
    verdict_words,
    what_of,
    where_of,
)
from buildkit.report.text import count_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.compare.proof import Change, Proof
    from buildkit.pins.judged import JudgedPins, UpstreamPatch
    from buildkit.pins.pin import Pin

_PATCHES: Final = 10
_SIDE: Final = 120
_SIGNS: Final = {Exit.OK: "🟢", Exit.PROBLEMS: "🔴", Exit.UNDETERMINED: "🟡"}


def pins_markdown(judged: JudgedPins) -> bytes:
    """UTF-8 Markdown as GitHub reads it; nothing in it notifies anybody."""
    return join_blocks(_blocks(judged))


def _blocks(judged: JudgedPins) -> Iterator[Block]:
    yield _head(judged)
    if judged.problems:
        rows = tuple(f"- {prose(problem)}" for problem in judged.problems)
        yield Block(head="**What counts is not all there, pins may be missing:**\n", rows=rows, share=1500)
    groups = group_by_class(judged.pins)
    freed = tuple(pin for group in groups.values() for pin in group if pin.outcome == "done")
    if freed:
        yield _table(f"Freed: {count_of(len(freed), 'pin')}", freed)
    for class_, pins in groups.items():
        left = tuple(pin for pin in pins if pin.outcome != "done")
        if left and class_ is not Class.INDEX:
            yield _table(f"{class_}, {MEANINGS[class_]}: {count_of(len(left), 'pin')}", left)
    if judged.proof is not None:
        yield _proof(judged.proof)
    shown = judged.upstream[:_PATCHES]
    for patch in shown:
        yield _patch(patch, share=4000 // len(shown))
    others = [pin for pin in judged.pins if pin.class_ is None or pin.tie.sample]
    if others:
        rows = tuple(f"- {code(where_of(pin))} {code(short(pin.tie.value))} {_reported(pin)}" for pin in others)
        yield Block(head="### Reported only: texts that name an architecture, and samples\n", rows=rows, share=1000)


def _head(judged: JudgedPins) -> Block:
    what = f"Pins of {code(judged.source)} for {prose(', '.join(judged.required))}"
    since = f" on lines changed since {code(judged.since)}" if judged.since else ""
    verdict = " ".join(prose(line) for line in verdict_words(judged))
    tally = f"{what}. Counted: {count_of(counted(judged), 'pin')}{since}: {summary_words(judged)}."
    return Block(head=f"## {_SIGNS[judged.exit]} {verdict}\n\n{tally}", share=2000)


def _table(title: str, pins: Sequence[Pin]) -> Block:
    titles = ("Where", "What", "Serves", "What to do", "Owner")
    rows = tuple(_row(pin) for pin in pins)
    return Block(head=f"### {title}\n\n{table_head(*titles)}", rows=rows, share=7500)


def _row(pin: Pin) -> str:
    advice = advice_of(pin)
    return row(
        code(where_of(pin)),
        code(what_of(pin)),
        prose(serves_words(pin)),
        f"{'stays: ' if pin.outcome == 'refused' else ''}{prose(advice)}" if advice else "",
        repository_link(pin.owner),
    )


def _proof(proof: Proof) -> Block:
    rows = [f"- **not intended**: {_change(change)}" for change in proof.unintended]
    rows += [f"- not proven: {prose(one)}" for one in proof.unproven]
    rows += [f"- {_change(change)}" for change in proof.changed]
    return Block(head=f"### Proof: {proof_words(proof)}\n", rows=tuple(rows), share=4000)


def _change(change: Change) -> str:
    return f"{code(change_place(change))}: {code(side_words(change.a, _SIDE))} → {code(side_words(change.b, _SIDE))}"


def _patch(patch: UpstreamPatch, share: int) -> Block:
    at = f" at {code(patch.ref)}" if patch.ref else ""
    lines = [printable(line) for line in patch.patch.splitlines()]
    fence = "`" * max(3, 1 + max((_run(line) for line in lines), default=0))
    head = f"### For {code(patch.repository)}{at}: {code(patch.path)}\n\n{fence}diff"
    return Block(head=head, rows=tuple(lines), tail=f"\n{fence}", share=share)


def _run(line: str) -> int:
    """The longest run of backticks."""
    longest = now = 0
    for letter in line:
        now = now + 1 if letter == "`" else 0
        longest = max(longest, now)
    return longest


def _reported(pin: Pin) -> str:
    return f"(sample, {pin.class_ or 'text'})" if pin.tie.sample else "(text)"

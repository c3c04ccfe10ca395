"""Pins as text: what ties the tree, worst first, one line a pin with its place; the proof; the result."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from buildkit.pins.pin import Class
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
from buildkit.report.text import bold, clipped, columns, count_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.compare.proof import Change, Proof
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Outcome, Pin

_LISTED: Final = 20
_WHY: Final = 400
_OUTCOMES: Final[dict[Outcome, str]] = {"done": "freed", "planned": "can be freed", "refused": "stays", "none": ""}


def pins_text(judged: JudgedPins, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result lines."""
    blocks = [_head(judged, colour=colour)]
    for class_, pins in group_by_class(judged.pins).items():
        title = f"{class_}, {MEANINGS[class_]}: {count_of(len(pins), 'pin')}"
        blocks.append([bold(title, colour=colour), *_table(pins, colour=colour, brief=class_ is Class.INDEX)])
    blocks += [_reported(judged, colour=colour), _samples(judged, colour=colour), _proof(judged, colour=colour)]
    blocks += [_upstream(judged, colour=colour), _result(judged, colour=colour)]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def plan_text(pins: Iterable[Pin]) -> list[str]:
    """What would be edited, a line for each pin: what is shown before anything is written."""
    return [
        printable(f"{where_of(pin)}: {short(pin.tie.value)} -> {short(pin.proposed or '')}")
        for pin in pins
        if pin.outcome == "planned"
    ]


def _head(judged: JudgedPins, *, colour: bool) -> list[str]:
    title = f"Pins of {printable(judged.source)} for {', '.join(judged.required)}"
    since = f" on lines changed since {printable(judged.since)}" if judged.since else ""
    return [bold(title, colour=colour), f"Counted: {count_of(counted(judged), 'pin')}{since}: {summary_words(judged)}"]


def _table(pins: Sequence[Pin], *, colour: bool, brief: bool) -> list[str]:
    lines = columns([_row(pin) for pin in pins], colour=colour, indent="  ")
    table: list[str] = []
    # What several pins in a row share (a registry is down) is said once, below them.
    for advice, group in groupby(zip(pins, lines, strict=True), key=lambda pair: _advice(pair[0], brief=brief)):
        table += [line for _, line in group]
        table += [f"    {printable(clipped(advice, _WHY))}"] if advice else []
    return table


def _advice(pin: Pin, *, brief: bool) -> str | None:
    return None if brief and pin.outcome == "none" else advice_of(pin)


def _row(pin: Pin) -> list[str]:
    cells = [where_of(pin), what_of(pin), serves_words(pin), _OUTCOMES[pin.outcome]]
    return [printable(cell) for cell in cells]


def _reported(judged: JudgedPins, *, colour: bool) -> list[str]:
    texts = [pin for pin in judged.pins if pin.class_ is None and not pin.tie.sample]
    if not texts:
        return []
    title = f"Only reported, scripts and addresses that name an architecture: {len(texts)}"
    rows = [[printable(where_of(pin)), printable(short(pin.tie.value))] for pin in texts]
    return [bold(title, colour=colour), *columns(rows, colour=False, indent="  ")]


def _samples(judged: JudgedPins, *, colour: bool) -> list[str]:
    samples = [pin for pin in judged.pins if pin.tie.sample]
    if not samples:
        return []
    rows = [
        [*(printable(one) for one in (where_of(pin), what_of(pin), serves_words(pin))), pin.class_ or "only reported"]
        for pin in samples
    ]
    title = f"Samples, which do not count and are never edited: {count_of(len(samples), 'pin')}"
    return [bold(title, colour=colour), *columns(rows, colour=False, indent="  ")]


def _proof(judged: JudgedPins, *, colour: bool) -> list[str]:
    proof = judged.proof
    if proof is None:
        return []
    lines = [bold(f"Proof: {proof_words(proof)}", colour=colour)]
    lines += _changes("not intended", proof.unintended)
    return lines + _unproven(proof)


def _changes(title: str, changes: Sequence[Change]) -> list[str]:
    lines: list[str] = []
    for change in changes[:_LISTED]:
        lines.append(f"  {title}: {printable(change_place(change))}")
        lines += [
            f"    {sign} {printable(side_words(side, _WHY))}" for sign, side in (("-", change.a), ("+", change.b))
        ]
    more = len(changes) - _LISTED
    return [*lines, f"  and {more} more"] if more > 0 else lines


def _unproven(proof: Proof) -> list[str]:
    return [f"  not proven: {printable(clipped(one, _WHY))}" for one in proof.unproven]


def _upstream(judged: JudgedPins, *, colour: bool) -> list[str]:
    if not judged.upstream:
        return []
    lines = [bold(f"Patches for the repositories whose files are copied here: {len(judged.upstream)}", colour=colour)]
    for one in judged.upstream:
        ref = f"@{one.ref}" if one.ref else ""
        lines.append(f"  {printable(f'{one.repository}{ref} {one.path}')}")
        lines += [f"    {printable(line)}" for line in one.patch.splitlines()]
    return lines


def _result(judged: JudgedPins, *, colour: bool) -> list[str]:
    lines = [f"Result: {printable(line)}" for line in verdict_words(judged)]
    lines += [f"  {printable(clipped(problem, _WHY))}" for problem in judged.problems]
    return [bold(lines[0], colour=colour), *lines[1:]] if lines else []

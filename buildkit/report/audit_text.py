"""The audit as text: a table per Kubeflow component, worst first; what does not count, what changed, what broke.

Digests of supported images and reasons of broken kustomizations are cut short, so that a line stays readable; the JSON
has them whole.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from buildkit.audit.judge import main_use
from buildkit.audit.overview import headline, matrix_of, moves_of, worst_first
from buildkit.errors import Exit
from buildkit.model.inspection import Verdict
from buildkit.report.audit_words import (
    STANDINGS,
    change_tally,
    changed_images,
    exceptions_tally,
    granted,
    not_counted,
    on_arm64_words,
    others_words,
    platform_verdicts,
    reasons_of,
    scope_words,
    was_words,
)
from buildkit.report.text import bold, columns, count_of, printable, short_name, tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.audit.judge import Audit
    from buildkit.audit.record import AuditedImage

_WHY_LIMIT = 200


def audit_text(audit: Audit, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result line."""
    blocks = [_head(audit, colour=colour), _changes(audit, colour=colour), *_components(audit, colour=colour)]
    blocks += [_not_counted(audit, colour=colour), _exceptions(audit, colour=colour), _broken(audit, colour=colour)]
    blocks.append(_result(audit))
    return "\n\n".join("\n".join(block) for block in blocks if block).encode() + b"\n"


def _head(audit: Audit, *, colour: bool) -> list[str]:
    counted = f"{len(audit.counted)} of {count_of(len(audit.images), 'image')}: {tally(audit.summary)}"
    return [
        bold(f"Audit of {printable(audit.source)} for {', '.join(audit.required)}, {audit.date}", colour=colour),
        f"Counted: {printable(scope_words(audit))}, {counted}",
        bold(headline(audit), colour=colour),
        *_moves(audit),
    ]


def _moves(audit: Audit) -> list[str]:
    moves = [f"{name or 'nobody known'} {number}" for name, number in moves_of(audit)]
    return [printable(f"Whose move: {', '.join(moves)}")] if moves else []


def _components(audit: Audit, *, colour: bool) -> Iterator[list[str]]:
    for row in matrix_of(audit):
        title = f"{printable(row.component)}  {printable(', '.join(row.repositories))}".rstrip()
        yield [bold(title, colour=colour), *_table(audit, row.images, colour=colour)]


def _table(audit: Audit, images: Sequence[AuditedImage], *, colour: bool) -> list[str]:
    header = ["verdict", *audit.required, "image", "where"]
    rows = [header, *(_row(audit, image) for image in images)]
    lines = columns(rows, colour=colour, indent="  ")
    table = lines[:1]
    # What several images in a row share (a registry is down) is said once, below them.
    for notes, group in groupby(zip(images, lines[1:], strict=True), key=lambda pair: _notes(pair[0])):
        table += [line for _, line in group]
        table += [f"    {printable(note)}" for note in notes]
    return table


def _row(audit: Audit, image: AuditedImage) -> list[str]:
    use = main_use(image.uses, audit.installs)
    more = f" and {len(image.uses) - 1} more" if len(image.uses) > 1 else ""
    platforms = platform_verdicts(image, audit.required)
    name = short_name(image.name) if image.verdict is Verdict.SUPPORTED else image.name
    return [str(image.verdict), *platforms, printable(name), printable(f"{use.file}:{use.line}{more}")]


def _notes(image: AuditedImage) -> list[str]:
    """Why an image is not simply supported, what changed, and what to do about it."""
    notes = list(reasons_of(image))
    if not notes and image.depth == "descriptor":
        notes.append("from descriptors alone: configs were not read")
    if image.change and image.change.kind == "regressed":
        notes.append(f"regressed: {_was(image)}")
    if image.on_arm64 and image.on_arm64.outcome == "fails":
        notes.append(f"on arm64: {on_arm64_words(image.on_arm64)}")
    if image.status in {"known", "allowed"}:
        notes.append(STANDINGS[image.status])
    if image.status == "excepted":
        notes.append(f"excepted until {image.exceptions[0].expires}: {image.exceptions[0].reason}")
    return [*notes, *_advice(image)]


def _advice(image: AuditedImage) -> list[str]:
    suggestion = image.suggestion
    if suggestion is None:
        return []
    if suggestion.name:
        return [f"use {suggestion.name}: {suggestion.text}"]
    known = suggestion.replacement
    if known is None:
        return [suggestion.text]
    return [suggestion.text, f"use {known.use}: {known.text}" if known.use else known.text]


def _was(image: AuditedImage) -> str:
    was = image.change.was if image.change else None
    return f"was {was_words(image.name, was)}" if was else "the same tag had it"


def _not_counted(audit: Audit, *, colour: bool) -> list[str]:
    others = not_counted(audit)
    if not others:
        return []
    found = Counter(image.verdict for image in others)
    listed = worst_first(image for image in others if image.verdict is not Verdict.SUPPORTED)
    counts = tally({verdict: found[verdict] for verdict in Verdict})
    title = f"Not counted ({others_words(audit)}): {count_of(len(others), 'image')}: {counts}"
    return [bold(title, colour=colour), *(_table(audit, listed, colour=colour) if listed else [])]


def _changes(audit: Audit, *, colour: bool) -> list[str]:
    if audit.compared is None:
        return []
    rows = [[kind, printable(image.name), printable(_change(image))] for kind, image in changed_images(audit)]
    rows += [["gone", printable(one.name), f"was {one.verdict}"] for one in audit.compared.gone]
    day = f" ({audit.compared.date})" if audit.compared.date else ""
    title = printable(f"Changed since {audit.compared.against}{day}: {change_tally(audit)}")
    return [bold(title, colour=colour), *(columns(rows, colour=colour, indent="  ") if rows else [])]


def _change(image: AuditedImage) -> str:
    words = [str(image.verdict)]
    if image.change and image.change.platforms:
        words = [" and ".join(image.change.platforms)]
    if image.change and (image.change.was or image.change.kind == "regressed"):
        words.append(_was(image))
    return ", ".join([*words, *([STANDINGS[image.status]] if image.status in STANDINGS else [])])


def _exceptions(audit: Audit, *, colour: bool) -> list[str]:
    rows = [
        [image.name, one.platform, f"until {one.expires}", f"{one.owner}: {one.reason}"]
        for one, image in granted(audit.counted)
    ]
    lines = columns([[printable(cell) for cell in row] for row in rows], colour=False, indent="  ") if rows else []
    for one in audit.stale:
        lines.append(f"  {printable(f'{one.places[0].file}:{one.places[0].line}: {one.message}')}")
        lines += [f"    {printable(one.fix)}"] if one.fix else []
    return [bold(f"Exceptions: {exceptions_tally(audit)}", colour=colour), *lines] if lines else []


def _broken(audit: Audit, *, colour: bool) -> list[str]:
    broken = [item for item in audit.kustomizations if item.status == "broken"]
    if not broken:
        return []
    title = f"Broken: {count_of(len(broken), 'kustomization')}"
    return [bold(title, colour=colour), *(f"  {printable(item.path)}: {_clipped(item.why or '')}" for item in broken)]


def _clipped(text: str) -> str:
    return printable(text if len(text) <= _WHY_LIMIT else text[:_WHY_LIMIT] + "…")


def _result(audit: Audit) -> list[str]:
    states = Counter(image.status for image in audit.counted)
    counted = count_of(len(audit.counted), "counted image")
    lines = []
    if states["fails"]:
        lines.append(f"Result: {states['fails']} of {counted} without a working variant for every required platform.")
    if audit.stale:
        lines.append(f"Result: {count_of(len(audit.stale), 'exception')} expired or unused.")
    if states["unknown"]:
        lines.append(f"Result: {states['unknown']} of {counted} could not be found out.")
    if audit.problems:
        lines.append("Result: what counts is not all there, images may be missing from this list:")
        lines += [f"  {_clipped(problem)}" for problem in audit.problems]
    listed = ", ".join(f"{states[name]} {words}" for name, words in STANDINGS.items() if states[name])
    if listed:
        lines.append(f"Result: {listed}: no change of the result.")
    if audit.exit is Exit.OK:
        every = "every other counted image" if listed else "every counted image"
        lines.append(
            f"Result: {every} works on every required platform." if audit.counted else "Result: no image counts."
        )
    return lines

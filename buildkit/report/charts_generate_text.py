"""`kfkit charts generate` as text: each chart and where it lies, what is new in it, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.charts_text import note_block, problem_blocks
from buildkit.report.charts_words import exit_of_generation
from buildkit.report.text import bold, clipped, count_of, green, printable, red

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.charts.outcome import GeneratedChart, GenerateOutcome
    from buildkit.charts.release_changes import ChangeSummary, ImageChange, TextChange

_LISTED: Final = 20
_VALUE: Final = 200


def charts_generate_text(outcome: GenerateOutcome, *, check: bool, colour: bool = False) -> bytes:
    """UTF-8 text ending in what was done; `check`: nothing was."""
    blocks = [
        *(list(_chart(one, colour=colour)) for one in outcome.charts),
        *problem_blocks(outcome.problems, colour=colour),
        note_block(outcome.notes, colour=colour),
        [_result(outcome, check=check, colour=colour)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def _chart(one: GeneratedChart, *, colour: bool) -> Iterator[str]:
    yield bold(f"{printable(one.name)} {printable(one.version)}", colour=colour) + f"  {printable(one.folder)}"
    counts = f"{count_of(one.objects, 'object')}, {count_of(one.values, 'value')}"
    yield printable(f"  of {one.app_version}; {count_of(len(one.profiles), 'profile')}: {', '.join(one.profiles)}")
    yield f"  {counts}"
    if one.changes is None:
        yield "  new: nothing lay there"
        return
    changes = list(_changes(one.changes))
    yield "  since what lay there:" if changes else "  as what lay there"
    yield from (f"    {line}" for line in changes)


def _changes(changes: ChangeSummary) -> Iterator[str]:
    yield from _text("version", changes.version)
    yield from _text("application", changes.app_version)
    yield from _names("images", [_image(one) for one in changes.images])
    yield from _names("profiles added", changes.profiles_added)
    yield from _names("profiles removed", changes.profiles_removed)
    yield from _names("values added", changes.values_added)
    yield from _names("values removed", changes.values_removed)
    yield from _names("values with another default", changes.values_changed)
    yield from _names("files added", changes.added)
    yield from _names("files removed", changes.removed)
    edited = [f"{one.name} (+{one.added} -{one.removed})" for one in changes.changed]
    yield from _names("files changed", edited)
    yield from _names("not read, so not compared", changes.unread)


def _text(title: str, change: TextChange | None) -> Iterator[str]:
    if change is not None:
        yield f"{title}: {_short(change.old or '(none)')} -> {_short(change.new or '(none)')}"


def _image(one: ImageChange) -> str:
    old, new = (", ".join(side) or "(none)" for side in (one.old, one.new))
    return f"{one.repository}: {old} -> {new}"


def _names(title: str, names: Sequence[str]) -> Iterator[str]:
    if not names:
        return
    yield f"{title}: {len(names)}"
    yield from (f"  {_short(name)}" for name in names[:_LISTED])
    if len(names) > _LISTED:
        yield f"  … and {len(names) - _LISTED} more: --format json lists all"


def _short(text: str) -> str:
    return printable(clipped(text, _VALUE))


def _result(outcome: GenerateOutcome, *, check: bool, colour: bool) -> str:
    number = len(outcome.charts)
    charts = count_of(number, "chart")
    if outcome.problems or not number:
        what = f"{charts} made" if number else "no chart was made"
        problems = f"; {count_of(len(outcome.problems), 'problem')}" if outcome.problems else ""
        drift = "STALE: what lies there is not what would be written; " if outcome.stale else ""
        paint = red if exit_of_generation(outcome) == 1 else bold
        return paint(drift + what + problems, colour=colour)
    if outcome.stale:
        return red("STALE: what lies there is not what would be written; --check writes nothing", colour=colour)
    if check:
        return green(f"UNCHANGED: {charts} as they would be written", colour=colour)
    return green(f"WRITTEN: {charts}", colour=colour)

"""`kfkit build verify` as text: a block a tag with a table of its platforms, below it what is wrong and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.check import SHORT, Outcome
from buildkit.report.inspect_text import size_text
from buildkit.report.text import bold, clipped, columns, green, printable, red
from buildkit.report.verify_words import executed_words, result_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.builds.check import Check, Remark
    from buildkit.builds.verification import PlatformRow, Verification

_LISTED: Final = 20
_MESSAGE: Final = 500
_HEADER: Final = ("platform", "built", "indexed", "executed", "size", "digest")


def verify_text(found: Sequence[Verification], *, colour: bool = False) -> bytes:
    """UTF-8 text, tags in their order, ending in the result."""
    blocks = ["\n".join(_block(one, colour=colour)) for one in found]
    return "\n\n".join([*blocks, f"Result: {result_words(found)}"]).encode("utf-8", "replace") + b"\n"


def _block(one: Verification, *, colour: bool) -> Iterator[str]:
    yield f"{bold(printable(one.name), colour=colour)}: {_coloured(one.outcome, colour=colour)}"
    if one.digest:
        yield f"  stands for {one.digest}"
    yield from columns([_HEADER, *map(_row, one.platforms)], colour=False, indent="  ")
    for check in one.checks:
        yield from _remarks(check, one, colour=colour)
    fine = [check.name for check in one.checks if check.outcome is Outcome.OK]
    if fine:
        yield f"  {green('ok', colour=colour)}: {', '.join(fine)}"
    for check in one.checks:
        if check.outcome is Outcome.NOT_ASKED:
            yield f"  not asked ({check.name}): {printable(check.told)}"


def _row(row: PlatformRow) -> list[str]:
    size = "-" if row.size is None else size_text(row.size)
    name = printable(row.platform) + ("" if row.expected else " (not expected)")
    return [name, row.built, row.indexed, printable(executed_words(row.execution)), size, (row.digest or "-")[:SHORT]]


def _remarks(check: Check, one: Verification, *, colour: bool) -> Iterator[str]:
    for remark in check.remarks[:_LISTED]:
        whose = f"{remark.platform}: " if remark.platform else ""
        message = printable(clipped(f"{whose}{remark.message}", _MESSAGE))
        yield f"  {_coloured(remark.outcome, colour=colour)} ({check.name}) {message}"
        yield f"    {printable(clipped(remark.fix, _MESSAGE))}"
        yield from _log(check, remark, one)
    more = len(check.remarks) - _LISTED
    if more > 0:
        yield f"  and {more} more ({check.name})"


def _log(check: Check, remark: Remark, one: Verification) -> Iterator[str]:
    """What a command that failed printed last."""
    if check.name == "executed":
        for row in one.platforms:
            if row.platform == remark.platform:
                yield from (f"    | {printable(line)}" for line in row.execution.log)


def _coloured(outcome: Outcome, *, colour: bool) -> str:
    if outcome is Outcome.PROBLEM:
        return red(str(outcome), colour=colour)
    return green(str(outcome), colour=colour) if outcome is Outcome.OK else bold(str(outcome), colour=colour)

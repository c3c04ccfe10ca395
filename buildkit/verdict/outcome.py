"""The exit code that verdicts lead to (DESIGN.md, "Exit codes")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.errors import Exit
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.model.inspection import PlatformRecord

HARMLESS = frozenset({Verdict.SUPPORTED, Verdict.UNKNOWN})


def exit_of(records: Iterable[PlatformRecord], *, complete: bool) -> Exit:
    """Problems outrank unknowns; `complete` is false where something that counts was not even seen."""
    verdicts = {record.verdict for record in records}
    if verdicts - HARMLESS:
        return Exit.PROBLEMS
    return Exit.UNDETERMINED if Verdict.UNKNOWN in verdicts or not complete else Exit.OK

"""Words about verifications that several reports share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from buildkit.builds.check import Outcome, worst
from buildkit.errors import Exit
from buildkit.model.execution import Executed
from buildkit.report.text import clipped, count_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.verification import Verification
    from buildkit.model.execution import Execution

_CELL: Final = 40
_EXITS: Final = {Outcome.PROBLEM: Exit.PROBLEMS, Outcome.UNKNOWN: Exit.UNDETERMINED}


def executed_words(execution: Execution) -> str:
    """`natively`, `failed: exit 1`, `not executed`: what fits in a table; the remark below it says the rest."""
    if execution.state is Executed.FAILED:
        return f"failed: {clipped((execution.reason or '').partition(':')[0], _CELL)}"
    return str(execution.state).replace("-", " ")


def result_words(found: Sequence[Verification]) -> str:
    """`3 tags: 1 problem, 2 ok`: worst first, zeros left out."""
    counted = Counter(one.outcome for one in found)
    parts = [f"{counted[outcome]} {outcome}" for outcome in Outcome if counted[outcome]]
    return f"{count_of(len(found), 'tag')}: {', '.join(parts)}"


def worst_of(found: Sequence[Verification]) -> Outcome:
    return worst(one.outcome for one in found)


def exit_of(outcome: Outcome) -> Exit:
    """Problems outrank what is not known."""
    return _EXITS.get(outcome, Exit.OK)

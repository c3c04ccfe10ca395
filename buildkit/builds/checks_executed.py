"""The check that images start. What was not executed has not passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.check import Remark, conclude, not_asked, problem, unknown
from buildkit.model.execution import Executed, not_executed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.builds.check import Check
    from buildkit.builds.judged import Judged
    from buildkit.model.execution import Execution

_NOT_STARTED: Final = not_executed("not started")
_LACKING: Final = not_executed("there is no image to start")
_NATIVE: Final = "start it by hand with that command, and mend the image"
_EMULATED: Final = "the emulator may be what fails: verify with --run on a machine of that platform, and mend the image"
_MISSED: Final = "verify with --run where an engine can pull and run it"


def check_executed(judged: Judged, executions: Mapping[str, Execution] | None) -> Check:
    """Each expected platform's smoke command ended with 0."""
    if executions is None:
        return not_asked("executed", "nothing was started, --run starts each platform")
    return conclude("executed", _remarks(judged, executions), "every platform's smoke command ended with 0")


def reported_executions(judged: Judged) -> dict[str, Execution]:
    """What became of starting the very images that are there, where they were built; by platform."""
    found = {}
    for built in judged.expected.built or ():
        record = judged.records.get(str(built.platform))
        if built.execution and built.manifest and record and record.digest == built.manifest:
            found[str(built.platform)] = built.execution
    return found


def counted_executions(judged: Judged, reported: Mapping[str, Execution]) -> dict[str, Execution] | None:
    """What was reported as an answer, where nothing is started now: of every platform, or that one does not start.

    None: there is no answer, and nobody has asked for one.
    """
    whole = all(name in reported for name in judged.expected_names)
    if not reported or not (whole or any(one.state is Executed.FAILED for one in reported.values())):
        return None
    return {name: reported.get(name, _NOT_STARTED) for name in judged.expected_names}


def _remarks(judged: Judged, executions: Mapping[str, Execution]) -> Iterator[Remark]:
    for platform in judged.expected_names:
        execution = executions.get(platform, _LACKING)
        if execution.state is Executed.FAILED:
            fix = execution.hint or (_EMULATED if execution.way == "emulated" else _NATIVE)
            yield problem(platform, f"failed: {execution.reason}", fix)
        elif execution.state is Executed.NOT_EXECUTED:
            yield unknown(platform, f"not executed: {execution.reason}", execution.hint or _MISSED)

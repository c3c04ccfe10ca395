"""What was built here is started here, by digest: before it is merged, on a machine of its own platform.

What became of it goes into its result file, so that `kfkit build merge` on another machine knows. A run that builds
every platform does not need this: it starts them all when it verifies the index.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.flows.build_results import read_result, result_path, write_result
from buildkit.flows.build_verify import NO_COMMAND, STARTING
from buildkit.model.execution import Executed, Execution, Smoke
from buildkit.model.platform import parse_platform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildkit.builds.outcome import PlatformOutcome
    from buildkit.builds.result import BuildResult
    from buildkit.flows.build_board import Outcomes, Target
    from buildkit.flows.build_verify import Starter
    from buildkit.flows.watch import Watch

_PUSHED: Final = {"built", "resumed"}


def start_built(targets: Sequence[Target], outcomes: Outcomes, folder: Path, engine: Starter, watch: Watch) -> Outcomes:
    """The outcomes, of what was pushed with what became of starting it."""
    there = [
        (target, result_path(folder, target.build.component, target.platform.platform))
        for target in targets
        if outcomes[target.build.component, target.platform.platform].state in _PUSHED
    ]
    documents = [(target, path, document) for target, path in there if (document := read_result(path))]
    smokes = [_smoke(target, document) for target, _, document in documents]
    wanted = [one for one in smokes if one]
    with watch.stage(STARTING):
        answers = iter(engine.start(wanted, lambda done: watch.count(STARTING, done, len(wanted))))
    found = dict(outcomes)
    for (target, path, document), smoke in zip(documents, smokes, strict=True):
        execution = next(answers) if smoke else NO_COMMAND
        (result,) = document.results
        write_result(path, replace(document, results=(replace(result, execution=execution),)))
        key = target.build.component, target.platform.platform
        found[key] = _with(found[key], execution)
        watch.tell(f"{target.name}: {_said(execution)}")
    return found


def _smoke(target: Target, document: BuildResult) -> Smoke | None:
    (result,) = document.results
    if not target.build.smoke:
        return None
    return Smoke(
        repository=target.build.image,
        digest=result.manifest or result.digest,
        platform=parse_platform(target.platform.platform),
        command=target.build.smoke,
    )


def _with(outcome: PlatformOutcome, execution: Execution) -> PlatformOutcome:
    if execution.state not in {Executed.FAILED, Executed.NOT_EXECUTED}:
        return replace(outcome, execution=execution)
    return replace(outcome, execution=execution, problem=_said(execution), hint=execution.hint, lines=execution.log)


def _said(execution: Execution) -> str:
    if execution.state is Executed.FAILED:
        return f"it does not start: {execution.reason}"
    if execution.state is Executed.NOT_EXECUTED:
        return f"not executed: {execution.reason}"
    return f"executed {execution.state}"

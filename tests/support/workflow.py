"""Runs a GitHub workflow on this machine: jobs in order, matrices, conditions, outputs, summaries, artifacts.

    run = run_workflow(ROOT / ".github/workflows/audit.yml", host, inputs={"manifests": "deploy"})
    run.job("audit").result, run.job("audit").step("Audit").log

`run:` steps are run by bash with GitHub's flags, on real programs; `uses:` steps are stood in for by
tests/support/workflow_actions.py. A key, an action or an expression that is not known fails the test.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.expressions import Lax, Scope, as_text

SECONDS = 600
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_JOB_KEYS = {
    *("name", "needs", "if", "strategy", "runs-on", "timeout-minutes", "permissions", "outputs", "env", "steps"),
}
_STEP_KEYS = {"name", "id", "if", "env", "run", "uses", "with", "working-directory"}
Action = Callable[["Call"], None]


class WorkflowError(Exception):
    """A workflow that cannot be run here."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """What a run finds around it.

    Attributes:
        folder: where workspaces, logs and artifacts are put.
        repositories: OWNER/REPO -> a folder to check out, and its remote.
        repository: the one that the run belongs to.
        own: the repository and commit of the workflow file (`job.workflow_*`).
        env: the runner's environment: everything that a step gets beside GitHub's own variables.
        server, api: addresses.
        tokens: what each job's token may do, for who serves the API.
        secrets: of the caller.
    """

    folder: Path
    repositories: Mapping[str, tuple[Path, str]]
    repository: str
    own: tuple[str, str]
    env: Mapping[str, str]
    actions: Mapping[str, Action]
    server: str = "https://github.com"
    api: str = "https://api.github.com"
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """A step that was run or skipped."""

    name: str
    outcome: str
    code: int = 0
    log: str = ""


@dataclass(kw_only=True)
class JobRun:
    """A job; one of a matrix has its values in `matrix`."""

    id: str
    matrix: Mapping[str, str]
    result: str = "skipped"
    steps: list[StepRun] = field(default_factory=list)
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    workspace: Path = Path()

    def step(self, name: str) -> StepRun:
        return next(step for step in self.steps if step.name == name)


@dataclass(kw_only=True)
class WorkflowRun:
    """A whole run."""

    artifacts: Path
    jobs: list[JobRun] = field(default_factory=list)

    def job(self, name: str, **matrix: str) -> JobRun:
        found = [job for job in self.jobs if job.id == name and matrix.items() <= job.matrix.items()]
        if len(found) != 1:
            raise WorkflowError(f"{len(found)} jobs are called {name} with {matrix}")
        return found[0]

    def taken(self) -> set[tuple[str, str]]:
        """Each step that was run, as job and name."""
        return {(job.id, step.name) for job in self.jobs for step in job.steps if step.outcome != "skipped"}

    def logs(self) -> str:
        return "\n".join(
            f"== {job.id} {dict(job.matrix)}: {job.result} / {step.name}: {step.outcome} {step.code}\n{step.log}"
            for job in self.jobs
            for step in job.steps
        )


@dataclass(kw_only=True)
class Call:
    """A `uses:` step: its inputs, and what it may touch; what it puts into `path` later steps find first."""

    action: str
    inputs: dict[str, str]
    workspace: Path
    artifacts: Path
    host: Host
    log: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)


def read_workflow(path: Path) -> dict[str, Any]:
    """Read a workflow; every scalar is text, so that `on` stays `on`."""
    document: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506  (texts only)
    return document


def step_name(step: Mapping[str, Any]) -> str:
    """As GitHub calls it: its name, else what it runs or uses."""
    return str(step.get("name") or step.get("uses", "").partition("@")[0] or step["run"].partition("\n")[0])


def run_workflow(
    path: Path,
    host: Host,
    *,
    event: str = "schedule",
    inputs: Mapping[str, Any] | None = None,
    payload: Mapping[str, Any] | None = None,
) -> WorkflowRun:
    """Run every job of a workflow, as an event would; `payload` is added to `github.event`.

    An event that the workflow does not name is that of its caller; one that takes no inputs is, where there are some.
    """
    document = read_workflow(path)
    _known(document, {"name", "on", "permissions", "concurrency", "defaults", "env", "jobs"}, path.name)
    number = len(list(host.folder.iterdir())) if host.folder.exists() else 0
    folder = host.folder / str(number)
    run = WorkflowRun(artifacts=folder / "artifacts")
    run.artifacts.mkdir(parents=True)
    contexts = {
        "github": _github(host, event, number, payload or {}),
        "secrets": Lax(host.secrets),
        "inputs": _inputs(_trigger(document["on"], event, called=bool(inputs)), inputs or {}),
        "job": {"workflow_repository": host.own[0], "workflow_sha": host.own[1]},
    }
    done: dict[str, dict[str, Any]] = {}
    for name, job in document["jobs"].items():
        _known(job, _JOB_KEYS, f"{path.name}, job {name}")
        done[name] = _run_jobs(name, job, {**contexts, "needs": done}, _Runner(document, host, folder, run))
    return run


def _known(mapping: Mapping[str, Any], keys: set[str], where: str) -> None:
    if unknown := set(mapping) - keys:
        raise WorkflowError(f"{where}: {', '.join(sorted(unknown))} is not known here")


def _github(host: Host, event: str, number: int, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "actor": "someone",
        "api_url": host.api,
        "event": Lax({"repository": Lax(default_branch="main"), **payload}),
        "event_name": event,
        "ref": "refs/heads/main",
        "ref_name": "main",
        "ref_type": "branch",
        "repository": host.repository,
        "run_attempt": "1",
        "run_id": str(1000 + number),
        "server_url": host.server,
        "sha": "0" * 40,
        "workflow": "workflow",
    }


def _trigger(triggers: Mapping[str, Any], event: str, *, called: bool) -> Any:
    own = triggers.get(event)
    takes_inputs = isinstance(own, dict) and "inputs" in own
    return own if event in triggers and (takes_inputs or not called) else triggers.get("workflow_call")


def _inputs(trigger: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    declared = trigger.get("inputs", {}) if isinstance(trigger, dict) else {}
    _known(given, set(declared), "inputs")
    lacking = [name for name, one in declared.items() if one.get("required") == "true" and name not in given]
    if lacking:
        raise WorkflowError(f"inputs: {', '.join(lacking)} has to be given")
    defaults = {
        name: one["default"] == "true" if one["type"] == "boolean" else one["default"]
        for name, one in declared.items()
        if "default" in one
    }
    return Lax(defaults | dict(given))


@dataclass(frozen=True)
class _Runner:
    document: Mapping[str, Any]
    host: Host
    folder: Path
    run: WorkflowRun


def _run_jobs(name: str, job: Mapping[str, Any], contexts: Mapping[str, Any], runner: _Runner) -> dict[str, Any]:
    """Run a job for each entry of its matrix; gives what `needs.NAME` is to later jobs."""
    wanted = job.get("needs", [])
    needs = {one: contexts["needs"][one] for one in ([wanted] if isinstance(wanted, str) else wanted)}
    fine = all(one["result"] == "success" for one in needs.values())
    failed = any(one["result"] == "failure" for one in needs.values())
    status = {"success": fine, "always": True, "failure": failed, "cancelled": False}
    scope = Scope(contexts={**contexts, "needs": needs}, status=status)
    if not scope.condition(job.get("if")):
        runner.run.jobs.append(JobRun(id=name, matrix={}))
        return {"result": "skipped", "outputs": dict.fromkeys(job.get("outputs", {}), "")}
    matrix = scope.fill(job.get("strategy", {}).get("matrix", {}).get("include", [{}]))
    first = len(runner.run.jobs)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # GitHub runs them side by side, too
        started = [
            pool.submit(_run_job, first + number, name, job, {**scope.contexts, "matrix": one}, runner)
            for number, one in enumerate(matrix)
        ]
        runs = [one.result() for one in started]
    runner.run.jobs.extend(runs)
    result = "failure" if any(one.result == "failure" for one in runs) else "success"
    return {"result": result, "outputs": runs[-1].outputs}


def _run_job(number: int, name: str, job: Mapping[str, Any], contexts: Mapping[str, Any], runner: _Runner) -> JobRun:
    folder = runner.folder / f"{number}-{name}"
    state = _State(
        job=JobRun(id=name, matrix=contexts["matrix"], workspace=folder / "workspace"),
        runner=runner,
        folder=folder,
    )
    for needed in (state.job.workspace, folder / "temp"):
        needed.mkdir(parents=True)
    token = f"token-{runner.folder.name}-{number}"
    runner.host.tokens[token] = dict(job["permissions"])
    state.contexts = {
        **contexts,
        "github": contexts["github"] | {"token": token, "workspace": str(state.job.workspace), "job": name},
        "runner": {"temp": str(folder / "temp")},
        "steps": {},
    }
    state.env = {key: as_text(state.scope().fill(value)) for key, value in runner.document.get("env", {}).items()}
    state.env |= {key: as_text(state.scope().fill(value)) for key, value in job.get("env", {}).items()}
    for step in job["steps"]:
        state.take(step)
    state.job.result = "failure" if state.failed else "success"
    state.job.outputs = {key: as_text(state.scope().fill(value)) for key, value in job.get("outputs", {}).items()}
    return state.job


@dataclass(kw_only=True)
class _State:
    """A job on its way."""

    job: JobRun
    runner: _Runner
    folder: Path
    contexts: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    failed: bool = False

    def scope(self) -> Scope:
        status = {"success": not self.failed, "always": True, "failure": self.failed, "cancelled": False}
        return Scope(contexts={**self.contexts, "env": Lax(self.env)}, status=status)

    def take(self, step: Mapping[str, Any]) -> None:
        name = step_name(step)
        _known(step, _STEP_KEYS, f"step {name}")
        outputs = Lax()
        if not self.scope().condition(step.get("if")):
            done = StepRun(name=name, outcome="skipped")
        elif "run" in step:
            done = self.run(name, step, outputs)
        else:
            done = self.use(name, step)
        self.failed = self.failed or done.outcome == "failure"
        self.job.steps.append(done)
        if "id" in step:
            self.contexts["steps"][step["id"]] = {"outputs": outputs, "outcome": done.outcome}

    def use(self, name: str, step: Mapping[str, Any]) -> StepRun:
        action = step["uses"].partition("@")[0]
        if action not in self.runner.host.actions:
            raise WorkflowError(f"the action {action} is not known here")
        inputs = {key: as_text(self.scope().fill(value)) for key, value in step.get("with", {}).items()}
        call = Call(
            action=action,
            inputs=inputs,
            workspace=self.job.workspace,
            artifacts=self.runner.run.artifacts,
            host=self.runner.host,
        )
        try:
            self.runner.host.actions[action](call)
        except ActionFailed as error:
            return StepRun(name=name, outcome="failure", code=1, log=str(error))
        self.path = [*call.path, *self.path]
        return StepRun(name=name, outcome="success", log="\n".join(call.log))

    def run(self, name: str, step: Mapping[str, Any], outputs: Lax) -> StepRun:
        scope = self.scope()
        if self.runner.document.get("defaults") != {"run": {"shell": "bash"}}:
            raise WorkflowError("a workflow without `shell: bash` runs without pipefail")
        number = len(self.job.steps)
        files = {key: self.folder / f"{number}-{key.lower()}" for key in _FILES}
        for file in files.values():
            file.touch()
        script = self.folder / f"{number}.sh"
        script.write_text(as_text(scope.fill(step["run"])))
        own = {key: as_text(scope.fill(value)) for key, value in step.get("env", {}).items()}
        env = {**self.runner.host.env, **self.variables(), **self.env, **own}
        env |= {key: str(file) for key, file in files.items()}
        env["PATH"] = os.pathsep.join([*self.path, env["PATH"]])
        folder = self.job.workspace / as_text(scope.fill(step.get("working-directory", ".")))
        done = subprocess.run(
            [*_BASH, str(script)],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        outputs |= _pairs(files["GITHUB_OUTPUT"])
        self.env |= _pairs(files["GITHUB_ENV"])
        self.path = [*files["GITHUB_PATH"].read_text().splitlines(), *self.path]
        self.job.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        outcome = "failure" if done.returncode else "success"
        return StepRun(name=name, outcome=outcome, code=done.returncode, log=done.stdout)

    def variables(self) -> dict[str, str]:
        """GitHub's own variables, which every step gets; the token is not among them."""
        github = self.contexts["github"]
        texts = {f"GITHUB_{key.upper()}": value for key, value in github.items() if isinstance(value, str)}
        texts.pop("GITHUB_TOKEN")
        return {**texts, "CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_TEMP": self.contexts["runner"]["temp"]}


class ActionFailed(Exception):  # noqa: N818  (as GitHub says it)
    """A `uses:` step that would be red."""


def _pairs(file: Path) -> dict[str, str]:
    """`name=value` lines; the form with a delimiter is not known here."""
    lines = [line.partition("=") for line in file.read_text().splitlines()]
    if any(not sign or "<<" in name for name, sign, _ in lines):
        raise WorkflowError(f"{file.name} has another form than name=value: {json.dumps(file.read_text())}")
    return {name: value for name, _, value in lines}

"""`audit.yml` as another repository calls it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integration.workflows.conftest import Surroundings
from tests.support.tools import ROOT
from tests.support.workflow import WorkflowRun, read_workflow, run_workflow, step_name

if TYPE_CHECKING:
    from pathlib import Path

REUSABLE = ROOT / ".github" / "workflows" / "audit.yml"
CALLER = "someone/platform"
HERE = "registry.quarry.example"
POD = f"""apiVersion: v1
kind: Pod
metadata: {{name: pod}}
spec:
  containers:
    - name: both
      image: {HERE}/gateway/auth:2.0.1
    - name: lost
      image: {HERE}/runs/controller:1.1.0
"""
EXCEPTION = f"""exceptions:
  - image: {HERE}/runs/controller
    platform: linux/arm64
    reason: the next release has it
    link: https://example.com/1
    owner: "@someone"
    expires: 2027-01-01
"""


@pytest.fixture(scope="session")
def caller(surroundings: Surroundings) -> Path:
    """A small repository: one kustomization in `deploy`, an exceptions file beside it."""
    folder = surroundings.work / "caller"
    (folder / "deploy" / "example").mkdir(parents=True)
    (folder / "deploy" / "example" / "kustomization.yaml").write_text("resources: [pod.yaml]\n")
    (folder / "deploy" / "example" / "pod.yaml").write_text(POD)
    (folder / "exceptions.yaml").write_text(EXCEPTION)
    return folder


class Calls:
    """Runs of the workflow; each knows what its caller's repository is."""

    def __init__(self, surroundings: Surroundings, caller: Path) -> None:
        self.surroundings, self.caller = surroundings, caller
        self.taken: set[tuple[str, str]] = set()

    def run(self, *, registries: bool = True, payload: dict[str, Any] | None = None, **inputs: Any) -> WorkflowRun:
        host = self.surroundings.host(
            today="2026-11-23", registries=registries, callers={CALLER: self.caller}, belongs_to=CALLER
        )
        asked = {name.replace("_", "-"): value for name, value in inputs.items()}
        run = run_workflow(REUSABLE, host, event="workflow_call", inputs=asked, payload=payload)
        self.taken |= run.taken()
        return run


@pytest.fixture(scope="session")
def calls(surroundings: Surroundings, caller: Path) -> Calls:
    return Calls(surroundings, caller)


@pytest.fixture(scope="session")
def red(calls: Calls) -> WorkflowRun:
    return calls.run(manifests="deploy", upload_sarif=True)


def test_a_problem_makes_the_job_red_after_everything_is_kept(red: WorkflowRun) -> None:
    job = red.job("audit")
    assert (job.result, job.step("Result").code, job.outputs["result"]) == ("failure", 1, "no-go"), red.logs()
    assert "NO-GO" in job.summary
    kept = {path.name for path in (red.artifacts / "kfkit-audit-deploy").iterdir()}
    assert kept == {"report.md", "report.json", "report.html", "report.csv", "report.sarif"}


def test_code_scanning_gets_places_in_the_callers_repository(red: WorkflowRun) -> None:
    job = red.job("sarif")
    assert job.result == "success", red.logs()
    (found,) = job.step("github/codeql-action/upload-sarif").log.splitlines()
    assert found.startswith("deploy/example/pod.yaml:9: ")
    assert "runs/controller:1.1.0" in found


def test_an_exception_of_the_callers_makes_it_green(calls: Calls) -> None:
    run = calls.run(manifests="deploy", exceptions="exceptions.yaml")
    assert run.job("audit").result == "success", run.logs()
    assert run.job("audit").outputs["result"] == "go"
    assert run.job("sarif").result == "skipped"


def test_platforms_are_the_callers_choice(calls: Calls) -> None:
    run = calls.run(manifests="deploy", platforms="linux/amd64")
    assert run.job("audit").result == "success", run.logs()


def test_a_baseline_of_the_callers_makes_what_it_has_known(calls: Calls, red: WorkflowRun, caller: Path) -> None:
    shutil.copyfile(red.artifacts / "kfkit-audit-deploy" / "report.json", caller / "baseline.json")
    run = calls.run(manifests="deploy", baseline="baseline.json")
    assert run.job("audit").result == "success", run.logs()


def test_the_whole_repository_can_be_the_tree(calls: Calls) -> None:
    run = calls.run(fail_on="never", upload_sarif=True)
    assert run.job("audit").result == "success", run.logs()
    assert "::warning title=no-go" in run.job("audit").step("Result").log
    assert "deploy/example/pod.yaml:9: " in run.job("sarif").step("github/codeql-action/upload-sarif").log


@pytest.mark.parametrize(("fail_on", "result"), [("error", "failure"), ("problem", "success")])
def test_registries_that_are_down_say_nothing_of_missing_images(calls: Calls, fail_on: str, result: str) -> None:
    run = calls.run(manifests="deploy", registries=False, fail_on=fail_on)
    job = run.job("audit")
    assert (job.result, job.outputs["result"]) == (result, "undetermined"), run.logs()
    assert "**Undetermined**" in job.summary
    document = json.loads((run.artifacts / "kfkit-audit-deploy" / "report.json").read_text())
    assert {one["rule"] for one in document["findings"]} == {"unknown"}


def test_a_fork_uploads_no_sarif(calls: Calls) -> None:
    fork = {"pull_request": {"head": {"repo": {"fork": True}}}}
    run = calls.run(manifests="deploy", upload_sarif=True, payload=fork)
    assert run.job("sarif").result == "skipped"
    own = {"pull_request": {"head": {"repo": {"fork": False}}}}
    assert calls.run(manifests="deploy", upload_sarif=True, payload=own).job("sarif").result == "success"


@pytest.mark.parametrize("manifests", ["", "/etc", "..", "../other", "a/../../b", "-", "--help", "a/.."])
def test_a_folder_outside_of_the_callers_repository_is_refused(calls: Calls, manifests: str) -> None:
    run = calls.run(manifests=manifests)
    job = run.job("audit")
    assert (job.result, job.step("Check the inputs").code) == ("failure", 2)
    assert {step.outcome for step in job.steps[1:]} == {"skipped"}


def test_an_unknown_way_to_fail_is_refused(calls: Calls) -> None:
    run = calls.run(fail_on="sometimes")
    assert "fail-on must be error, problem or never" in run.job("audit").step("Check the inputs").log


@pytest.mark.parametrize("name", ["manifests", "platforms", "policy", "exceptions", "baseline"])
def test_an_input_is_never_a_command(calls: Calls, name: str) -> None:
    evil = 'x"; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }} #'
    asked: dict[str, Any] = {"manifests": "deploy", name: evil}
    run = calls.run(**asked)
    job = run.job("audit")
    assert job.result == "failure"
    assert job.step("Audit").code == 2, run.logs()
    assert list(job.workspace.rglob("pwned")) == []
    assert job.step("Keep the reports").outcome == "skipped"
    assert "token-" not in run.logs()


def test_every_step_was_run(red: WorkflowRun) -> None:
    jobs = read_workflow(REUSABLE)["jobs"]
    assert {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]} == red.taken()


def test_the_caller_in_the_documentation_fits() -> None:
    text = (ROOT / "docs" / "how-to" / "nightly-audit.md").read_text()
    caller = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["jobs"]["audit"]
    called = read_workflow(REUSABLE)
    assert set(caller["with"]) <= set(called["on"]["workflow_call"]["inputs"])
    for job in called["jobs"].values():
        assert job["permissions"].items() <= caller["permissions"].items()
    for name in called["on"]["workflow_call"]["inputs"]:
        assert f"`{name}`" in text

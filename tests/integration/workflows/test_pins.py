"""`pins.yml` as another repository calls it on pull requests: only what they change is annotated, and counts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integration.workflows.callers import BACKUP, CALLER, PROXY, Repository, pod
from tests.integration.workflows.conftest import Surroundings, git
from tests.support.tools import ROOT
from tests.support.workflow import WorkflowRun, read_workflow, run_workflow, step_name

if TYPE_CHECKING:
    from tests.support.workflow import JobRun

WORKFLOW = ROOT / ".github" / "workflows" / "pins.yml"
GUIDE = ROOT / "docs" / "how-to" / "check-pins-on-pull-requests.md"
ARTIFACT = "kfkit-pins-deploy"


@pytest.fixture(scope="module")
def repository(surroundings: Surroundings) -> Repository:
    made = Repository(surroundings.work / "pins-caller")
    made.write("deploy/more/kustomization.yaml", "resources: [more.yaml]\n")
    made.write("deploy/more/more.yaml", pod("more", BACKUP))  # somebody else's, merged since the branch began
    return made


NEW = (
    ("deploy/new/kustomization.yaml", "resources: [new.yaml]\n"),
    ("deploy/new/new.yaml", pod("new", "x/y:1", PROXY)),
)


class Calls:
    def __init__(self, surroundings: Surroundings, repository: Repository) -> None:
        self.surroundings, self.repository = surroundings, repository

    def run(self, event: str = "pull_request", *, registries: bool = True, **inputs: Any) -> WorkflowRun:
        host = self.surroundings.host(
            today="2026-11-24",
            registries=registries,
            callers={CALLER: self.repository.folder},
            belongs_to=CALLER,
        )
        asked = {"manifests": "deploy"} | {name.replace("_", "-"): value for name, value in inputs.items()}
        return run_workflow(WORKFLOW, host, event=event, inputs=asked)


@pytest.fixture(scope="module")
def calls(surroundings: Surroundings, repository: Repository) -> Calls:
    return Calls(surroundings, repository)


def annotated(job: JobRun) -> list[str]:
    """Places that GitHub would show an annotation at: commands to the runner, but where they are stopped."""
    log = re.sub(r"^::stop-commands::(\S+)\n.*?^::\1::\n", "", job.step("Check").log, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^\s*::(?:error|warning) file=([^,]+,line=\d+)", log, re.MULTILINE)


@pytest.fixture(scope="module")
def red(calls: Calls) -> WorkflowRun:
    calls.repository.pull_request(*NEW)
    return calls.run()


def test_only_the_lines_of_the_pull_request_are_annotated(red: WorkflowRun) -> None:
    job = red.job("check")
    assert annotated(job) == ["deploy/new/new.yaml,line=9"], red.logs()
    assert (job.result, job.step("Result").code, job.outputs["result"]) == ("failure", 1, "tied")


def test_summary_and_reports_are_kept_before_it_is_red(red: WorkflowRun) -> None:
    assert "new/new.yaml:9" in red.job("check").summary
    assert "old.yaml" not in red.job("check").summary
    kept = {path.name for path in (red.artifacts / ARTIFACT).iterdir()}
    assert kept == {"report.md", "report.json", "report.sarif"}
    document = json.loads((red.artifacts / ARTIFACT / "report.json").read_text())
    assert [(pin["file"], pin["class"]) for pin in document["pins"]] == [("new/new.yaml", "single-platform")]


def test_a_pull_request_without_new_ties_is_green_on_a_tree_that_has_old_ones(calls: Calls) -> None:
    calls.repository.pull_request(("deploy/README.md", "words\n"))
    run = calls.run()
    job = run.job("check")
    assert (job.result, job.outputs["result"], annotated(job)) == ("success", "free", []), run.logs()


def test_without_a_pull_request_every_line_counts(calls: Calls) -> None:
    calls.repository.pull_request(*NEW)
    job = calls.run("schedule").job("check")
    assert annotated(job) == [f"deploy/{one}" for one in ("example/old.yaml,line=7", "more/more.yaml,line=7")] + [
        "deploy/new/new.yaml,line=9"
    ]


def test_a_commit_of_the_callers_is_what_lines_changed_since(calls: Calls) -> None:
    calls.repository.pull_request(*NEW)
    run = calls.run("push", since=calls.repository.begin, fail_on="never")
    assert annotated(run.job("check")) == ["deploy/more/more.yaml,line=7", "deploy/new/new.yaml,line=9"], run.logs()
    assert run.job("check").result == "success"


@pytest.mark.parametrize(("fail_on", "result"), [("error", "failure"), ("problem", "success")])
def test_registries_that_are_down_say_nothing_of_ties(calls: Calls, fail_on: str, result: str) -> None:
    calls.repository.pull_request(*NEW)
    run = calls.run(registries=False, fail_on=fail_on)
    job = run.job("check")
    assert (job.result, job.outputs["result"]) == (result, "undetermined"), run.logs()
    assert "**Undetermined**" in job.summary


def test_a_checkout_that_is_no_merge_is_told_apart(calls: Calls) -> None:
    git(calls.repository.folder, "checkout", "--quiet", "--detach", calls.repository.begin)
    job = calls.run().job("check")
    assert job.step("Check").code == 2
    assert "No merge commit" in job.step("Check").log


def test_a_name_that_reads_like_a_command_to_the_runner_is_none(calls: Calls) -> None:
    name = "deploy/new/::error file=README.md,line=1::.yaml"
    calls.repository.pull_request(
        ("deploy/new/kustomization.yaml", f"resources: ['{name.rpartition('/')[2]}']\n"), (name, pod("new", PROXY))
    )
    (found,) = annotated(calls.run().job("check"))
    assert found.startswith("deploy/new/%3A%3Aerror file=README.md%2Cline=1%3A%3A.yaml")


@pytest.mark.parametrize("name", ["manifests", "platforms", "since"])
def test_an_input_is_never_a_command(calls: Calls, name: str) -> None:
    calls.repository.pull_request(*NEW)
    asked: dict[str, Any] = {name: 'x"; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }} #'}
    run = calls.run(**asked)
    job = run.job("check")
    assert (job.result, job.step("Check").code) == ("failure", 2), run.logs()
    assert list(job.workspace.rglob("pwned")) == []
    assert "token-" not in run.logs()


@pytest.mark.parametrize("asked", [{"manifests": "../other"}, {"since": "--output=x"}, {"fail-on": "sometimes"}])
def test_a_wrong_input_is_refused_at_the_first_step(calls: Calls, asked: dict[str, Any]) -> None:
    job = calls.run(**asked).job("check")
    assert (job.result, job.step("Check the inputs").code) == ("failure", 2)
    assert {step.outcome for step in job.steps[1:]} == {"skipped"}


def test_it_asks_for_nothing_but_to_read() -> None:
    document = read_workflow(WORKFLOW)
    assert {name: job["permissions"] for name, job in document["jobs"].items()} == {"check": {"contents": "read"}}
    assert "github.token" not in WORKFLOW.read_text()


def test_every_step_was_run(red: WorkflowRun) -> None:
    jobs = read_workflow(WORKFLOW)["jobs"]
    assert {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]} == red.taken()


def test_the_caller_in_the_documentation_fits() -> None:
    text = GUIDE.read_text()
    caller = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["jobs"]["pins"]
    inputs = read_workflow(WORKFLOW)["on"]["workflow_call"]["inputs"]
    assert caller["permissions"] == {"contents": "read"}
    assert set(caller["with"]) <= set(inputs)
    assert all(f"`{name}`" in text for name in inputs)

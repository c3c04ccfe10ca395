"""`audit-nightly.yml`, night by night, as GitHub would run it: real registry, real git, GitHub's issues on loopback."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.workflows.conftest import OURS, UPSTREAM, Surroundings, git
from tests.support.tools import ROOT
from tests.support.workflow import WorkflowRun, read_workflow, run_workflow, step_name

if TYPE_CHECKING:
    from pathlib import Path

NIGHTLY = ROOT / ".github" / "workflows" / "audit-nightly.yml"
CONTROLLER = "apps/runs/base/controller.yaml"
RELEASES = f"github.com/{UPSTREAM}@master\ngithub.com/{UPSTREAM}@26.03\n"
HISTORY = "audit-history"


@dataclass(kw_only=True)
class Night:
    """A run, and how the world looked after it."""

    run: WorkflowRun
    issues: list[dict[str, Any]]
    comments: dict[int, list[str]]
    requests: list[str]
    files: dict[str, str] = field(default_factory=dict)

    def report(self, release: str, name: str = "report.json") -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.run.artifacts / f"audit-{release}" / name).read_text())
        return document


@pytest.fixture(scope="session")
def upstream(surroundings: Surroundings) -> Path:
    """Kubeflow's repository: `26.03` is tagged, `master` moves on. On both the controller still has arm64."""
    folder = surroundings.upstream
    shutil.copytree(ROOT / "examples" / "platform", folder)
    git(folder, "init", "--quiet", "--initial-branch=master")
    move_controller(folder, "1.0.0")
    git(folder, "tag", "26.03")
    (surroundings.repository / "audits" / "releases.txt").write_text(RELEASES)
    return folder


def move_controller(folder: Path, tag: str) -> None:
    file = folder / CONTROLLER
    lines = [
        f"{line.rpartition(':')[0]}:{tag}" if "runs/controller:" in line else line
        for line in file.read_text().splitlines()
    ]
    file.write_text("\n".join(lines) + "\n")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "-m", f"controller {tag}")


@pytest.fixture(scope="session")
def nights(surroundings: Surroundings, upstream: Path) -> dict[str, Night]:
    """First night, a regression, the same again, registries down, mended."""
    found = {}
    for name, today, tag, registries in (
        ("first", "2026-11-20", None, True),
        ("regressed", "2026-11-21", "1.1.0", True),
        ("again", "2026-11-22", None, True),
        ("down", "2026-11-23", None, False),
        ("mended", "2026-11-24", "1.0.0", True),
    ):
        if tag:
            move_controller(upstream, tag)
        before = len(surroundings.github.requests)
        run = run_workflow(NIGHTLY, surroundings.host(today=today, registries=registries))
        found[name] = Night(
            run=run,
            issues=json.loads(json.dumps(surroundings.github.issues)),
            comments={number: list(texts) for number, texts in surroundings.github.comments.items()},
            requests=surroundings.github.requests[before:],
            files=history_files(surroundings.pushed),
        )
    return found


def history_files(remote: Path) -> dict[str, str]:
    names = git(remote, "ls-tree", "-r", "--name-only", HISTORY).splitlines()
    return {name: git(remote, "show", f"{HISTORY}:{name}") for name in names}


def test_a_red_audit_is_kept_in_every_form_before_it_is_red(nights: dict[str, Night]) -> None:
    night = nights["first"]
    for release in ("master", "26.03"):
        job = night.run.job("audit", release=release)
        assert (job.result, job.step("Result").code) == ("failure", 1), night.run.logs()
        assert "::error title=" in job.step("Result").log
        assert "NO-GO" in job.summary
        kept = {path.name for path in (night.run.artifacts / f"audit-{release}").iterdir()}
        assert kept == {"report.md", "report.json", "report.html", "report.csv"}


def test_the_first_night_begins_the_history_and_opens_nothing(nights: dict[str, Night]) -> None:
    night = nights["first"]
    assert night.run.job("history").result == "success", night.run.logs()
    assert night.run.job("tracking-issue").result == "success", night.run.logs()
    assert set(night.files) == {
        *(f"reports/{release}/2026-11-20.json" for release in ("master", "26.03")),
        *(f"baselines/{release}.json" for release in ("master", "26.03")),
        *("index.html", "README.md", ".nojekyll"),
    }
    assert night.files["baselines/26.03.json"] == night.files["reports/26.03/2026-11-20.json"]
    assert night.issues == []


def test_a_problem_is_not_known_only_because_the_history_has_it(nights: dict[str, Night]) -> None:
    for name in ("first", "again"):
        states = {image["status"] for image in nights[name].report("26.03")["images"]}
        assert "fails" in states
        assert "known" not in states


def test_a_regression_opens_the_issue(nights: dict[str, Night]) -> None:
    night = nights["regressed"]
    (issue,) = night.issues
    assert issue["state"] == "open"
    assert "runs/controller:1.1.0` has no working `linux/arm64`, since 2026-11-21" in issue["body"]
    assert "runs/controller:1.0.0` had it" in issue["body"]
    assert f"{CONTROLLER}:18" in issue["body"]
    assert "1.2.0 is the nearest newer tag" in issue["body"], "what to do stands in the other report of the night"
    assert issue["body"].count("\n- ") == 1
    assert night.requests == ["POST labels", "POST issues"]
    assert (
        "regressed: `registry.quarry.example/runs/controller:1.1.0`" in night.run.job("audit", release="master").summary
    )


def test_the_same_again_writes_nothing_to_the_issue(nights: dict[str, Night]) -> None:
    assert nights["again"].requests == []
    assert nights["again"].issues == nights["regressed"].issues


def test_the_baseline_waits_until_the_regression_is_mended(nights: dict[str, Night]) -> None:
    for name in ("regressed", "again", "down"):
        assert nights[name].files["baselines/master.json"] == nights["first"].files["baselines/master.json"]
    assert nights["again"].files["baselines/26.03.json"] == nights["again"].files["reports/26.03/2026-11-22.json"]
    assert nights["mended"].files["baselines/master.json"] == nights["mended"].files["reports/master/2026-11-24.json"]


def test_a_night_without_registries_is_undetermined_and_nothing_is_missing(nights: dict[str, Night]) -> None:
    night = nights["down"]
    for release in ("master", "26.03"):
        job = night.run.job("audit", release=release)
        assert (job.result, job.step("Result").code) == ("failure", 3), night.run.logs()
        assert f"**{release} is undetermined**" in job.summary
        assert "undetermined" in job.step("Result").log
        document = night.report(release)
        assert document["result"] == "undetermined"
        verdicts = {record["verdict"] for image in document["images"] for record in image["platforms"].values()}
        assert verdicts == {"unknown"}
        assert {one["rule"] for one in document["findings"]} == {"unknown"}


def test_a_night_without_registries_leaves_the_issue_and_keeps_the_history(nights: dict[str, Night]) -> None:
    night = nights["down"]
    assert night.run.job("history").result == "success", night.run.logs()
    assert night.run.job("tracking-issue").result == "success", night.run.logs()
    assert night.requests == []
    assert night.issues == nights["regressed"].issues
    assert json.loads(night.files["reports/master/2026-11-23.json"])["result"] == "undetermined"


def test_mended_closes_the_issue_with_one_comment(nights: dict[str, Night]) -> None:
    night = nights["mended"]
    (issue,) = night.issues
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert len(night.comments[issue["number"]]) == 1
    assert night.requests == [f"POST issues/{issue['number']}/comments", f"PATCH issues/{issue['number']}"]


def test_the_trend_has_every_night(nights: dict[str, Night]) -> None:
    night = nights["mended"]
    reports = [name for name in night.files if name.startswith("reports/")]
    assert len(reports) == 10
    for told in (night.files["index.html"], night.run.job("history").summary):
        assert all(f"2026-11-2{day}" in told for day in (0, 3, 4)), "the first, the one without registries, the last"
        assert "26.03" in told


def test_the_branch_was_never_forced(nights: dict[str, Night], surroundings: Surroundings) -> None:
    assert len(nights) == 5
    assert git(surroundings.pushed, "rev-list", "--count", HISTORY).strip() == "5"
    assert git(surroundings.pushed, "log", "--format=%an", HISTORY).split("\n")[0] == "github-actions[bot]"


@pytest.fixture(scope="session")
def experiment(nights: dict[str, Night], surroundings: Surroundings) -> Night:
    """A run by hand, for one platform, of one release."""
    assert nights
    before = history_files(surroundings.pushed)
    github = surroundings.github
    requests = len(github.requests)
    host = surroundings.host(today="2026-11-25")
    inputs = {"releases": '["26.03"]', "platforms": "linux/amd64"}
    run = run_workflow(NIGHTLY, host, event="workflow_dispatch", inputs=inputs)
    return Night(run=run, issues=[], comments={}, requests=github.requests[requests:], files=before)


def test_a_run_by_hand_with_other_platforms_records_nothing(experiment: Night, surroundings: Surroundings) -> None:
    assert experiment.report("26.03")["required"] == ["linux/amd64"]
    assert experiment.run.job("history").result == "skipped"
    assert experiment.run.job("tracking-issue").result == "skipped"
    assert experiment.requests == []
    assert history_files(surroundings.pushed) == experiment.files


def test_a_committed_baseline_decides_and_the_job_is_green(
    nights: dict[str, Night], surroundings: Surroundings
) -> None:
    baseline = surroundings.repository / "audits" / "baselines" / "26.03.json"
    baseline.parent.mkdir(exist_ok=True)
    baseline.write_text(nights["first"].files["baselines/26.03.json"])
    try:
        host = surroundings.host(today="2026-11-26")
        run = run_workflow(NIGHTLY, host, event="workflow_dispatch", inputs={"releases": '["26.03"]'})
    finally:
        baseline.unlink()
    job = run.job("audit", release="26.03")
    assert job.result == "success", run.logs()
    assert job.step("Compare with the history").outcome == "skipped"
    assert not (run.artifacts / "audit-26.03" / "changes.json").exists()
    assert run.job("history").result == "success", run.logs()


def test_a_decision_file_that_is_wrong_is_told_and_takes_nothing_away(
    nights: dict[str, Night], surroundings: Surroundings
) -> None:
    assert nights
    before, requests = history_files(surroundings.pushed), len(surroundings.github.requests)
    wrong = surroundings.repository / "audits" / "exceptions.yaml"
    wrong.write_text("exceptions: [{imag: x}]\n")
    try:
        run = run_workflow(NIGHTLY, surroundings.host(today="2026-11-27"))
    finally:
        wrong.unlink()
    job = run.job("audit", release="master")
    assert job.step("Audit").code == 2
    assert "audits/exceptions.yaml:1" in job.step("Audit").log
    assert {step.outcome for step in job.steps[3:]} == {"skipped"}
    assert "no report in reports" in run.job("history").step("Put the reports into the branch audit-history").log
    assert run.job("tracking-issue").result == "success", run.logs()
    assert "master: undetermined" in run.job("tracking-issue").steps[-1].log
    assert len(surroundings.github.requests) == requests
    assert history_files(surroundings.pushed) == before


def test_a_history_that_cannot_be_read_closes_nothing_and_the_reports_are_kept(
    nights: dict[str, Night], surroundings: Surroundings
) -> None:
    assert nights
    requests = len(surroundings.github.requests)
    host = surroundings.host(today="2026-11-27")
    lost = replace(host, repositories={OURS: (surroundings.repository, str(surroundings.work / "nowhere.git"))})
    run = run_workflow(NIGHTLY, lost, event="workflow_dispatch", inputs={"releases": '["26.03"]'})
    job = run.job("audit", release="26.03")
    assert job.step("Look for a baseline").code == 3
    assert job.step("Compare with the history").outcome == "skipped"
    assert job.step("Keep the reports").outcome == "success"
    assert "is a no-go" in job.step("Result").log
    assert run.job("history").result == "failure"
    assert "26.03: undetermined" in run.job("tracking-issue").steps[-1].log
    assert len(surroundings.github.requests) == requests


def test_a_release_that_does_not_exist_is_red_and_recorded_nowhere(surroundings: Surroundings, upstream: Path) -> None:
    assert upstream.is_dir()
    host = surroundings.host(today="2026-11-27")
    run = run_workflow(NIGHTLY, host, event="workflow_dispatch", inputs={"releases": '["no-such-tag"]'})
    job = run.job("audit", release="no-such-tag")
    assert (job.result, job.step("Result").code) == ("failure", 3), run.logs()
    assert job.step("Keep the reports").outcome == "skipped"
    assert run.job("history").result == "skipped"


@pytest.mark.parametrize("asked", ['["x; touch smuggled"]', '["$(touch smuggled)"]', '"]\\n touch smuggled'])
def test_a_list_of_releases_cannot_smuggle_a_command(surroundings: Surroundings, upstream: Path, asked: str) -> None:
    assert upstream.is_dir()
    host = surroundings.host(today="2026-11-27")
    run = run_workflow(NIGHTLY, host, event="workflow_dispatch", inputs={"releases": asked})
    assert run.job("plan").step("Read the list of releases").code == 2
    assert run.job("audit").result == "skipped"
    assert list(run.job("plan").workspace.rglob("smuggled")) == []


def test_every_step_was_run(nights: dict[str, Night]) -> None:
    jobs = read_workflow(NIGHTLY)["jobs"]
    steps = {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]}
    assert steps == {step for night in nights.values() for step in night.run.taken()}

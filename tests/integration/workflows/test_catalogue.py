"""`catalogue.yml`: red where the catalogue is not true any more, and not for what others' Dockerfiles lack."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.integration.workflows.conftest import OURS, Surroundings, copy_repository, git
from tests.support.tools import ROOT
from tests.support.workflow import WorkflowRun, read_workflow, run_workflow, step_name

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = ROOT / ".github" / "workflows" / "catalogue.yml"
_WHO = ("-c", "user.name=x", "-c", "user.email=x@example.com")
CATALOGUE = """sources:
  one: {repository: quarry-example/one}
  two: {repository: quarry-example/two, branch: v2}
components:
  - {name: a, image: ghcr.io/a, source: one, dockerfile: a/Dockerfile}
  - {name: b, image: ghcr.io/b, source: two, target: final}
"""
# Tied to one platform, which is a finding of the linter's, and no drift.
TIED = "FROM --platform=linux/amd64 registry.quarry.example/gateway/auth:2.0.1\nCOPY a /a\n"


class Nights:
    """Runs of the workflow in a repository of ours whose catalogue is a small one, of repositories that are here."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.ours = surroundings.work / "catalogue-repository"
        copy_repository(self.ours)
        (self.ours / "buildkit" / "data" / "builds.yaml").write_text(CATALOGUE)
        self.github = surroundings.work / "github" / "quarry-example"
        self.write("one", "main", {"a/Dockerfile": TIED})
        self.write("two", "v2", {"Dockerfile": "FROM scratch AS final\nCOPY b /b\n"})

    def write(self, repository: str, branch: str, files: dict[str, str]) -> None:
        folder = self.github / repository
        if not folder.exists():
            folder.mkdir(parents=True)
            git(folder, "init", "--quiet", f"--initial-branch={branch}")
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        git(folder, "add", "--all")
        git(folder, *_WHO, "commit", "--quiet", "-m", "write")

    def run(self) -> WorkflowRun:
        host = self.surroundings.host(today="2026-11-30")
        host = replace(host, repositories={OURS: (self.ours, str(self.surroundings.work / "none"))})
        return run_workflow(WORKFLOW, host)


@pytest.fixture(scope="module")
def nights(surroundings: Surroundings) -> Nights:
    return Nights(surroundings)


@pytest.fixture(scope="module")
def green(nights: Nights) -> WorkflowRun:
    return nights.run()


def test_a_catalogue_that_is_true_is_green_whatever_the_linter_finds(green: WorkflowRun) -> None:
    job = green.job("catalogue")
    assert job.result == "success", green.logs()
    kept: Path = green.artifacts / "catalogue"
    assert {path.name for path in kept.iterdir()} == {
        *("catalogue.txt", "catalogue.json", "lint.txt", "lint.json", "lint.sarif"),
    }
    findings = json.loads((kept / "lint.json").read_text())["findings"]
    assert {one["file"] for one in findings} == {"sources/quarry-example+one/a/Dockerfile"}
    assert len(json.loads((kept / "catalogue.json").read_text())["checked"]) == 2


def test_every_step_was_run(green: WorkflowRun) -> None:
    jobs = read_workflow(WORKFLOW)["jobs"]
    assert {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]} == green.taken()


def test_one_that_has_changed_since_is_red_after_everything_is_kept(nights: Nights) -> None:
    nights.write("two", "v2", {"Dockerfile": "FROM scratch AS last\n", "new/Dockerfile": "FROM scratch\n"})
    run = nights.run()
    job = run.job("catalogue")
    assert (job.result, job.step("Result").code) == ("failure", 1), run.logs()
    rules = {one["rule"] for one in json.loads((run.artifacts / "catalogue" / "catalogue.json").read_text())["drift"]}
    assert rules == {"no-stage", "unnamed"}
    assert "no-stage" in job.summary


def test_a_repository_that_is_gone_is_not_known_and_the_others_are_checked(nights: Nights) -> None:
    (nights.github / "two").rename(nights.github / "elsewhere")
    run = nights.run()
    job = run.job("catalogue")
    assert (job.result, job.step("Result").code) == ("failure", 3), run.logs()
    assert "::error title=Undetermined" in job.step("Result").log
    document = json.loads((run.artifacts / "catalogue" / "catalogue.json").read_text())
    assert [one["source"] for one in document["checked"]] == ["quarry-example/one"]

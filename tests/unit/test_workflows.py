"""What holds for every workflow: rights, pins and time limits, and no value of anybody's in a shell's text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.tools import ROOT
from tests.support.workflow import read_workflow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_PINNED = re.compile(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}")
_USES = re.compile(r"^\s*(?:- )?uses: (\S+)(?P<comment> # v\d+\.\d+\.\d+)?$", re.MULTILINE)


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from read_workflow(path)["jobs"].items()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for _, job in jobs(path):
        yield from job["steps"]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_no_job_has_a_right_that_it_does_not_name(workflow: Path) -> None:
    assert read_workflow(workflow)["permissions"] == {}
    for name, job in jobs(workflow):
        assert set(job["permissions"].values()) <= {"read", "write"}, name


def test_every_job_ends(workflow: Path) -> None:
    for name, job in jobs(workflow):
        assert 0 < int(job["timeout-minutes"]) < 360, name


def test_actions_are_pinned_to_commits_with_the_release_beside(workflow: Path) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert all(_PINNED.fullmatch(one) for one in used)
    commented = [found[1] for found in _USES.finditer(workflow.read_text()) if found["comment"]]
    assert sorted(commented) == sorted(used)


def test_one_release_of_an_action_is_one_commit() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for workflow in WORKFLOWS:
        for match in _USES.finditer(workflow.read_text()):
            action, _, commit = match[1].partition("@")
            found.setdefault((action, match["comment"]), set()).add(commit)
    assert {key for key, commits in found.items() if len(commits) > 1} == set()


def test_no_value_gets_into_a_shells_text(workflow: Path) -> None:
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_no_checkout_leaves_a_token_on_the_disk(workflow: Path) -> None:
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_a_reusable_workflow_installs_itself_at_the_commit_that_it_was_called_at(workflow: Path) -> None:
    called = "workflow_call" in read_workflow(workflow)["on"]
    own = [step["with"] for step in steps(workflow) if "workflow_repository" in str(step.get("with"))]
    assert bool(own) is called
    assert all("job.workflow_sha" in one["ref"] for one in own)

"""`pins-fix.yml`, run after run, for a caller: real registry and git, GitHub's pull requests on loopback."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integration.workflows.callers import AMD64, BACKUP, CALLER, PROXY, Repository, pod
from tests.integration.workflows.conftest import Surroundings, git
from tests.integration.workflows.test_pins import GUIDE
from tests.support.github_api import Tracker, run_github
from tests.support.tools import ROOT
from tests.support.workflow import WorkflowRun, read_workflow, run_workflow, step_name

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = ROOT / ".github" / "workflows" / "pins-fix.yml"
PUBLISH = "Open the pull request, or bring it up to date"
COPIED = "deploy/example/kustomization.yaml"
# The image's tag goes into a label, where the untied one would be a number: a change that nobody meant.
UNPROVABLE = """resources: [old.yaml]
replacements:
  - source: {kind: Pod, name: old, fieldPath: spec.containers.0.image, options: {delimiter: ":", index: 1}}
    targets:
      - {select: {kind: Pod}, fieldPaths: [metadata.labels.version], options: {create: true}}
"""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A repository on GitHub: `repository` is where its people work, `remote` where they push."""

    surroundings: Surroundings
    repository: Repository
    remote: Path
    github: Tracker

    def write(self, path: str, content: str) -> str:
        commit = self.repository.write(path, content)
        git(self.repository.folder, "push", "--quiet", "--force", str(self.remote), "HEAD:refs/heads/main")
        return commit

    def run(self, *, registries: bool = True, **inputs: Any) -> WorkflowRun:
        host = self.surroundings.host(today="2026-11-24", registries=registries, belongs_to=CALLER)
        known = {**host.repositories, CALLER: (self.repository.folder, str(self.remote))}
        asked = {"manifests": "deploy"} | {name.replace("_", "-"): value for name, value in inputs.items()}
        here = replace(host, repositories=known, api=self.github.address)
        return run_workflow(WORKFLOW, here, event="workflow_call", inputs=asked)

    @property
    def branch(self) -> str:
        (name,) = re.findall(r"refs/heads/(kfkit-pins/\S+)", git(self.remote, "for-each-ref"))
        return str(name)

    def files(self) -> list[str]:
        """What the branch changes on `main`."""
        return git(self.remote, "diff", "--name-only", f"main...{self.branch}").split()


@pytest.fixture
def caller(surroundings: Surroundings, tmp_path: Path) -> Iterator[Caller]:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    with run_github(CALLER, surroundings.tokens) as github:
        made = Caller(
            surroundings=surroundings,
            repository=Repository(tmp_path / "work"),
            remote=tmp_path / "remote.git",
            github=github,
        )
        made.write("README.md", "words\n")
        yield made


def test_the_fix_becomes_one_pull_request_that_follows_main(caller: Caller) -> None:
    first = caller.run()
    assert [job.result for job in first.jobs] == ["success", "success"], first.logs()
    assert caller.github.requests == ["POST pulls"]
    (pull,) = caller.github.pulls
    assert (pull["base"]["ref"], pull["head"]["label"]) == ("main", f"someone:{caller.branch}")
    assert "1 pin freed in 1 file" in pull["body"]
    assert "1 kustomization rendered before and after: 1 value changed as intended, nothing else" in pull["body"]
    assert caller.files() == ["deploy/example/old.yaml"]
    changed = git(caller.remote, "diff", "--unified=0", f"main...{caller.branch}").splitlines()[-2:]
    assert changed == [f"-      image: {BACKUP}", f"+      image: {BACKUP.removesuffix('-amd64')}"]
    tip = git(caller.remote, "rev-parse", caller.branch)

    again = caller.run()
    assert "stays as it is" in again.job("pull-request").step(PUBLISH).log, again.logs()
    assert (git(caller.remote, "rev-parse", caller.branch), len(caller.github.requests)) == (tip, 1)

    head = caller.write("other.md", "nothing to do with it\n")
    caller.run()
    assert git(caller.remote, "rev-parse", f"{caller.branch}^").strip() == head
    assert (caller.files(), len(caller.github.requests)) == (["deploy/example/old.yaml"], 1)

    caller.write("deploy/example/new.yaml", pod("new", PROXY))
    caller.write(COPIED, "resources: [old.yaml, new.yaml]\n")
    caller.run()
    assert caller.files() == ["deploy/example/new.yaml", "deploy/example/old.yaml"]
    assert caller.github.requests == ["POST pulls", f"PATCH pulls/{pull['number']}"]
    assert "2 pins freed in 2 files" in caller.github.pulls[0]["body"]
    assert AMD64 not in git(caller.remote, "show", f"{caller.branch}:deploy/example/new.yaml")


def test_nothing_to_fix_makes_no_pull_request(caller: Caller) -> None:
    caller.write("deploy/example/old.yaml", pod("old", BACKUP.removesuffix("-amd64")))
    run = caller.run()
    assert (run.job("fix").result, run.job("pull-request").result) == ("success", "skipped"), run.logs()
    assert "Nothing to fix" in run.job("fix").step("Result").log
    assert caller.github.requests == []


def test_a_proof_that_fails_is_red_and_shown_and_writes_nothing(caller: Caller) -> None:
    caller.write(COPIED, UNPROVABLE)
    run = caller.run()
    job = run.job("fix")
    assert (job.result, job.step("Result").code) == ("failure", 1), run.logs()
    assert "Not proven" in job.step("Result").log
    assert "metadata.labels.version" in job.summary
    assert (run.artifacts / "kfkit-pins-fix-deploy" / "fix.patch").read_bytes() == b""
    assert run.job("pull-request").result == "skipped"
    assert caller.github.requests == []
    assert "kfkit-pins" not in git(caller.remote, "for-each-ref")


def test_what_somebody_else_pushed_to_the_branch_is_not_lost(caller: Caller) -> None:
    caller.run()
    folder = caller.repository.folder
    git(folder, "fetch", "--quiet", str(caller.remote), caller.branch)
    git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    mine = caller.repository.write("deploy/mine.txt", "by hand\n")
    git(folder, "push", "--quiet", str(caller.remote), f"HEAD:refs/heads/{caller.branch}")
    git(folder, "checkout", "--quiet", "main")
    caller.write("other.md", "main moves on\n")
    run = caller.run()
    assert run.job("pull-request").step(PUBLISH).code == 2, run.logs()
    assert "is by somebody else: merge the branch or delete it" in run.logs()
    assert git(caller.remote, "rev-parse", caller.branch).strip() == mine


def test_registries_that_are_down_fix_nothing(caller: Caller) -> None:
    run = caller.run(registries=False)
    assert "Undetermined" in run.job("fix").step("Result").log, run.logs()
    assert run.job("pull-request").result == "skipped"


def test_a_copied_file_is_fixed_only_when_asked(caller: Caller) -> None:
    folder = caller.repository.folder / "deploy" / "example"
    (folder / "upstream").mkdir()
    shutil.move(folder / "old.yaml", folder / "upstream" / "old.yaml")
    caller.write(COPIED, "resources: [upstream/old.yaml]\n")
    assert caller.run().job("pull-request").result == "skipped"
    run = caller.run(include_vendored=True)
    assert run.job("pull-request").result == "success", run.logs()
    assert caller.files() == ["deploy/example/upstream/old.yaml"]


def test_a_digest_can_be_stripped_and_the_whole_repository_be_the_tree(caller: Caller) -> None:
    caller.write("deploy/example/old.yaml", pod("old", PROXY))
    run = caller.run(manifests=".", mode="strip")
    assert run.job("pull-request").result == "success", run.logs()
    fixed = git(caller.remote, "show", f"{caller.branch}:deploy/example/old.yaml")
    assert fixed == pod("old", PROXY.partition("@")[0])


@pytest.mark.parametrize("name", ["manifests", "platforms"])
def test_an_input_is_never_a_command(caller: Caller, name: str) -> None:
    asked: dict[str, Any] = {name: 'x"; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }} #'}
    run = caller.run(**asked)
    assert run.job("fix").step("Fix").code == 2, run.logs()
    assert list(run.job("fix").workspace.rglob("pwned")) == []
    assert "token-" not in run.logs()


@pytest.mark.parametrize("asked", [{"manifests": ".."}, {"mode": "erase"}])
def test_a_wrong_input_is_refused_at_the_first_step(caller: Caller, asked: dict[str, Any]) -> None:
    assert caller.run(**asked).job("fix").step("Check the inputs").code == 2


def test_the_token_is_where_no_manifest_is_read() -> None:
    jobs = read_workflow(WORKFLOW)["jobs"]
    assert jobs["fix"]["permissions"] == {"contents": "read"}
    assert jobs["pull-request"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    (used,) = [step_name(step) for job in jobs.values() for step in job["steps"] if "token" in str(step.get("env"))]
    assert used == PUBLISH
    assert not [step for step in jobs["pull-request"]["steps"] if "kfkit" in step.get("run", "")]


def test_every_step_was_run(caller: Caller) -> None:
    jobs = read_workflow(WORKFLOW)["jobs"]
    assert {(name, step_name(step)) for name, job in jobs.items() for step in job["steps"]} == caller.run().taken()


def test_the_caller_in_the_documentation_fits() -> None:
    text = GUIDE.read_text()
    caller = yaml.safe_load(text.split("```yaml\n")[2].partition("```")[0])["jobs"]["fix"]
    called = read_workflow(WORKFLOW)
    inputs = called["on"]["workflow_call"]["inputs"]
    assert set(caller["with"]) <= set(inputs)
    for job in called["jobs"].values():
        allowed = {name: ("read", right) for name, right in caller["permissions"].items()}
        assert all(right in allowed[name] for name, right in job["permissions"].items())
    assert all(f"`{name}`" in text for name in inputs)

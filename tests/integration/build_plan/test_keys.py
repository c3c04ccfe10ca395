"""Keys of builds: the same until something that counts changes, wherever the files lie."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.flows.build_plan import PlanRequest, content_keys, make_plan
from buildkit.flows.watch import Watch
from tests.integration.build_plan.project import REMOTE, commit, git, kfkit, write

if TYPE_CHECKING:
    import pytest


def keys(version: str = "1") -> dict[tuple[str, str], str | None]:
    return content_keys(make_plan(PlanRequest(version=version, catalogue=Path("builds.yaml")), Watch()))


def test_keys_stay_the_same_until_something_that_counts_changes(project: Path) -> None:
    before = keys()
    assert None not in before.values()
    assert len(set(before.values())) == len(before) == 6
    assert keys() == before
    shutil.copytree(project, project.parent / "copy", symlinks=True)
    os.chdir(project.parent / "copy")
    assert keys() == before
    os.chdir(project)
    write(project, {"README.md": "y\n"})
    assert keys() == before
    assert not set(keys("2").values()) & set(before.values())


def test_a_local_change_changes_the_keys_of_those_that_have_it(project: Path) -> None:
    before = keys()
    write(project, {"src/web/main": "other\n"})
    after = keys()
    assert {name for name, _ in before if before[name, _] != after[name, _]} == {"web", "all"}
    write(project, {"src/web/main": "another\n"})
    assert keys()["web", "linux/amd64"] not in {before["web", "linux/amd64"], after["web", "linux/amd64"]}


def test_what_git_ignores_is_seen_by_the_builder_and_counts(project: Path) -> None:
    commit(project, {"src/api/.gitignore": "*.bin\n"})
    before = keys()
    write(project, {"src/api/a.bin": "1\n"})
    one = keys()["api.v2", "linux/amd64"]
    write(project, {"src/api/a.bin": "2\n"})
    two = keys()["api.v2", "linux/amd64"]
    assert len({before["api.v2", "linux/amd64"], one, two}) == 3
    assert keys()["web", "linux/amd64"] == before["web", "linux/amd64"]


def test_keys_of_a_folder_in_no_repository_are_of_its_files(project: Path) -> None:
    shutil.rmtree(project / ".git")
    before = keys()
    assert None not in before.values()
    write(project, {"src/web/main": "other\n"})
    assert keys()["web", "linux/amd64"] != before["web", "linux/amd64"]
    assert keys()["api.v2", "linux/amd64"] == before["api.v2", "linux/amd64"]


def test_a_remote_ref_has_a_key_only_where_it_is_a_commit(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(remote)
    text = REMOTE.replace('ref: "v{version}"', "ref: " + "a" * 40)
    write(remote, {"pinned.yaml": text})
    for file, known in (("remote.yaml", False), ("pinned.yaml", True)):
        plan = make_plan(PlanRequest(version="1", components=("ui",), catalogue=Path(file)), Watch())
        assert {key is not None for key in content_keys(plan).values()} == {known}


def test_resolve_pins_the_commit_of_each_ref(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The public host is this checkout: git itself is told so."""
    checkout = remote.parent / "checkout"
    git(checkout, "tag", "-a", "-m", "x", "v1.0")
    head = git(checkout, "rev-parse", "HEAD")
    monkeypatch.chdir(remote)
    git(checkout, "config", "--global", f"url.{checkout}.insteadOf", "https://github.com/kubeflow/katib.git")
    plan = make_plan(
        PlanRequest(version="1.0", components=("ui",), catalogue=Path("remote.yaml"), resolve=True), Watch()
    )
    assert plan.builds[0].context == f"https://github.com/kubeflow/katib.git#{head}:web"
    assert plan.builds[0].revision == head
    assert None not in content_keys(plan).values()
    run = kfkit(remote, "one", "--catalogue", "remote.yaml", "--version", "1", "--resolve")
    assert run.code == 3

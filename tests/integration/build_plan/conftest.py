"""A project of one's own, and a catalogue of other people's repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.build_plan.project import FILES, REMOTE, commit, git, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a catalogue, and the current directory."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
    commit(folder, FILES)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A folder with a catalogue of repositories, and a checkout of one beside it."""
    write(tmp_path, {"work/remote.yaml": REMOTE})
    write(
        tmp_path / "checkout",
        {"web/Dockerfile": "FROM a\n", "build/web.Dockerfile": "FROM a\n", "Dockerfile": "FROM a\n"},
    )
    git(tmp_path / "checkout", "init", "--quiet")
    commit(tmp_path / "checkout")
    return tmp_path / "work"

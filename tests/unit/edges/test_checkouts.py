"""Dockerfiles in checkouts: which files are some, and that nothing outside is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import checkouts
from buildkit.edges.checkouts import find_dockerfiles, read_dockerfile
from buildkit.edges.dockerfiles import is_dockerfile
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "dockerfile",
        "Dockerfile.cpu",
        "Dockerfile-mpi",
        "agent.Dockerfile",
        "tilt.dockerfile",
        "Containerfile",
    ],
)
def test_these_are_taken_for_dockerfiles(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name", ["Dockerfile.dockerignore", "Dockerfile.md", "Dockerfiles", "myDockerfile", "Makefile", ""]
)
def test_these_are_not(name: str) -> None:
    assert not is_dockerfile(name)


def test_they_are_found_below_a_folder(tmp_path: Path) -> None:
    for path in ("b/Dockerfile", "a/x.Dockerfile", ".git/Dockerfile", "node_modules/x/Dockerfile", "Dockerfile"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("FROM a")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "Dockerfile").mkdir()
    (tmp_path / "link").symlink_to("b", target_is_directory=True)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "Dockerfile").symlink_to("../b/Dockerfile")
    (tmp_path / "e\n").mkdir()
    (tmp_path / "e\n" / "Dockerfile").write_text("FROM a")
    assert find_dockerfiles(tmp_path) == ("Dockerfile", "a/x.Dockerfile", "b/Dockerfile")


def test_a_link_out_of_the_checkout_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    root = tmp_path / "src"
    root.mkdir()
    (root / "Dockerfile").symlink_to("../secret")
    with pytest.raises(UndeterminedError, match="leads out of"):
        read_dockerfile(root, "Dockerfile")


def test_text_is_read_whatever_its_bytes_and_what_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"FROM \xff")
    os.mkfifo(tmp_path / "pipe")
    assert read_dockerfile(tmp_path, "Dockerfile") == "FROM \ufffd"
    assert read_dockerfile(tmp_path, "gone") is None
    assert read_dockerfile(tmp_path, "pipe") is None


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a")
    monkeypatch.setattr(checkouts, "LARGEST", 3)
    with pytest.raises(UndeterminedError, match="larger than"):
        read_dockerfile(tmp_path, "Dockerfile")
    for most in ("MOST_FILES", "MOST_DOCKERFILES"):
        with monkeypatch.context() as patch:
            patch.setattr(checkouts, most, 0)
            with pytest.raises(UndeterminedError, match=r"more than .*0 .*files"):
                find_dockerfiles(tmp_path)


def test_links_in_a_circle_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").symlink_to("x")
    (tmp_path / "x").symlink_to("Dockerfile")
    assert find_dockerfiles(tmp_path) == ()
    assert read_dockerfile(tmp_path, "Dockerfile") is None

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import tree
from buildkit.edges.tree import copy_files, read_bytes, scan_tree
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/x.yaml", "a/b/y.yaml", ".git/config", "z.md"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    return tmp_path / "tree"


def test_files_by_path_without_version_control(folder: Path) -> None:
    found = scan_tree(folder, "remote:h/o/r@v/")
    assert list(found.files) == ["remote:h/o/r@v/a/b/y.yaml", "remote:h/o/r@v/a/x.yaml", "remote:h/o/r@v/z.md"]
    assert read_bytes(found, "remote:h/o/r@v/a/x.yaml") == b"a/x.yaml"


def test_links_are_noted_inside_and_refused_outside(folder: Path) -> None:
    (folder / "in").symlink_to("a/b")
    (folder / "a" / "file.yaml").symlink_to("x.yaml")
    (folder / "out").symlink_to(folder.parent / "outside")
    (folder / "a" / "secret.yaml").symlink_to("../../outside/secret")
    (folder / "absolute").symlink_to("/etc/hostname")
    (folder / "gone").symlink_to("nowhere")
    (folder / "loop").symlink_to("loop")
    found = scan_tree(folder)
    assert found.links == {"a/file.yaml": "a/x.yaml", "in": "a/b"}
    assert sorted(found.files) == ["a/b/y.yaml", "a/file.yaml", "a/x.yaml", "z.md"]
    assert set(found.refused) == {"out", "a/secret.yaml", "absolute", "gone", "loop"}
    assert "out of the tree" in found.refused["a/secret.yaml"]
    assert found.canonical("in/y.yaml") == "a/b/y.yaml"
    assert found.canonical("a/x.yaml") == "a/x.yaml"


def test_pipes_and_large_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "large").write_bytes(b"x" * 100)
    monkeypatch.setattr(tree, "MAX_FILE", 50)
    assert set(scan_tree(folder).refused) == {"pipe", "large"}


def test_a_tree_without_end_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_FILES", 2)
    with pytest.raises(UndeterminedError, match="no tree of manifests"):
        scan_tree(folder)


def test_a_file_swapped_for_a_link_after_the_scan_is_not_read(folder: Path) -> None:
    found = scan_tree(folder)
    (folder / "z.md").unlink()
    (folder / "z.md").symlink_to(folder.parent / "outside" / "secret")
    with pytest.raises(UndeterminedError, match=r"z\.md"):
        read_bytes(found, "z.md")


def test_copies_stand_alone_and_links_stay_inside(folder: Path, tmp_path: Path) -> None:
    (folder / "in").symlink_to("a/b")
    (folder / "a" / "file.yaml").symlink_to("x.yaml")
    found = scan_tree(folder)
    target = tmp_path / "copy"
    copy_files(found, ["a/file.yaml", "a/x.yaml", "a/b/y.yaml"], target)
    assert (target / "in" / "y.yaml").read_text() == "a/b/y.yaml"
    assert (target / "a" / "file.yaml").resolve() == (target / "a" / "x.yaml").resolve()
    assert not (target / "z.md").exists()
    copy_files(found, ["z.md"], target)
    assert (target / "z.md").read_text() == "z.md"


def test_only_the_folders_asked_for_are_listed_and_of_the_way_there_links_only(tmp_path: Path) -> None:
    for name in ("a/b/c/x", "a/b/y", "a/z", "d/x", "top"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "a" / "link").symlink_to("b")
    found = scan_tree(tmp_path, within=("a/b",))
    assert list(found.files) == ["a/b/c/x", "a/b/y"]
    assert dict(found.links) == {"a/link": "a/b"}

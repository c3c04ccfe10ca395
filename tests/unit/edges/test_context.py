"""Digests of contexts: whatever of a folder changes, they do; and nothing else changes them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import context
from buildkit.edges.context import digest_folder

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "src"
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "a").write_text("a")
    (root / "sub" / "b").write_text("b")
    (root / "link").symlink_to("a")
    return root


def to_link(place: Path, target: str) -> None:
    place.unlink()
    place.symlink_to(target)


def move_on(root: Path) -> None:
    """The content of one file becomes that of the next."""
    (root / "a").write_text("ab")
    (root / "sub" / "b").write_text("")


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda root: (root / "a").write_text("b"),
    "mode": lambda root: (root / "a").chmod(0o755),
    "name": lambda root: (root / "a").rename(root / "c"),
    "link": lambda root: to_link(root / "link", "sub/b"),
    "a link instead of a file": lambda root: to_link(root / "a", "sub/b"),
    "a new file": lambda root: (root / "sub" / "c").touch(),
    "an empty folder": lambda root: (root / "sub" / "empty").rmdir(),
    "content that moves on": move_on,
    "a hidden file": lambda root: (root / ".hidden").touch(),
    "a repository below": lambda root: (root / "sub" / ".git").mkdir(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_changes_the_digest(name: str, folder: Path) -> None:
    before = digest_folder(folder)
    CHANGES[name](folder)
    assert before
    assert digest_folder(folder) not in {None, before}


def test_a_copy_elsewhere_with_other_times_has_the_same_digest(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy", symlinks=True)
    os.utime(tmp_path / "copy" / "a", (1, 1))
    (tmp_path / "copy" / ".git").mkdir()  # the repository's own
    assert digest_folder(tmp_path / "copy") == digest_folder(folder)


def test_more_files_count_where_they_are_there(folder: Path, tmp_path: Path) -> None:
    more = tmp_path / "Dockerfile"
    absent = digest_folder(folder, (more,))
    more.write_text("FROM a")
    present = digest_folder(folder, (more,))
    more.write_text("FROM b")
    assert len({absent, present, digest_folder(folder, (more,))}) == 3


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    (folder / "out").symlink_to(outside)
    (folder / "folder").symlink_to(tmp_path, target_is_directory=True)
    before = digest_folder(folder)
    outside.write_text("other")
    assert before == digest_folder(folder)


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert digest_folder(folder)


def test_names_that_are_no_text_are_names(folder: Path) -> None:
    os.close(os.open(os.fsencode(folder) + b"/\xff", os.O_CREAT))
    assert digest_folder(folder)


def test_what_cannot_be_read_or_is_too_large_has_none(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert digest_folder(folder / "gone") is None
    monkeypatch.setattr(context, "MAX_BYTES", 1)
    assert digest_folder(folder) is None
    monkeypatch.setattr(context, "MAX_BYTES", 1000)
    large = tmp_path / "Dockerfile"
    large.write_text("x" * 1001)
    assert digest_folder(folder, (large,)) is None
    monkeypatch.setattr(context, "MAX_FILES", 2)
    assert digest_folder(folder) is None

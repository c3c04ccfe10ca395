from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from buildkit.edges.files import cache_folder, new_folder, scratch_folder, trim, write_whole
from buildkit.errors import UndeterminedError


def test_the_cache_is_the_user_s_alone(home: Path) -> None:
    folder = cache_folder("renders")
    assert folder == home / "cache" / "kfkit" / "renders"
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_a_relative_cache_folder_is_ignored(home: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert cache_folder("x") == home / ".cache" / "kfkit" / "x"


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")
    path_as_folder = tmp_path / "b"
    path_as_folder.mkdir()
    with pytest.raises(OSError, match=r".*"):
        write_whole(path_as_folder, b"new")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert sorted(tmp_path.iterdir()) == [path, path_as_folder]


def test_scratch_is_gone_after_an_interrupt() -> None:
    seen: list[Path] = []

    def interrupted() -> None:
        with scratch_folder() as folder:
            seen.append(folder)
            (folder / "x").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not seen[0].exists()


def test_without_a_place_for_scratch_files_the_user_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    with pytest.raises(UndeterminedError, match="no folder for scratch files") as raised, scratch_folder():
        pass
    assert "TMPDIR" in raised.value.hint


def test_a_new_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "x"

    def fails() -> None:
        with new_folder(target) as folder:
            (folder / "half").write_text("1")
            raise ValueError

    with pytest.raises(ValueError, match=r".*"):
        fails()
    assert list(target.parent.iterdir()) == []
    for text, replace, expected in (("1", False, "1"), ("2", False, "1"), ("3", True, "3")):
        with new_folder(target, replace=replace) as folder:
            (folder / "file").write_text(text)
        assert (target / "file").read_text() == expected
    assert list(target.parent.iterdir()) == [target]


def test_trim_drops_what_was_not_used_for_longest(tmp_path: Path) -> None:
    for index in range(5):
        path = tmp_path / f"{index}" / "f"
        path.parent.mkdir()
        path.write_bytes(b"x" * 10)
        os.utime(path, (index, index))
    trim(tmp_path, 25)
    assert sorted(path.parent.name for path in tmp_path.rglob("f")) == ["3", "4"]

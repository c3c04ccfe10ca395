"""Several files replaced: all of them or none, as they are otherwise, and nothing left behind."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from buildkit.edges.replacing import Replacement, replace_files
from buildkit.errors import UndeterminedError, UsageError


def changes(root: Path, *names: str) -> list[Replacement]:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"old " + name.encode())
    root = root.resolve()
    return [Replacement(path=root / name, old=b"old " + name.encode(), new=b"new " + name.encode()) for name in names]


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_all_files_get_their_content_and_no_temporary_stays(tmp_path: Path) -> None:
    replace_files(changes(tmp_path, "a", "b/c"))
    assert contents(tmp_path) == {"a": b"new a", "b/c": b"new b/c"}


def test_modes_are_kept_and_other_hard_links_keep_the_old_content(tmp_path: Path) -> None:
    wanted = changes(tmp_path, "a", "b")
    (tmp_path / "a").chmod(0o755)
    (tmp_path / "b").chmod(0o600)
    (tmp_path / "link").hardlink_to(tmp_path / "a")
    replace_files(wanted)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert (tmp_path / "link").read_bytes() == b"old a"


def test_a_file_that_changed_since_the_plan_stops_all(tmp_path: Path) -> None:
    wanted = changes(tmp_path, "a", "b")
    (tmp_path / "b").write_bytes(b"other")
    with pytest.raises(UndeterminedError, match=r"b: changed while the plan was made: nothing was written"):
        replace_files(wanted)
    assert contents(tmp_path) == {"a": b"old a", "b": b"other"}


@pytest.mark.parametrize("how", ["gone", "a link", "a longer file", "below a link"])
def test_what_took_the_place_of_a_file_is_not_written_to(tmp_path: Path, how: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    wanted = changes(root, "a/b", "c")
    if how == "gone":
        (root / "a/b").unlink()
    elif how == "a link":
        (root / "a/b").rename(outside / "b")
        (root / "a/b").symlink_to(outside / "b")
    elif how == "below a link":
        (root / "a").rename(outside / "a")
        (root / "a").symlink_to(outside / "a")
    else:
        (root / "a/b").write_bytes(b"old a/b and more")
    before = contents(tmp_path)
    with pytest.raises(UndeterminedError):
        replace_files(wanted)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(("place", "mode"), [("a/b", 0o444), ("a", 0o555)])
def test_what_is_read_only_is_said_before_anything_is_written(tmp_path: Path, place: str, mode: int) -> None:
    wanted = changes(tmp_path, "c", "a/b")
    (tmp_path / place).chmod(mode)
    try:
        with pytest.raises(UsageError, match="read-only: nothing was written") as told:
            replace_files(wanted)
    finally:
        (tmp_path / "a").chmod(0o755)
    assert "--patch" in told.value.hint
    assert contents(tmp_path) == {"a/b": b"old a/b", "c": b"old c"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "b"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", range(3))
def test_a_failure_half_way_puts_back_what_was_there(
    tmp_path: Path, error: BaseException, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real rename, made to fail at each of three files, just before or after it took place."""
    real, calls = Path.replace, 0

    def rename(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == step + 1:
            if isinstance(error, KeyboardInterrupt):
                real(self, target)
            raise error
        return real(self, target)

    wanted = changes(tmp_path, "a", "b", "c")
    monkeypatch.setattr(Path, "replace", rename)
    with pytest.raises(UsageError if isinstance(error, OSError) else KeyboardInterrupt):
        replace_files(wanted)
    assert contents(tmp_path) == {name: f"old {name}".encode() for name in "abc"}


def test_an_interruption_while_temporaries_are_written_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, 0

    def sync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        real(descriptor)

    wanted = changes(tmp_path, "a", "b")
    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(KeyboardInterrupt):
        replace_files(wanted)
    assert contents(tmp_path) == {"a": b"old a", "b": b"old b"}

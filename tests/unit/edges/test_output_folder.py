"""A folder of ours in a user's hands: all of our files or none, and nothing of anybody else's touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildkit.edges.output_folder import check_output, read_output, strangers, write_output
from buildkit.errors import UsageError

NONE: frozenset[str] = frozenset()
OLD = frozenset({"a", "patches/b"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold two files of ours and two of somebody else."""
    folder = tmp_path / "ours"
    write_output(folder, {"a": "old", "patches/b": "old"}, NONE)
    (folder / "notes").write_text("mine")
    (folder / "empty").mkdir()
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {one.relative_to(folder).as_posix(): one.read_text() for one in folder.rglob("*") if one.is_file()}


def test_new_files_take_the_place_of_ours_and_the_folder_itself_stays(folder: Path) -> None:
    before, notes = folder.stat().st_ino, (folder / "notes").stat().st_ino
    write_output(folder, {"a": "new", "c/d": "new"}, OLD)
    assert contents(folder) == {"a": "new", "c/d": "new", "notes": "mine"}
    assert sorted(one.name for one in folder.iterdir()) == ["a", "c", "empty", "notes"]
    assert (folder.stat().st_ino, (folder / "notes").stat().st_ino) == (before, notes)


def test_the_current_folder_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_output(Path(), {"a": "new"}, NONE)
    assert os.listdir() == ["a"]  # noqa: PTH208  # what a shell that stands there sees


@pytest.mark.parametrize("failing", range(4))
def test_a_break_at_any_move_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    before, moves, real = contents(folder), iter(range(100)), Path.replace

    def breaking(self: Path, target: Path) -> Path:
        if next(moves) == failing:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", breaking)
    with pytest.raises(KeyboardInterrupt):
        write_output(folder, {"a": "new", "c/d": "new"}, OLD)
    assert contents(folder) == before
    assert not [one for one in folder.iterdir() if one.name.startswith(".kfkit")]


def test_a_folder_that_cannot_be_filled_is_not_there_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left"):
        write_output(tmp_path / "new", {"a": "new"}, NONE)
    assert not list(tmp_path.iterdir())


def test_a_file_of_somebody_else_is_not_overwritten(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(UsageError, match="notes: is in the way"):
        write_output(folder, {"a": "new", "notes": "ours"}, OLD)
    assert contents(folder) == before


def test_a_folder_in_the_place_of_our_file_is_somebody_elses(folder: Path) -> None:
    (folder / "a").unlink()
    (folder / "a").mkdir()
    with pytest.raises(UsageError, match="a: is in the way"):
        write_output(folder, {"c": "new"}, OLD)
    assert (folder / "a").is_dir()


@pytest.mark.parametrize("path", ["../other", "x/../../other", "{root}/other", "link/other"])
def test_no_list_of_ours_leads_out_of_the_folder(folder: Path, path: str) -> None:
    other = folder.parent / "elsewhere" / "other"
    other.parent.mkdir()
    other.write_text("theirs")
    (folder.parent / "other").write_text("theirs")
    (folder / "link").symlink_to(other.parent)
    with pytest.raises(UsageError, match="leads out"):
        write_output(folder, {"c": "new"}, frozenset({path.format(root=folder.parent)}))
    assert other.read_text() == (folder.parent / "other").read_text() == "theirs"


def test_below_a_file_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        check_output(tmp_path / "file" / "ours", "marker", lambda _: NONE)


def test_what_is_no_text_any_more_is_not_what_we_wrote(folder: Path) -> None:
    (folder / "a").write_bytes(b"\xff")
    assert read_output(folder, ["a", "patches/b", "c"]) == {"patches/b": "old"}


def test_what_is_not_ours_below_some_folders_is_named(folder: Path) -> None:
    (folder / "patches" / "deep").mkdir()
    (folder / "patches" / "deep" / "mine").write_text("mine")
    (folder / "patches" / "loop").symlink_to(folder)
    (folder / "other").mkdir()
    (folder / "other" / "mine").write_text("mine")
    assert strangers(folder, OLD, ("patches", "gone")) == ("patches/deep/mine", "patches/loop")
    assert strangers(folder, OLD, ("empty",)) == strangers(folder / "none", NONE, ("a",)) == ()


def test_of_many_that_are_not_ours_some_are_named(folder: Path) -> None:
    for number in range(200):
        (folder / "patches" / str(number)).touch()
    assert len(strangers(folder, OLD, ("patches",))) == 100

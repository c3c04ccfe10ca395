"""Work trees against real git: what differs from the commit is what `git status` says, and no filter ever runs."""

from __future__ import annotations

import os
import random
import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import worktree
from buildkit.edges.git import ask
from buildkit.edges.process import Limits
from buildkit.edges.worktree import changed_between, find_root, object_names, read_work_tree
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildkit.model.worktree import WorkTree

HOSTILE = "über \"q\" 'x' -n \\t"


def git(folder: Path, *arguments: str | Path) -> str:
    argv = ["git", *map(str, arguments)]
    return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, files: dict[str, str] | None = None) -> str:
    for name, text in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "link").symlink_to("a/x")
    commit(
        folder, {"a/x": "x\n", "a/y": "y\n", f"b/{HOSTILE}": "z\n", ".gitignore": "*.log\nout/\n", "run": "#!/bin/sh\n"}
    )
    # Written before the index was: times then settle what is the same.
    for path in folder.rglob("[!.]*"):
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    git(folder, "update-index", "--refresh", "-q")
    return folder


def read(folder: Path, *places: str) -> WorkTree:
    tree = read_work_tree(folder, places or (".",))
    assert tree is not None
    return tree


def status(folder: Path) -> set[str]:
    """What `git status` says of the files, as paths."""
    argv = ["git", "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"]
    said = subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout
    return {entry[3:] for entry in said.split("\0") if entry}


def to_link(place: Path, target: str) -> None:
    place.unlink()
    place.symlink_to(target)


def to_file(place: Path, text: str) -> None:
    place.unlink()
    place.write_text(text)


def to_folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def stage(root: Path, text: str, *, undo: str | None = None) -> None:
    (root / "a/x").write_text(text)
    git(root, "add", "a/x")
    if undo is not None:
        (root / "a/x").write_text(undo)


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "content": lambda root: (root / "a/x").write_text("new\n"),
    "content of the same size": lambda root: (root / "a/x").write_text("X\n"),
    "deleted": lambda root: (root / "a/x").unlink(),
    "mode": lambda root: (root / "run").chmod(0o755),
    "new": lambda root: (root / "a/new").write_text("n\n"),
    "hostile name": lambda root: (root / f"b/{HOSTILE}").write_text("n\n"),
    "link": lambda root: to_link(root / "link", "a/y"),
    "link to a file": lambda root: to_file(root / "link", "a/x"),
    "folder instead of a file": lambda root: to_folder(root / "a/x"),
    "staged": lambda root: stage(root, "s\n"),
    "staged and undone": lambda root: stage(root, "s\n", undo="x\n"),
    "staged deletion": lambda root: git(root, "rm", "-q", "a/x"),
    "touched": lambda root: (root / "a/x").touch(),
    "ignored": lambda root: (root / "a/x.log").write_text("l\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_differs_is_what_git_says(name: str, repository: Path) -> None:
    CHANGES[name](repository)
    assert set(read(repository).changed) == status(repository)


def test_of_a_change_that_leaves_size_and_time_the_content_is_read(repository: Path) -> None:
    before = (repository / "a/x").stat()
    (repository / "a/x").write_text("X\n")
    os.utime(repository / "a/x", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read(repository).changed == ("a/x",)


def test_a_file_written_with_the_index_is_read_whatever_its_times(repository: Path) -> None:
    """A file as old as the index may have been written after git saw it ("racy git")."""
    later = time.time_ns() + 10**9
    (repository / "a/x").write_text("X\n")
    os.utime(repository / "a/x", ns=(later, later))
    git(repository, "add", "a/x")
    git(repository, "commit", "-qm", "x")
    (repository / "a/x").write_text("Y\n")
    os.utime(repository / "a/x", ns=(later, later))
    assert read(repository).changed == ("a/x",)


def test_commit_time_and_origin_are_told(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://user:secret@github.com/kubeflow/katib.git")
    tree = read(repository)
    assert tree.commit == git(repository, "rev-parse", "HEAD")
    assert tree.committed == int(git(repository, "log", "-1", "--format=%ct"))
    assert tree.origin == "https://github.com/kubeflow/katib"
    assert tree.root == str(repository)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("git@github.com:kubeflow/katib.git", "https://github.com/kubeflow/katib"),
        ("ssh://git@github.com/kubeflow/katib", "https://github.com/kubeflow/katib"),
        ("/somewhere/else", None),
        ("file:///somewhere", None),
        ("https://host/x\ny", None),
        ("ext::sh -c touch% x", None),
    ],
)
def test_an_origin_is_an_address_for_people_or_none(url: str, origin: str | None, repository: Path) -> None:
    git(repository, "config", "remote.origin.url", url)
    assert read(repository).origin == origin


def test_only_the_paths_that_are_asked_for_are_looked_at(repository: Path) -> None:
    for path in ("a/x", "b/new", "run"):
        (repository / path).write_text("other\n")
    assert read(repository, "a", "gone").changed == ("a/x",)
    assert read(repository, "b", "run").changed == ("b/new", "run")
    assert read(repository, "a/*").changed == ()


def test_what_git_ignores_and_submodules_are_told_apart(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    commit(other, {"f": "f\n"})
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    git(repository, "commit", "-qm", "sub")
    (repository / "out").mkdir()
    (repository / "out" / "f").touch()
    (repository / "a" / "x.log").touch()
    tree = read(repository)
    assert tree.changed == ()
    assert tree.ignored == ("a/x.log", "out/", "sub/")


def test_a_huge_file_counts_as_changed_and_is_not_read(repository: Path) -> None:
    (repository / "a/x").unlink()
    with (repository / "a/x").open("wb") as file:
        file.truncate(10**13)
    start = time.process_time()
    assert read(repository).changed == ("a/x",)
    assert time.process_time() - start < 5


def test_all_that_is_read_is_bounded(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("a/x", "a/y"):
        (repository / path).touch()
    monkeypatch.setattr(worktree, "_MOST_READ", 2)
    assert read(repository).changed == ("a/y",)


def test_no_link_is_followed_out_of_the_repository(repository: Path, tmp_path: Path) -> None:
    (repository / "a").rename(tmp_path / "elsewhere")
    (repository / "a").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert set(read(repository).changed) == status(repository) == {"a", "a/x", "a/y"}


def test_a_pipe_among_gits_own_files_is_not_waited_for_long(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".git/info/exclude").unlink(missing_ok=True)
    os.mkfifo(repository / ".git/info/exclude")
    monkeypatch.setattr(worktree, "_LIMITS", Limits(seconds=1))
    monkeypatch.setattr(worktree, "ask", partial(ask, limits=Limits(seconds=1)))
    with pytest.raises(UndeterminedError, match=f"{repository}: git took longer than 1 s"):
        read(repository)


def test_no_program_that_the_repository_names_ever_runs(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    spy.chmod(0o755)
    commit(repository, {".gitattributes": "* filter=spy diff=spy\n"})
    for key in ("filter.spy.clean", "filter.spy.smudge", "diff.spy.command", "diff.spy.textconv", "core.fsmonitor"):
        git(repository, "config", key, str(spy))
    mark.unlink(missing_ok=True)
    (repository / "a/x").write_text("X\n")
    tree = read(repository)
    changed_between(repository, tree.commit, tree.commit, ["."])
    object_names(repository, [f"{tree.commit}:a"])
    assert tree.changed == ("a/x",)
    assert not mark.exists()


def test_nothing_is_told_of_a_folder_that_is_no_work_tree_or_has_no_commit(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / ".git").mkdir()
    assert read_work_tree(empty) is None
    assert read_work_tree(tmp_path / "odd") is None
    assert find_root(tmp_path / "odd", {}) == tmp_path / "odd"
    assert find_root(empty, {}) == empty


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "--quiet", "--object-format=sha256")
    commit(folder, {"a": "a\n", "b": "b\n"})
    (folder / "a").write_text("A\n")
    assert len(read(folder).commit) == 64
    assert read(folder).changed == ("a",)


def test_objects_by_name(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    names = [f"{head}:a", f"{head}:a/x", f"{head}:gone", f"{head}:a\nb", f"{head}:"]
    assert object_names(repository, names) == (
        git(repository, "rev-parse", "HEAD:a"),
        git(repository, "rev-parse", "HEAD:a/x"),
        None,
        None,
        git(repository, "rev-parse", "HEAD^{tree}"),
    )


def test_what_changed_between_two_commits(repository: Path) -> None:
    old = git(repository, "rev-parse", "HEAD")
    (repository / "a/y").unlink()
    new = commit(repository, {"a/x": "other\n", "c/new": "n\n"})
    assert changed_between(repository, old, new, ["."]) == ("a/x", "a/y", "c/new")
    assert changed_between(repository, old, new, ["c", "run"]) == ("c/new",)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_git_says_the_same(seed: int, repository: Path) -> None:
    chosen = random.Random(seed)  # noqa: S311
    for number in range(12):
        path = repository / chosen.choice(["a/x", "a/y", "run", f"b/{HOSTILE}", f"n{number}", "a/z.log"])
        action = chosen.choice(["write", "delete", "add", "mode", "touch", "reset"])
        if action == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(chosen.choice(["x\n", "y\n", "other\n"]))
        elif action == "delete":
            path.unlink(missing_ok=True)
        elif action in {"mode", "touch"} and path.exists():
            path.chmod(0o755) if action == "mode" else path.touch()
        elif action == "add":
            git(repository, "add", "--all")
        elif action == "reset":
            git(repository, "reset", "--quiet")
    assert set(read(repository).changed) == status(repository)


def test_a_place_in_a_folder_that_is_ignored_is_ignored(repository: Path) -> None:
    (repository / "out" / "deep" / "x").mkdir(parents=True)
    (repository / "out" / "deep" / "x" / "file").write_text("x")
    found = read(repository, "out/deep/x")
    assert found.ignored == ("out/",)
    assert found.changed == ()
    assert read(repository, "a").ignored == ()

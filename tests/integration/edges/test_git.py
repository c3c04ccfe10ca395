from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.changes import changed_lines
from buildkit.edges.git import repository_root
from buildkit.edges.revisions import export_revision
from buildkit.edges.tree import MAX_FILE
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "über \"q\" 'x' -n \\t.yaml"
LINES = "".join(f"line {number}\n" for number in range(1, 21))


def git(folder: Path, *arguments: str | Path) -> str:
    argv = ["git", *map(str, arguments)]
    return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit(folder: Path, files: dict[str, str] | None = None) -> str:
    write(folder, files or {})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, {"apps/a.yaml": LINES, f"apps/{HOSTILE}": LINES, "other.yaml": "x\n"})
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def spy(folder: Path) -> tuple[str, Path]:
    """A command that leaves a mark, and the mark."""
    mark = folder.parent / "ran"
    program = folder.parent / "spy"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return str(program), mark


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


def test_the_root_of_a_work_tree_or_none(repository: Path, tmp_path: Path) -> None:
    assert repository_root(repository / "apps") == repository
    assert repository_root(tmp_path) is None


def test_files_are_exported_as_they_were(repository: Path, target: Path) -> None:
    old = git(repository, "rev-parse", "HEAD")
    (repository / "apps" / "a.yaml").unlink()
    commit(repository, {"apps/new.yaml": "new\n"})
    assert export_revision(repository, "HEAD~1", target) == old
    assert files(target) == {"apps/a.yaml", f"apps/{HOSTILE}", "other.yaml"}
    assert (target / "apps" / HOSTILE).read_text() == LINES


def test_a_folder_of_a_repository_is_exported_alone(repository: Path, target: Path) -> None:
    git(repository, "tag", "v1")
    assert export_revision(repository / "apps", "v1", target) == git(repository, "rev-parse", "HEAD")
    assert files(target) == {"a.yaml", HOSTILE}
    new = repository / "later"
    new.mkdir()
    with pytest.raises(UsageError, match="was not there in 'v1'"):
        export_revision(new, "v1", target)


def test_modes_links_and_bytes_are_kept_and_attributes_have_no_say(repository: Path, target: Path) -> None:
    program, mark = spy(repository)
    write(repository, {"run.sh": "#!/bin/sh\n", "dos.yaml": "a: $Id$\r\nb\n", "hidden.yaml": "x: 1\n"})
    (repository / "run.sh").chmod(0o755)
    (repository / "link").symlink_to("apps")
    (repository / "out").symlink_to("/etc/hostname")
    commit(repository)
    write(repository, {".gitattributes": "hidden.yaml export-ignore\n* text eol=lf filter=spy diff=spy ident\n"})
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "--quiet", "--message=attributes")
    for name in ("filter.spy.clean", "filter.spy.smudge", "diff.spy.textconv", "diff.spy.command"):
        git(repository, "config", name, program)
    export_revision(repository, "HEAD", target)
    assert (target / "dos.yaml").read_bytes() == b"a: $Id$\r\nb\n"
    assert (target / "hidden.yaml").is_file()
    assert os.access(target / "run.sh", os.X_OK)
    assert not os.access(target / "dos.yaml", os.X_OK)
    assert (target / "link").readlink().name == "apps"
    assert (target / "out").is_symlink()
    assert not mark.exists()


def test_a_submodule_is_an_empty_folder(repository: Path, target: Path) -> None:
    inner = repository.parent / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    commit(inner, {"a": "a"})
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    commit(repository)
    export_revision(repository, "HEAD", target)
    assert (target / "sub").is_dir()
    assert not list((target / "sub").iterdir())
    assert set(changed_lines(repository, "HEAD~1")) == {".gitmodules"}


def test_a_file_that_is_too_big_is_as_big_there(repository: Path, target: Path) -> None:
    with (repository / "big").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    commit(repository)
    export_revision(repository, "HEAD", target)
    assert (target / "big").stat().st_size == MAX_FILE + 1
    assert changed_lines(repository, "HEAD") == {}


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "nowhere",
        "--output=x",
        "--all",
        "-h",
        "HEAD..HEAD",
        "^HEAD",
        "HEAD:apps",
        ":/x",
        "a\0b",
        "HEAD\nHEAD",
        "x" * 9000,
    ],
)
def test_what_is_no_revision_is_a_usage_error(repository: Path, target: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="is no revision of this repository") as error:
        export_revision(repository, revision, target)
    assert "git fetch" in error.value.hint
    with pytest.raises(UsageError):
        changed_lines(repository, revision)
    assert not list(target.iterdir())
    assert not git(repository, "status", "--porcelain")


def test_a_branch_named_like_an_option_is_a_revision(repository: Path, target: Path) -> None:
    git(repository, "update-ref", "refs/heads/--output=x", "HEAD")
    assert export_revision(repository, "--output=x", target) == git(repository, "rev-parse", "HEAD")


def test_a_folder_without_repository_is_a_usage_error(tmp_path: Path, target: Path) -> None:
    with pytest.raises(UsageError, match="no work tree of git"):
        export_revision(tmp_path, "HEAD", target)


def test_a_folder_made_to_look_like_a_bare_repository_is_none(repository: Path, target: Path) -> None:
    program, mark = spy(repository)
    bare = repository / "bare"
    git(repository, "init", "--quiet", "--bare", "bare")
    git(bare, "config", "core.fsmonitor", program)
    git(bare, "config", "core.worktree", "..")
    git(bare, "config", "core.bare", "false")
    with pytest.raises(UsageError, match="no work tree of git"):
        export_revision(bare, "HEAD", target)
    assert not mark.exists()


def test_nothing_that_the_repository_names_is_run(repository: Path, target: Path) -> None:
    program, mark = spy(repository)
    write(repository, {".gitattributes": "* filter=spy diff=spy\n"})
    commit(repository)
    for name in ("core.fsmonitor", "core.pager", "filter.spy.clean", "filter.spy.process", "diff.external"):
        git(repository, "config", name, program)
    git(repository, "config", "diff.spy.textconv", program)
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        path = repository / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    write(repository, {"apps/a.yaml": LINES.replace("line 3\n", "three\n")})
    mark.unlink(missing_ok=True)
    assert changed_lines(repository, "HEAD") == {"apps/a.yaml": (range(3, 4),)}
    export_revision(repository, "HEAD", target)
    assert not mark.exists()


def test_what_a_partial_clone_lacks_is_not_fetched(repository: Path, tmp_path: Path, target: Path) -> None:
    program, mark = spy(repository)
    commit(repository, {"other.yaml": "only in the clone's newest commit\n"})
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{repository}", clone)
    git(clone, "config", "remote.origin.uploadpack", program)
    with pytest.raises(UndeterminedError) as error:
        export_revision(clone, "HEAD~1", target)
    assert "partial clone" in error.value.hint
    assert not mark.exists()


def test_a_tree_object_with_a_name_that_leads_out_is_refused(repository: Path, target: Path) -> None:
    blob = git(repository, "rev-parse", "HEAD:other.yaml")
    raw = b"100644 ../evil\0" + bytes.fromhex(blob)
    argv = ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    done = subprocess.run(argv, cwd=repository, input=raw, capture_output=True, check=True)
    bad = git(repository, "commit-tree", "-m", "x", done.stdout.decode().strip())
    with pytest.raises(UndeterminedError, match="leads out of its folder"):
        export_revision(repository, bad, target)
    assert files(target.parent) == files(target.parent) - {"evil"}


def test_a_tree_object_with_a_link_and_a_folder_of_one_name_is_refused(repository: Path, target: Path) -> None:
    blob, tree = git(repository, "rev-parse", "HEAD:other.yaml"), git(repository, "rev-parse", "HEAD:apps")
    raw = b"120000 a\0" + bytes.fromhex(blob) + b"40000 a\0" + bytes.fromhex(tree)
    argv = ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    done = subprocess.run(argv, cwd=repository, input=raw, capture_output=True, check=True)
    bad = git(repository, "commit-tree", "-m", "x", done.stdout.decode().strip())
    with pytest.raises(UndeterminedError, match="cannot be put on disk"):
        export_revision(repository, bad, target)


def test_changed_lines_are_those_since_the_branch_left(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "feature")
    commit(
        repository, {"apps/a.yaml": LINES.replace("line 3\n", "three\n").replace("line 9\nline 10\n", "nine\nten\nx\n")}
    )
    git(repository, "checkout", "--quiet", "main")
    commit(repository, {"other.yaml": "changed on main\n", f"apps/{HOSTILE}": "changed on main\n"})
    git(repository, "checkout", "--quiet", "feature")
    assert changed_lines(repository, "main") == {"apps/a.yaml": (range(3, 4), range(9, 12))}
    assert changed_lines(repository / "apps", "main") == {"a.yaml": (range(3, 4), range(9, 12))}


def test_the_work_tree_counts_committed_or_not(repository: Path) -> None:
    write(
        repository,
        {
            "apps/a.yaml": LINES.replace("line 20\n", "twenty"),
            f"apps/{HOSTILE}": "first\n" + LINES,
            "apps/new\n file.yaml": "not printable: no file of a tree\n",
            "apps/-new ü.yaml": "one\ntwo",
            "apps/empty.yaml": "",
            "apps/ignored.yaml": "x\n",
            ".gitignore": "ignored.yaml\n",
            "staged.yaml": "+++ new/0\n@@ -1 +1 @@\n",
        },
    )
    git(repository, "add", "staged.yaml")
    (repository / "other.yaml").unlink()
    (repository / "link.yaml").symlink_to("apps/a.yaml")
    assert changed_lines(repository, "HEAD") == {
        ".gitignore": (range(1, 2),),
        "apps/-new ü.yaml": (range(1, 3),),
        "apps/a.yaml": (range(20, 21),),
        f"apps/{HOSTILE}": (range(1, 2),),
        "staged.yaml": (range(1, 3),),
    }


def test_a_renamed_file_counts_with_what_changed_in_it(repository: Path) -> None:
    git(repository, "mv", "apps/a.yaml", "moved.yaml")
    git(repository, "mv", f"apps/{HOSTILE}", "same.yaml")
    write(
        repository, {"moved.yaml": LINES.replace("line 20\n", "twenty\n"), "copy.yaml": LINES.replace("line", "word")}
    )
    found = changed_lines(repository, "HEAD")
    assert found == {"copy.yaml": (range(1, 21),), "moved.yaml": (range(20, 21),)}


def test_removed_lines_and_line_endings_alone_are_no_changed_lines(repository: Path) -> None:
    write(repository, {"apps/a.yaml": LINES.replace("line 5\n", "")})
    (repository / "other.yaml").write_bytes(b"x\r\n")
    (repository / "apps" / HOSTILE).write_text(LINES.removesuffix("\n"))
    assert changed_lines(repository, "HEAD") == {}


def test_another_repository_inside_and_settings_of_the_user_change_nothing(repository: Path, home: Path) -> None:
    with (home / ".gitconfig").open("a") as file:
        file.write("[color]\n\tdiff = always\n[diff]\n\tnoprefix = true\n\tmnemonicPrefix = true\n\tcontext = 5\n")
        file.write("[core]\n\tautocrlf = true\n\tquotePath = false\n")
    inner = repository / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    write(inner, {"a.yaml": "a\n"})
    write(repository, {"apps/a.yaml": LINES + "more\n"})
    assert changed_lines(repository, "HEAD") == {"apps/a.yaml": (range(21, 22),)}


def test_revisions_without_a_common_commit_are_said(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "alone")
    commit(repository, {"other.yaml": "alone\n"})
    with pytest.raises(UndeterminedError, match="no commit in common") as error:
        changed_lines(repository, "main")
    assert "fetch-depth: 0" in error.value.hint


def test_a_repository_with_sha256_names_is_read_alike(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    git(folder, "init", "--quiet", "--object-format=sha256")
    commit(folder, {"a": LINES, "b": "x\n"})
    write(folder, {"b": "y\n"})
    assert changed_lines(folder, "HEAD") == {"b": (range(1, 2),)}
    assert len(export_revision(folder, "HEAD", target)) == 64

"""Which lines of a work tree a pull request changed: those that differ from where its branch left the other one.

Git's own `diff` would hash the work tree's files through the repository's filters, which are programs. So files are
hashed here, and those that differ are compared by git in a scratch folder that belongs to no repository.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import scratch_folder
from buildkit.edges.git import ask, resolve_revision, tree_of
from buildkit.edges.process import MIB, Limits, run
from buildkit.edges.revisions import list_entries, read_blobs
from buildkit.edges.tree import MAX_FILE, read_bytes, scan_tree
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.edges.revisions import Entry

_LIMITS: Final = Limits(seconds=120, output=512 * MIB)
_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*")
_NEW_FILE: Final = b"+++ "
_COMPARE: Final = (
    *("git", "--no-pager", "diff", "--no-index", "--unified=0", "--text", "--no-color", "--no-ext-diff"),
    *("--no-textconv", "--no-prefix", "--find-renames", "-l2000", "--ignore-cr-at-eol", "--", "old", "new"),
)
_REGULAR: Final = "100"  # what the modes of files begin with; links and submodules have others
_SHA1: Final = 40


def changed_lines(folder: Path, revision: str) -> Mapping[str, tuple[range, ...]]:
    """Lines of files in the work tree that differ from the merge base of a revision and HEAD.

    Uncommitted changes count, and so do files that are new and not ignored, as a whole. Renamed files count with what
    changed in them. Line endings alone do not count; deleted files, links and submodules are left out.

    Returns:
        Path, relative to `folder`, -> its changed lines, counted from 1, in order; only files that have some.

    Raises:
        UsageError: no such revision, or `folder` is in no work tree.
        UndeterminedError: no common commit, or git's objects cannot be read.
    """
    base = merge_base(folder, revision)
    tree = tree_of(folder, base)
    entries = list_entries(folder, tree) if tree else ()
    old = {one.path: one for one in entries if one.mode.startswith(_REGULAR) and one.size <= MAX_FILE}
    with scratch_folder() as scratch:
        names = _lay_out(folder, old, scratch, algorithm="sha1" if len(base) == _SHA1 else "sha256")
        said = _compare(scratch) if names else b""
    found = {names[number]: ranges for number, ranges in parse_hunks(said).items()}
    return {path: found[path] for path in sorted(found)}


def merge_base(folder: Path, revision: str) -> str:
    commit, head = resolve_revision(folder, revision), resolve_revision(folder, "HEAD")
    done = ask(folder, "merge-base", commit, head, check=False)
    if done.code:
        raise UndeterminedError(
            f"{folder}: {revision!r} and HEAD have no commit in common" + (f": {done.stderr}" if done.stderr else ""),
            hint="a shallow clone lacks it: `git fetch --unshallow`, in workflows `fetch-depth: 0`",
        )
    return done.stdout.decode().split()[0]


def _lay_out(folder: Path, old: Mapping[str, Entry], scratch: Path, *, algorithm: str) -> dict[str, str]:
    """Write what differs to `old/N` and `new/N`, under numbers that no name can mislead; N -> path."""
    for side in ("old", "new"):
        (scratch / side).mkdir()
    tree = scan_tree(folder)
    paths = [path for path in _listed(folder) if path in tree.files and path not in tree.links]
    gone = [one for path, one in old.items() if path not in tree.files]
    moved = {one.blob for one in gone}
    names: dict[str, str] = {}
    befores: dict[str, Entry] = {}
    for path in paths:
        data = read_bytes(tree, path)
        before, digest = old.get(path), _blob_name(data, algorithm)
        if digest == (before.blob if before else None) or (before is None and digest in moved):
            continue
        number = str(len(names))
        names[number] = path
        (scratch / "new" / number).write_bytes(data)
        if before:
            befores[number] = before
    if len(befores) < len(names):
        befores |= {f"gone-{count}": one for count, one in enumerate(gone)}
    _write_old(folder, befores, scratch / "old")
    return names


def _listed(folder: Path) -> list[str]:
    """Files that git tracks, or would: neither ignored nor another repository's."""
    said = ask(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", limits=_LIMITS).stdout
    return sorted({os.fsdecode(name) for name in said.split(b"\0") if name})


def _blob_name(data: bytes, algorithm: str) -> str:
    """What git calls a file of this content."""
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _write_old(folder: Path, befores: Mapping[str, Entry], place: Path) -> None:
    wanted: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for number, entry in befores.items():
        if entry.blob is not None:
            wanted.setdefault(entry.blob, []).append(number)
            sizes[entry.blob] = entry.size
    for blob, content in read_blobs(folder, sizes.items()):
        for number in wanted[blob]:
            (place / number).write_bytes(content)


def _compare(scratch: Path) -> bytes:
    """Git's diff of the two sides, with nobody's settings."""
    alone = {
        "HOME": str(scratch),
        "XDG_CONFIG_HOME": str(scratch),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(scratch),
    }
    done = run(_COMPARE, cwd=scratch, env=alone, limits=_LIMITS, check=False)
    if done.code not in (0, 1):
        raise UndeterminedError(f"git diff failed with exit {done.code}: {done.stderr}")
    return done.stdout


def parse_hunks(diff: bytes) -> dict[str, tuple[range, ...]]:
    """The new lines of each file of a diff without context: file name, without its folder -> lines.

    Lines of files are skipped by their number, as they may look like anything.
    """
    found: dict[str, list[range]] = {}
    name, skip = "", 0
    for line in diff.split(b"\n"):
        if skip:
            skip -= not line.startswith(b"\\")
        elif line.startswith(_NEW_FILE):
            name = line.removeprefix(_NEW_FILE).decode("utf-8", "replace").partition("/")[2]
        elif match := _HUNK.fullmatch(line):
            first, removed, added = int(match[2]), int(match[1] or 1), int(match[3] or 1)
            skip = removed + added
            if added:
                found.setdefault(name, []).append(range(first, first + added))
    return {name: tuple(ranges) for name, ranges in found.items()}

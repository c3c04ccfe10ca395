"""Files as of a revision: read from git's objects as they are, so that no attribute, filter or hook has a say."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from buildkit.edges.git import ask, resolve_revision, tree_of
from buildkit.edges.process import MIB, Limits, ProgramError
from buildkit.edges.tree import MAX_FILE, MAX_FILES, MAX_TREE
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LISTED: Final = re.compile(rb"(\d{6}) (blob|commit|tree) ([0-9a-f]+) +(\d+|-)\t(.+)", re.DOTALL)
_LINK: Final = "120000"
_EXECUTABLE: Final = "100755"
_BATCH: Final = 64 * MIB
_LIMITS: Final = Limits(seconds=300, output=2 * _BATCH)
_UNSAFE: Final = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file or link as git holds it; `blob` is None for a submodule."""

    path: str
    mode: str
    blob: str | None
    size: int


def export_revision(folder: Path, revision: str, target: Path) -> str:
    """Put the files of a folder, as of a revision, into an empty folder.

    Args:
        folder: a work tree of git, or a folder in one.
        revision: what stands for a commit.
        target: an empty folder; incomplete on an error.

    Returns:
        The commit.

    Raises:
        UsageError: no such revision, or the folder was not in it.
        UndeterminedError: its files cannot be read, or no file system can hold them.
    """
    commit = resolve_revision(folder, revision)
    tree = tree_of(folder, commit)
    if tree is None:
        raise UsageError(f"{folder}: was not there in {revision!r} ({commit})")
    entries = list_entries(folder, tree)
    try:
        _write(folder, entries, target)
    except OSError as error:
        raise UndeterminedError(f"{folder}: {revision!r} cannot be put on disk: {error}") from error
    return commit


def list_entries(folder: Path, tree: str) -> tuple[Entry, ...]:
    """Every file, link and submodule of a tree object, by path.

    Raises:
        UndeterminedError: too many, or with a name that leads elsewhere.
    """
    said = _read(folder, b"", "ls-tree", "-r", "-l", "-z", "--full-tree", tree)
    lines = said.split(b"\0")[:-1]
    entries = tuple(_entry(line) for line in lines)
    total = sum(one.size for one in entries if one.size <= MAX_FILE)
    if len(entries) > MAX_FILES or total > MAX_TREE:
        raise UndeterminedError(f"{folder}: more than {MAX_FILES} files or {MAX_TREE // MIB} MiB: no tree of manifests")
    return entries


def read_blobs(folder: Path, blobs: Iterable[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
    """The contents of blobs, given with their sizes, some dozen MiB at a time.

    Raises:
        UndeterminedError: one is missing.
    """
    batch: list[str] = []
    size = 0
    for blob, length in dict(blobs).items():
        if batch and size + length > _BATCH:
            yield from _batch(folder, batch)
            batch, size = [], 0
        batch.append(blob)
        size += length
    if batch:
        yield from _batch(folder, batch)


def _batch(folder: Path, blobs: list[str]) -> Iterator[tuple[str, bytes]]:
    said = _read(folder, "".join(f"{blob}\n" for blob in blobs).encode(), "cat-file", "--batch")
    position = 0
    for blob in blobs:
        end = said.index(b"\n", position)
        words = said[position:end].split()
        if len(words) != 3:  # noqa: PLR2004  # name, type and size; else `NAME missing`
            raise UndeterminedError(f"{folder}: git has no object {blob}", hint=_PARTIAL)
        start, length = end + 1, int(words[2])
        yield blob, said[start : start + length]
        position = start + length + 1


_PARTIAL: Final = "a partial clone lacks old files, and kfkit fetches none: `git fetch --refetch --no-filter` does"


def _read(folder: Path, stdin: bytes, *arguments: str) -> bytes:
    try:
        return ask(folder, *arguments, stdin=stdin, limits=_LIMITS).stdout
    except ProgramError as error:
        raise UndeterminedError(f"{folder}: {error}", hint=error.hint or _PARTIAL) from error


def _entry(line: bytes) -> Entry:
    match = _LISTED.fullmatch(line)
    if match is None:
        raise UndeterminedError(f"git lists a file in a way that is not understood: {line[:200]!r}")
    path = os.fsdecode(match[5])
    if any(part.lower() in _UNSAFE for part in path.split("/")):
        raise UndeterminedError(f"{path}: a name that leads out of its folder, or into git's own")
    blob = match[3].decode() if match[2] == b"blob" else None
    size = int(match[4]) if blob and match[4] != b"-" else 0
    return Entry(path=path, mode=match[1].decode(), blob=blob, size=size)


def _write(folder: Path, entries: Iterable[Entry], target: Path) -> None:
    """Files first and links last, never over another: no entry is written through a link."""
    wanted: dict[str, list[Entry]] = {}
    sizes: dict[str, int] = {}
    for entry in entries:
        place = target / PurePosixPath(entry.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.blob is None:
            place.mkdir()
        elif entry.size > MAX_FILE:
            with place.open("xb") as file:
                file.truncate(entry.size)  # refused when the folder is read, as it would be in the work tree
        else:
            wanted.setdefault(entry.blob, []).append(entry)
            sizes[entry.blob] = entry.size
    links: list[tuple[Path, bytes]] = []
    for blob, content in read_blobs(folder, sizes.items()):
        for entry in wanted[blob]:
            place = target / PurePosixPath(entry.path)
            if entry.mode == _LINK:
                links.append((place, content))
                continue
            with place.open("xb") as file:
                file.write(content)
            place.chmod(0o755 if entry.mode == _EXECUTABLE else 0o644)
    for place, content in links:
        if b"\0" in content:
            raise UndeterminedError(f"{place.name}: a symbolic link that no file system can hold")
        place.symlink_to(os.fsdecode(content))

"""Which folders rendering one kustomization reads: its own, and those of all that it takes in by relative path.

Bases usually lie above a kustomization. So the tree is the smallest folder that holds them all: inside a git work tree
at most its top folder, and never the whole disk. Nothing in it is read but the folders that are reached.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import read_limited
from buildkit.edges.process import MIB
from buildkit.errors import KfkitError, UndeterminedError, UsageError
from buildkit.flows.sources import Part
from buildkit.images.graph import FILE_NAMES, parse_kustomization
from buildkit.model.documents import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 20_000
_MAX_FILE: Final = 16 * MIB


def kustomization_file(folder: Path) -> Path | None:
    """The kustomization file of a folder, if it has one."""
    return next((folder / name for name in FILE_NAMES if (folder / name).is_file()), None)


def part_of(folder: Path, top: Path | None = None) -> tuple[Path, Part]:
    """The root of the tree to read for a kustomization, and which part of that.

    Args:
        folder: the kustomization.
        top: what the tree may not leave; by default the git work tree's top folder, if it lies in one.

    Raises:
        UsageError: the kustomization is the whole disk.
        UndeterminedError: it reaches more folders than a release has.
    """
    start = folder.resolve()
    reach = _Reach(start, top.resolve() if top else work_tree(start))
    reach.follow()
    if reach.root == Path(reach.root.anchor):
        raise UsageError(f"{folder}: the whole disk is no kustomization")
    within = sorted({one.relative_to(reach.root).as_posix() for one in reach.ways})
    return reach.root, Part(folder=start.relative_to(reach.root).as_posix(), within=tuple(within))


def work_tree(folder: Path) -> Path | None:
    """The top folder of the git work tree that a folder lies in."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


class _Reach:
    """Folders, found by following the entries of kustomizations; what is not taken in here, gather complains of."""

    def __init__(self, start: Path, top: Path | None) -> None:
        self.root, self.top = start, top
        self.ways = {start}
        self.pending = [start]

    def follow(self) -> None:
        seen = set(self.pending)
        while self.pending:
            folder = self.pending.pop()
            for named, real in _named_folders(folder):
                root = self._root_with(named, real)
                if root is None:
                    continue
                self.root = root
                self.ways |= {named, real}
                if real not in seen:
                    seen.add(real)
                    self.pending.append(real)
            if len(seen) > _MOST:
                raise UndeterminedError(f"more than {_MOST} kustomizations: no release")

    def _root_with(self, *more: Path) -> Path | None:
        root = Path(os.path.commonpath([self.root, *more]))
        outside = root == Path(root.anchor) if self.top is None else not root.is_relative_to(self.top)
        return None if outside else root


def _named_folders(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield kustomizations that one takes in: by the path that names them, and with links followed."""
    file = kustomization_file(folder)
    if file is None:
        return
    try:
        parsed = parse_kustomization(read_limited(file, _MAX_FILE).decode("utf-8"), file.name)
    except (KfkitError, DocumentError, UnicodeDecodeError):
        return
    for entry in parsed.entries:
        if entry.kind == "file" or entry.remote or entry.problem or os.path.isabs(entry.text):  # noqa: PTH117
            continue
        named = Path(os.path.normpath(folder / entry.text))
        try:
            real = named.resolve(strict=True)
            found = real.is_dir() and kustomization_file(real) is not None
        except (OSError, RuntimeError, ValueError):
            continue
        if found:
            yield named, real

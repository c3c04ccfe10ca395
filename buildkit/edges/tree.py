"""Reading source trees. They are hostile: nothing outside is followed, nothing is written, sizes are bounded."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.process import MIB
from buildkit.errors import UndeterminedError
from buildkit.model.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_FILES: Final = 200_000
MAX_FILE: Final = 64 * MIB
MAX_TREE: Final = 2048 * MIB
_SKIPPED: Final = frozenset({".git", ".hg", ".svn", ".kfkit-commit"})


def scan_tree(root: Path, prefix: str = "", within: Iterable[str] = (".",)) -> Tree:
    """List a tree's files. Links inside the tree are noted, links out of it refused; no link to a folder is walked.

    Args:
        root: the folder.
        prefix: what every path begins with.
        within: the folders to list, relative to `root`; of what leads there, links only.

    Raises:
        UndeterminedError: more files or bytes than a tree of manifests can have.
    """
    real = root.resolve()
    scan = _Scan(real, within)
    scan.folders()
    return Tree(
        prefix=prefix,
        root=str(real),
        files={prefix + path: scan.files[path] for path in sorted(scan.files)},
        links={prefix + path: prefix + scan.links[path] for path in sorted(scan.links)},
        refused={prefix + path: scan.refused[path] for path in sorted(scan.refused)},
    )


def _ways(folder: str) -> Iterator[str]:
    """Yield a folder and those that lead to it."""
    steps = folder.split("/")
    return ("/".join(steps[:count]) for count in range(1, len(steps) + 1))


class _Scan:
    def __init__(self, root: Path, within: Iterable[str]) -> None:
        self.root = root
        self.within = frozenset(within)
        self.ways = {way for one in self.within for way in _ways(one)}
        self.files: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.bytes = 0

    def folders(self) -> None:
        stack = [(self.root, "", "." in self.within)]
        while stack:
            top, name, inside = stack.pop()
            for entry in self._entries(top, name):
                if entry.name in _SKIPPED or not entry.name.isprintable():
                    continue
                inner = f"{name}/{entry.name}" if name else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if inside or inner in self.ways:
                        stack.append((Path(entry.path), inner, inside or inner in self.within))
                elif inside or entry.is_symlink():
                    self._take(entry, inner)

    def _entries(self, folder: Path, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError as error:
            if not path:
                raise UndeterminedError(f"{folder}: cannot be read: {error.strerror}") from error
            self.refused[path] = f"a folder that cannot be read ({error.strerror})"
            return []

    def _take(self, entry: os.DirEntry[str], path: str) -> None:
        place = Path(entry.path)
        if entry.is_symlink():
            try:
                place = place.resolve(strict=True)
            except (OSError, RuntimeError):
                self.refused[path] = "a symbolic link that leads nowhere"
                return
            if not place.is_relative_to(self.root):
                self.refused[path] = "a symbolic link that leads out of the tree"
                return
            self.links[path] = str(place.relative_to(self.root))
            if place.is_dir():
                return
        found = place.stat()
        if not stat.S_ISREG(found.st_mode):
            self.refused[path] = "no regular file"
        elif found.st_size > MAX_FILE:
            self.refused[path] = f"larger than {MAX_FILE // MIB} MiB"
        elif not os.access(place, os.R_OK):
            self.refused[path] = "a file that cannot be read"
        else:
            self._count(found.st_size)
            self.files[path] = str(place.relative_to(self.root))

    def _count(self, size: int) -> None:
        self.bytes += size
        if len(self.files) >= MAX_FILES or self.bytes > MAX_TREE:
            raise UndeterminedError(
                f"{self.root}: more than {MAX_FILES} files or {MAX_TREE // MIB} MiB: no tree of manifests",
                hint="name the folder that holds the kustomizations",
            )


def read_bytes(tree: Tree, path: str) -> bytes:
    """Read one of the tree's files; the file is opened without following a link put there since the scan.

    Raises:
        UndeterminedError: it cannot be read.
    """
    place = Path(tree.root, tree.files[path])
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MAX_FILE + 1)[:MAX_FILE]
    except OSError as error:
        raise UndeterminedError(f"{path}: cannot be read: {error.strerror}") from error


def digests(tree: Tree) -> dict[str, str]:
    """SHA-256 of every file, by path."""
    return {path: hashlib.sha256(read_bytes(tree, path)).hexdigest() for path in tree.files}


def copy_files(tree: Tree, paths: Iterable[str], target: Path) -> None:
    """Copy files of a tree below a folder, under their paths without the tree's prefix; links inside stay links.

    Copies, not hard or symbolic links: kustomize follows a link before it looks for what lies beside the file, and
    then refuses it as outside.
    """
    made: set[Path] = set()
    links = {path for path in tree.links if path not in tree.files}
    for path in (*sorted(links), *paths):
        place = target / path.removeprefix(tree.prefix)
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        if path in tree.links:
            if not place.is_symlink():
                place.symlink_to(os.path.relpath(target / tree.links[path].removeprefix(tree.prefix), place.parent))
        else:
            place.write_bytes(read_bytes(tree, path))

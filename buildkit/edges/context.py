"""Contexts on disk: one digest of everything that a folder holds, for what git's own objects do not settle."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import feed, is_file
from buildkit.edges.process import MIB
from buildkit.edges.tree import MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from hashlib import _Hash

MAX_BYTES: Final = 2048 * MIB
_GIT: Final = ".git"  # the repository's own: what is built of it is said by its commit


def digest_folder(folder: Path, more: Sequence[Path] = ()) -> str | None:
    """SHA-256 over names, modes and contents of all files below a folder, and over more files that may not exist.

    None where that cannot be told: too large, or something in it cannot be read.
    """
    others = [(f"more/{number}".encode(), place) for number, place in enumerate(more) if is_file(place)]
    try:
        entries = _list(folder, sum(os.lstat(place).st_size for _, place in others))
        if entries is None:
            return None
        found = hashlib.sha256()
        for name, place in (*entries, *others):
            _take(found, name, place)
    except OSError:
        return None
    return found.hexdigest()


def _list(folder: Path, size: int) -> list[tuple[bytes, Path]] | None:
    """Everything but folders, sorted by name; empty folders count too. None for more than can be read.

    `size` is that of what is read besides.
    """
    found: list[tuple[bytes, Path]] = []
    stack = [folder]
    while stack:
        top = stack.pop()
        with os.scandir(top) as entries:
            inside = [one for one in entries if not (top == folder and one.name == _GIT)]
        if not inside and top != folder:
            found.append((_name(folder, top) + b"/", top))
        for one in inside:
            if one.is_dir(follow_symlinks=False):
                stack.append(Path(one.path))
                continue
            size += one.stat(follow_symlinks=False).st_size
            found.append((_name(folder, Path(one.path)), Path(one.path)))
        if len(found) + len(stack) > MAX_FILES or size > MAX_BYTES:
            return None
    return sorted(found)


def _name(folder: Path, place: Path) -> bytes:
    return os.fsencode(place.relative_to(folder))


def _take(found: _Hash, name: bytes, place: Path) -> None:
    """Add one file: each part with its length before it, so that no two lists of files read alike."""
    seen = os.lstat(place)
    kind = b"%o" % stat.S_IFMT(seen.st_mode)
    mode = b"%o" % stat.S_IMODE(seen.st_mode)
    found.update(b"%d %s %s %s " % (len(name), name, kind, mode))
    if stat.S_ISLNK(seen.st_mode):
        target = os.fsencode(place.readlink())
        found.update(b"%d %s" % (len(target), target))
    elif stat.S_ISREG(seen.st_mode):
        content = hashlib.sha256()
        feed(place, content, seen.st_size)
        found.update(content.digest())

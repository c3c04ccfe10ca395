"""A folder that we write for the user: whole or not at all, and never over what somebody else put there."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from buildkit.errors import UsageError

_MAX_MARKER: Final = 4 * 1024 * 1024
_HINT: Final = "name a folder that is not there yet, an empty one, or one that this command made"
Listed = Callable[[str], frozenset[str]]


def check_output(folder: Path, marker: str, listed: Listed) -> frozenset[str]:
    """Tell which files in a folder are ours to replace; none where there is no such folder, or an empty one.

    Args:
        folder: where we are to write.
        marker: the name of the file that says a folder is ours.
        listed: reads from its text the files that we wrote.

    Raises:
        UsageError: it holds something and is not ours, or could not be written.
    """
    if folder.is_symlink() and not folder.exists():
        raise UsageError(f"{folder}: a link that leads nowhere", hint=_HINT)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file, not a folder", hint=_HINT)
    _check_writable(folder)
    try:
        names = [entry.name for entry in os.scandir(folder)] if folder.exists() else []
        if not names:
            return frozenset()
        if marker not in names:
            raise UsageError(f"{folder}: is not empty, and holds no {marker} that says we made it", hint=_HINT)
        with (folder / marker).open(encoding="utf-8") as file:
            return listed(file.read(_MAX_MARKER))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{folder}: cannot be read: {error}") from error


def _check_writable(folder: Path) -> None:
    """The new folder is made beside the old one, so it is the parent (or the first that is there) that counts."""
    parent = folder.resolve().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: cannot be made: no permission to write in {parent}")


def read_output(folder: Path, names: Mapping[str, object]) -> dict[str, str]:
    """The texts of those of our files that are there."""
    found: dict[str, str] = {}
    for name in names:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            found[name] = (folder / name).read_bytes().decode("utf-8")
    return found


def write_output(folder: Path, files: Mapping[str, str], ours: frozenset[str]) -> None:
    """Put a new folder in the place of an old one; what in the old one is not ours is taken over.

    Raises:
        UsageError: it cannot be written; the old one is there as it was.
    """
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".kfkit-new-", ignore_cleanup_errors=True) as name:
            filled, old = Path(name, "filled"), Path(name, "old")
            filled.mkdir()
            for path in _others(target, ours):
                _take_over(target / path, filled / path)
            for path, text in files.items():
                (filled / path).parent.mkdir(parents=True, exist_ok=True)
                (filled / path).write_bytes(text.encode("utf-8"))
            _swap(target, filled, old)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _swap(target: Path, filled: Path, old: Path) -> None:
    if not target.exists():
        filled.replace(target)
        return
    target.replace(old)
    try:
        filled.replace(target)
    except BaseException:
        old.replace(target)
        raise


def _others(folder: Path, ours: frozenset[str]) -> Iterator[str]:
    """Paths in a folder that are not ours."""
    for top, folders, names in os.walk(folder):
        inner = Path(top).relative_to(folder)
        links = [name for name in folders if Path(top, name).is_symlink()]
        yield from (path for name in (*names, *links) if (path := (inner / name).as_posix()) not in ours)


def _take_over(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)

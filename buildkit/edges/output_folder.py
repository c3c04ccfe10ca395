"""A folder that we write for the user: all of our files or none, and never over what somebody else put there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from buildkit.errors import UsageError

_MOST_STRANGERS: Final = 100
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
    """The folder itself, or the first one above it that is there."""
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        raise UsageError(f"{folder}: cannot be made: {place} is a file", hint=_HINT)
    if not os.access(place, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: cannot be written: no permission to write in {place}")


def read_output(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The texts of those of our files that are there."""
    found: dict[str, str] = {}
    for name in names:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if (folder / name).is_file():
                found[name] = (folder / name).read_bytes().decode("utf-8")
    return found


def strangers(folder: Path, ours: Iterable[str], below: Iterable[str]) -> tuple[str, ...]:
    """Name what lies below some of its folders and is not ours, sorted: files, and links whatever they lead to.

    Raises:
        UsageError: a folder cannot be read.
    """
    found: list[str] = []
    known = frozenset(ours)
    waiting = [name for name in below if os.path.lexists(folder / name)]
    try:
        while waiting and len(found) < _MOST_STRANGERS:
            name = waiting.pop()
            if (folder / name).is_dir() and not (folder / name).is_symlink():
                waiting += (f"{name}/{entry.name}" for entry in os.scandir(folder / name))
            elif name not in known:
                found.append(name)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error}") from error
    return tuple(sorted(found))


def write_output(folder: Path, files: Mapping[str, str], ours: frozenset[str]) -> None:
    """Put new files in the place of `ours`; whatever fails half way, Ctrl-C too, puts back what was there.

    The folder itself stays (it may be the current one, a mount or a link's target), and so does what is not ours.

    Raises:
        UsageError: it cannot be written, or something that is not ours is in the way; all is as it was.
    """
    target = folder.resolve()
    try:
        _check_free(folder, target, files, ours)
        made = not target.exists()
        target.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.TemporaryDirectory(dir=target, prefix=".kfkit-new-", ignore_cleanup_errors=True) as name:
                _exchange(target, Path(name), files, [path for path in ours if os.path.lexists(target / path)])
        finally:
            _drop_empty(target, ours, made=made)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _check_free(folder: Path, target: Path, files: Iterable[str], ours: frozenset[str]) -> None:
    for path in sorted({*files, *ours}):
        place = target / path
        parent = place.parent.resolve()
        if str(parent) != os.path.normpath(place.parent) or not parent.is_relative_to(target):
            raise UsageError(f"{folder / path}: leads out of the folder that it is to lie in")
        known = path in ours and (place.is_file() or place.is_symlink())
        if os.path.lexists(place) and not known:
            raise UsageError(f"{folder / path}: is in the way, and not made by us", hint="move it elsewhere")


def _exchange(target: Path, scratch: Path, files: Mapping[str, str], old: Iterable[str]) -> None:
    for path, text in files.items():
        _make_room(scratch / "new" / path).write_bytes(text.encode("utf-8"))
    moved: list[tuple[Path, Path]] = []
    try:
        for source, place in (
            *((target / path, scratch / "old" / path) for path in old),
            *((scratch / "new" / path, target / path) for path in files),
        ):
            moved.append((source, place))
            source.replace(_make_room(place))
    except BaseException:
        for source, place in reversed(moved):
            if os.path.lexists(place):
                place.replace(source)
        raise


def _make_room(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _drop_empty(target: Path, ours: Iterable[str], *, made: bool) -> None:
    """Folders in which nothing is left; the whole one where we made it and nothing came into it."""
    inner = sorted({parent for path in ours for parent in Path(path).parents if parent != Path()}, reverse=True)
    for one in (*inner, *([Path()] if made else [])):
        with contextlib.suppress(OSError):
            (target / one).rmdir()

"""Replacing the content of several files, all of them or none; each file is only ever seen old or new."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PREFIX: Final = ".kfkit-"
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Replacement:
    """New content for a file: `path` is the file itself, no link to it; `old` what it must hold until then."""

    path: Path
    old: bytes
    new: bytes


def check_replaceable(changes: Sequence[Replacement]) -> None:
    """Look before anything is worked on whether all of them can be written.

    Raises:
        UsageError: a file, or the folder that it lies in, is read-only.
        UndeterminedError: a file is not what it was.
    """
    for one in changes:
        _check_content(one)
        for place, what in ((one.path, "a file"), (one.path.parent, "a folder")):
            # The superuser may write whatever the mode says; whoever took the permission away meant it.
            if not place.stat().st_mode & _WRITABLE or not os.access(place, os.W_OK):
                raise UsageError(
                    f"{place}: {what} that is read-only: nothing was written",
                    hint="make it writable, or take the patch: --patch",
                )


def replace_files(changes: Sequence[Replacement]) -> None:
    """Write all, or none: whatever fails half way, Ctrl-C too, puts back what was there.

    A file keeps its mode and, where that is allowed, its owner; other hard links to it keep the old content.

    Raises:
        UsageError: something is read-only, or the disk is full.
        UndeterminedError: a file changed since it was read.
    """
    check_replaceable(changes)
    with contextlib.ExitStack() as temporaries:
        try:
            ready = [(one, temporaries.enter_context(_beside(one.path, one.new))) for one in changes]
            backs = [temporaries.enter_context(_beside(one.path, one.old)) for one in changes]
            for one in changes:
                _check_content(one)
            _exchange([(new, one.path, old) for (one, new), old in zip(ready, backs, strict=True)])
        except OSError as error:
            # Of a full disk the error names no file.
            place = error.filename or changes[0].path.parent
            raise UsageError(f"{place}: cannot be written: {error.strerror}: nothing was changed") from error


def _exchange(steps: Sequence[tuple[Path, Path, Path]]) -> None:
    """Move new files to their places; `(new, place, old)`."""
    begun: list[tuple[Path, Path]] = []
    try:
        for new, place, old in steps:
            begun.append((place, old))
            new.replace(place)
    except BaseException:
        for place, old in begun:
            old.replace(place)
        raise


@contextlib.contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    """A file with the content, mode and owner of another, in its folder so that renaming it is one step."""
    known = path.stat()
    descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            with contextlib.suppress(PermissionError):
                os.fchown(file.fileno(), known.st_uid, known.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(known.st_mode))
            file.flush()
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _check_content(one: Replacement) -> None:
    try:
        # A link that has come on the way to the file since leads elsewhere.
        moved = os.path.realpath(one.path) != str(one.path)
        descriptor = os.open(one.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            same = not moved and file.read(len(one.old) + 1) == one.old
    except OSError as error:
        raise UndeterminedError(f"{one.path}: cannot be read any more: {error.strerror}") from error
    if not same:
        raise UndeterminedError(
            f"{one.path}: changed while the plan was made: nothing was written", hint="run the command again"
        )

"""Our own files: the user's cache folder, whole-or-nothing writes, and scratch folders that never stay behind.

And what every reader of other people's files needs: where a path leads, and content without surprises.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from hashlib import _Hash

_CHUNK = 1024 * 1024


def cache_path(name: str) -> Path:
    """`$XDG_CACHE_HOME/kfkit/<name>` (`~/.cache` by default), whether it is there or not."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification has relative values ignored.
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "kfkit" / name


def cache_folder(name: str) -> Path:
    """The same, made where it is missing, for the user alone."""
    folder = cache_path(name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read_limited(path: Path, limit: int) -> bytes:
    """Content of a file that the user named, of at most `limit` bytes.

    Raises:
        UsageError: missing, unreadable or larger.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > limit:
        raise UsageError(f"{path}: larger than {limit // 1024 // 1024} MiB")
    return content


def read_text_file(path: Path, limit: int) -> str:
    """The same as UTF-8 text.

    Raises:
        UsageError: also where it is none.
    """
    try:
        return read_limited(path, limit).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text") from error


def real_path(path: str | Path) -> Path:
    """Where a path leads. Unlike pathlib's, this takes links that lead in circles as they are."""
    return Path(os.path.realpath(path))


def is_folder(path: str | Path) -> bool:
    """Whether there is a folder; not where that may not be known, for which pathlib has an exception."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: str | Path) -> bool:
    """The same of a regular file."""
    return os.path.isfile(path)  # noqa: PTH113


def lies_inside(tree: str) -> bool:
    """Tell whether the current directory is this folder, or lies in it."""
    root = real_path(tree)
    return bool(tree) and is_folder(root) and Path.cwd().resolve().is_relative_to(root)


def feed(path: Path, digest: _Hash, size: int) -> None:
    """Add the first `size` bytes of a file to a digest; no link is followed, and no pipe waited for.

    Raises:
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        while size > 0 and (chunk := file.read(min(size, _CHUNK))):
            digest.update(chunk)
            size -= len(chunk)


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old or the new content; two writers leave one of theirs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.chmod(mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new empty folder, removed on the way out, Ctrl-C included; its path has no symbolic link in it.

    Raises:
        UndeterminedError: there is no place for scratch files.
    """
    # Not tempfile's own: a Ctrl-C between making the folder and noting it leaves that one behind.
    try:
        folder = Path(tempfile.gettempdir()).resolve() / f"kfkit-{os.urandom(8).hex()}"
    except OSError as error:
        raise UndeterminedError(
            f"no folder for scratch files: {error.strerror}", hint="TMPDIR names one that can be written"
        ) from error
    ours = True
    try:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            ours = False
            raise
        yield folder
    finally:
        if ours:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def new_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A folder beside `target` to fill, moved there at the end.

    Where there is one already (another run was first), ours is dropped, or with `replace` takes its place.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-", ignore_cleanup_errors=True) as name:
        filled = Path(name, "filled")
        filled.mkdir()
        yield filled
        if replace and target.exists():
            with contextlib.suppress(OSError):
                target.replace(Path(name, "old"))
        with contextlib.suppress(OSError):
            filled.replace(target)


def trim(folder: Path, limit: int) -> None:
    """Drop the files that were not used for the longest time until at most `limit` bytes are left."""
    found: list[tuple[float, int, Path]] = []
    for entry in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if entry.is_file():
                stat = entry.stat()
                found.append((stat.st_mtime, stat.st_size, entry))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit:
            return
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size

"""Checkouts of source repositories: the Dockerfiles in them.

They are hostile: no link to a folder is followed, nothing outside is read, sizes are bounded.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.dockerfiles import LARGEST, MOST_DOCKERFILES, MOST_FILES, is_dockerfile
from buildkit.edges.files import is_file, real_path
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SKIPPED: Final = frozenset({".git", ".hg", ".svn", "node_modules"})


def find_dockerfiles(root: Path) -> tuple[str, ...]:
    """Paths of the Dockerfiles below a folder, sorted; what cannot be printed is left out.

    Raises:
        UndeterminedError: it cannot be read, or has more files or Dockerfiles than a checkout has.
    """
    found: list[str] = []
    seen = 0

    def refuse(error: OSError) -> None:
        raise UndeterminedError(f"{error.filename}: cannot be read: {error.strerror}") from error

    for top, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if name not in _SKIPPED and name.isprintable()]
        seen += len(names) + len(folders)
        found += _named_so(root, Path(top), names)
        if seen > MOST_FILES or len(found) > MOST_DOCKERFILES:
            most = f"more than {MOST_FILES} files or {MOST_DOCKERFILES} Dockerfiles"
            raise UndeterminedError(f"{root}: {most}", hint="name a checkout's folder")
    return tuple(sorted(found))


def _named_so(root: Path, folder: Path, names: Iterable[str]) -> Iterator[str]:
    for name in filter(is_dockerfile, names):
        place = folder / name
        if is_file(place) and not place.is_symlink():
            yield place.relative_to(root).as_posix()


def read_dockerfile(root: Path, path: str) -> str | None:
    """The text of a file of a checkout, None where it is not there; bytes that are not UTF-8 are replaced.

    Raises:
        UndeterminedError: why it cannot be read, without its path: it leads out of the checkout, or is too large.
    """
    real = real_path(root / path)
    if not is_file(real):
        return None
    if not real.is_relative_to(real_path(root)):
        raise UndeterminedError(f"leads out of {root}")
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UndeterminedError(f"cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise UndeterminedError(f"larger than {LARGEST // 1024 // 1024} MiB")
    return content.decode("utf-8", "replace")

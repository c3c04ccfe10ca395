"""Checkouts of source repositories: the Dockerfiles in them.

They are hostile: no link to a folder is followed, nothing outside is read, sizes are bounded.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from buildkit.edges.tree import MAX_FILES
from buildkit.errors import UndeterminedError

# Dockerfile, Dockerfile.cpu, Dockerfile-mpi, agent.Dockerfile, and the same with Containerfile.
_NAME: Final = re.compile(r"(?:.+\.)?(?:docker|container)file(?:[._-].+)?", re.IGNORECASE)
_NO_DOCKERFILE: Final = (".dockerignore", ".md", ".rst", ".txt", ".orig", ".rej", "~")
_SKIPPED: Final = frozenset({".git", ".hg", ".svn", "node_modules"})
_LARGEST: Final = 4 * 1024 * 1024


def is_dockerfile(name: str) -> bool:
    """Whether a file of this name is taken for a Dockerfile."""
    return _NAME.fullmatch(name) is not None and not name.lower().endswith(_NO_DOCKERFILE)


def find_dockerfiles(root: Path) -> tuple[str, ...]:
    """Paths of the Dockerfiles below a folder, sorted; what cannot be printed is left out.

    Raises:
        UndeterminedError: it cannot be read, or has more files than a checkout has.
    """
    found: list[str] = []
    seen = 0

    def refuse(error: OSError) -> None:
        raise UndeterminedError(f"{error.filename}: cannot be read: {error.strerror}") from error

    for top, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if name not in _SKIPPED and name.isprintable()]
        seen += len(names) + len(folders)
        if seen > MAX_FILES:
            raise UndeterminedError(f"{root}: more than {MAX_FILES} files", hint="name a checkout's folder")
        for name in names:
            place = Path(top, name)
            if is_dockerfile(name) and name.isprintable() and place.is_file() and not place.is_symlink():
                found.append(place.relative_to(root).as_posix())
    return tuple(sorted(found))


def read_dockerfile(root: Path, path: str) -> str | None:
    """The text of a file of a checkout, None where it is not there; bytes that are not UTF-8 are replaced.

    Raises:
        UndeterminedError: it cannot be read, leads out of the checkout, or is too large.
    """
    place = Path(root, path)
    if not place.is_file():
        return None
    real = place.resolve()
    if not real.is_relative_to(root.resolve()):
        raise UndeterminedError(f"{path}: leads out of {root}")
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UndeterminedError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UndeterminedError(f"{path}: larger than {_LARGEST // 1024 // 1024} MiB")
    return content.decode("utf-8", "replace")

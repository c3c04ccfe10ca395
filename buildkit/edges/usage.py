"""How much disk our cache takes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from buildkit.edges.files import cache_folder
from buildkit.errors import UndeterminedError
from buildkit.model.installation import Cache


def measure_cache(*, seconds: float) -> Cache:
    """The user's cache folder and its size, counted for at most `seconds`."""
    try:
        root = cache_folder("")
    except (OSError, RuntimeError) as error:
        raise UndeterminedError(f"the cache folder cannot be made: {error}", hint="Set XDG_CACHE_HOME.") from error
    size, complete = measure_folder(root, seconds=seconds)
    return Cache(path=str(root), size=size, complete=complete)


def measure_folder(root: Path, *, seconds: float) -> tuple[int, bool]:
    """Bytes of its regular files, symbolic links not followed; False where the time was up before the end."""
    deadline = time.monotonic() + seconds
    size, folders = 0, [root]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        size += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue  # another run tidies up at the same time
        if time.monotonic() > deadline:
            return size, not folders
    return size, True

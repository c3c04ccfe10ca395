"""A git repository on disk: its commit, and which of its files are not as that commit has them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkTree:
    """What git says of a repository; paths are relative to its root, those of folders end with `/`.

    Attributes:
        root: real path of its folder.
        commit: that HEAD stands for.
        committed: when that was made, seconds since 1970.
        origin: https address of the remote called origin, without credentials; None where it has none.
        changed: files that differ from the commit, new and deleted ones included, those that git ignores not.
        ignored: what lies there and is in no commit of this repository: what git ignores, and submodules.
    """

    root: str
    commit: str
    committed: int
    origin: str | None = None
    changed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def touches(path: str, folder: str) -> bool:
    """Whether a path, or what lies below it, is a folder or lies in it; `.` is the root."""
    if folder == ".":
        return True
    plain = path.rstrip("/")
    return plain == folder or plain.startswith(f"{folder}/") or folder.startswith(f"{plain}/")

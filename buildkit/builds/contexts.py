"""Where builders find a build's files: paths of folders, and git URLs as BuildKit takes them."""

from __future__ import annotations

from typing import Final

_GITHUB: Final = "https://github.com/"


def web_address(repository: str) -> str:
    """Where people find a repository: `https://github.com/OWNER/REPO`."""
    return repository if "://" in repository else _GITHUB + repository


def git_address(repository: str) -> str:
    """The address that BuildKit and git fetch from; BuildKit knows one of git by its `.git`."""
    address = web_address(repository)
    return address if address.endswith(".git") else f"{address}.git"


def git_context(repository: str, ref: str, folder: str) -> str:
    """`https://github.com/OWNER/REPO.git#REF:FOLDER`."""
    return f"{git_address(repository)}#{ref}" + ("" if folder == "." else f":{folder}")


def is_remote(context: str) -> bool:
    """Whether a plan's context is fetched by the builder: the others are folders."""
    return context.startswith("https://")


def split_git_context(context: str) -> tuple[str, str]:
    """Address and ref of a git URL."""
    address, _, fragment = context.partition("#")
    return address, fragment.partition(":")[0]


def from_folder(path: str, folder: str) -> str:
    """The way from one folder to a path beside or below it, both below one root, as text alone: `../x/Dockerfile`."""
    parts, base = _parts(path), _parts(folder)
    common = 0
    while common < min(len(parts), len(base)) and parts[common] == base[common]:
        common += 1
    return "/".join([".."] * (len(base) - common) + parts[common:])


def join(root: str, path: str) -> str:
    """A path of a source below its root: never one that a program takes for an option or a URL."""
    base = "" if root in {"", "."} else f"{root.rstrip('/')}/"
    joined = (root or ".") if path == "." else base + path
    first = joined.split("/", 1)[0]
    odd = first.startswith("-") or first == "github.com" or ":" in first or "@" in first
    return f"./{joined}" if odd else joined


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]

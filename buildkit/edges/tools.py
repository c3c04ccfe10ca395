"""Finding external programs in the versions we accept (DESIGN.md, "Real components")."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import buildkit
from buildkit.edges.process import Limits, ProgramError, run
from buildkit.errors import UndeterminedError

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_LIMITS: Final = Limits(seconds=30, output=1024 * 1024)
Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """An external program: where it is, and its version as `5.8.1`."""

    path: Path
    version: str


def checkout_tools() -> Path | None:
    """`.tools/bin` of the checkout this package runs from; never the current folder's, which may be a hostile tree."""
    root = Path(buildkit.__file__).resolve().parent.parent
    return root / ".tools" / "bin" if (root / "pyproject.toml").is_file() else None


def candidates(name: str) -> tuple[Path, ...]:
    """Every program of that name: on PATH in its order, then the checkout's own."""
    folders = [Path(part) for part in os.get_exec_path() if part and Path(part).is_absolute()]
    own = checkout_tools()
    found = [shutil.which(name, path=str(folder)) for folder in (*folders, *([own] if own else []))]
    return tuple(dict.fromkeys(Path(one) for one in found if one))


def find_kustomize() -> Program:
    """The first kustomize 5.8.x.

    Raises:
        UndeterminedError: there is none, or only others.
    """
    rejected: list[str] = []
    for path in candidates("kustomize"):
        text = _ask(path)
        version = parse_version(text)
        if version and version[:2] == (5, 8):
            return Program(path=path, version=".".join(map(str, version)))
        rejected.append(f"{path} is {text.strip() or 'of unknown version'}")
    raise UndeterminedError(
        "no kustomize 5.8.x: " + ("; ".join(rejected) if rejected else "none on PATH"),
        hint="`make tools` builds the pinned one into .tools/bin",
    )


def _ask(path: Path) -> str:
    try:
        return run([str(path), "version"], limits=_LIMITS).stdout.decode("utf-8", "replace")
    except ProgramError:
        return ""


def parse_version(text: str) -> Version | None:
    """The first `1.2.3` in a text; `v0.0.0+unknown`, which plain module builds report, is no version."""
    match = _VERSION.search(text)
    if match is None:
        return None
    version = (int(match[1]), int(match[2]), int(match[3]))
    return version if any(version) else None

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
Version = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """Versions from `low` up to, without, `below`."""

    low: Version
    below: Version | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A program: how to ask its version, which ones will do, and these in words."""

    name: str
    arguments: tuple[str, ...]
    ranges: tuple[Range, ...]
    words: str


KUSTOMIZE: Final = Accepted(
    name="kustomize", arguments=("version",), ranges=(Range(low=(5, 8), below=(5, 9)),), words="5.8.x"
)
HELM: Final = Accepted(
    name="helm",
    arguments=("version", "--short"),
    ranges=(Range(low=(3, 18), below=(4,)), Range(low=(4, 2))),
    words=">= 3.18 or >= 4.2",
)


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
    """The first kustomize in KUSTOMIZE's range.

    Raises:
        UndeterminedError: there is none, or only others.
    """
    return _find(KUSTOMIZE)


def find_helm() -> Program:
    """The first helm in one of HELM's ranges.

    Raises:
        UndeterminedError: there is none, or only others.
    """
    return _find(HELM)


def _find(wanted: Accepted) -> Program:
    rejected: list[str] = []
    for path in candidates(wanted.name):
        text = _ask(path, wanted)
        version = parse_version(text)
        if version and within(wanted.ranges, version):
            return Program(path=path, version=".".join(map(str, version)))
        rejected.append(f"{path} is {text.strip() or 'of unknown version'}")
    raise UndeterminedError(
        f"no {wanted.name} {wanted.words}: " + ("; ".join(rejected) if rejected else "none on PATH"),
        hint="`make tools` builds the pinned one into .tools/bin",
    )


def _ask(path: Path, wanted: Accepted) -> str:
    try:
        return run([str(path), *wanted.arguments], limits=_LIMITS).stdout.decode("utf-8", "replace")
    except ProgramError:
        return ""


def parse_version(text: str) -> Version | None:
    """The first `1.2.3` in a text; `v0.0.0+unknown`, which plain module builds report, is no version."""
    match = _VERSION.search(text)
    if match is None:
        return None
    version = tuple(int(part) for part in match.groups())
    return version if any(version) else None


def within(ranges: tuple[Range, ...], version: Version) -> bool:
    """Whether a version lies in one of the ranges."""
    return any(one.low <= version and (one.below is None or version < one.below) for one in ranges)

"""Finding external programs in the versions we accept (DESIGN.md, "Real components")."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import buildkit
from buildkit.edges.process import Limits, ProgramError, run
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_LIMITS: Final = Limits(seconds=30, output=1024 * 1024)
_MOST_TEXT: Final = 200
Version = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """Versions from `low` up to, without, `below`."""

    low: Version
    below: Version | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A program: how to ask its version, which ones will do, these in words, and other names that it goes by."""

    name: str
    arguments: tuple[str, ...]
    ranges: tuple[Range, ...]
    words: str
    also: tuple[str, ...] = ()


KUSTOMIZE: Final = Accepted(
    name="kustomize", arguments=("version",), ranges=(Range(low=(5, 8), below=(5, 9)),), words="5.8.x"
)
HELM: Final = Accepted(
    name="helm",
    arguments=("version", "--short"),
    ranges=(Range(low=(3, 18), below=(4,)), Range(low=(4, 2))),
    words=">= 3.18 or >= 4.2",
)
# Charts are held against both: what only Helm 4 can do, and what Helm 3 makes of the same chart.
HELM4: Final = Accepted(name="helm", arguments=HELM.arguments, ranges=(Range(low=(4, 2)),), words=">= 4.2")
HELM3: Final = Accepted(
    name="helm3",
    arguments=HELM.arguments,
    ranges=(Range(low=(3, 18), below=(4,)),),
    words="3.18 or a newer 3.x",
    also=("helm",),
)
BUILDX: Final = Accepted(name="buildx", arguments=("version",), ranges=(Range(low=(0, 30)),), words=">= 0.30")
BUILDKITD: Final = Accepted(name="buildkitd", arguments=("--version",), ranges=(Range(low=(0, 30)),), words=">= 0.30")
RUNC: Final = Accepted(name="runc", arguments=("--version",), ranges=(Range(low=(1, 1)),), words=">= 1.1")
# The plugin of the docker command first: it is what a person types; then buildx by itself.
BUILDX_COMMANDS: Final = (("docker", "buildx"), ("docker-buildx",), ("buildx",))


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
    # Each once, by the first of its names: /bin is /usr/bin on most systems.
    known: dict[Path, Path] = {}
    for one in found:
        if one:
            known.setdefault(Path(one).resolve(), Path(one))
    return tuple(known.values())


def find_buildx() -> tuple[tuple[str, ...], str]:
    """How buildx is called (`/usr/bin/docker buildx`), and its version, the first in BUILDX's range.

    Raises:
        UndeterminedError: there is none, or only others.
    """
    rejected: list[str] = []
    for name, *more in BUILDX_COMMANDS:
        for path in candidates(name):
            text = _ask(path, (*more, *BUILDX.arguments))
            version = parse_version(text)
            if version and within(BUILDX.ranges, version):
                return (str(path), *more), ".".join(map(str, version))
            if version:
                rejected.append(f"{path} is {text.strip()[:_MOST_TEXT]}")
    raise UndeterminedError(
        f"no buildx {BUILDX.words}: " + ("; ".join(rejected) if rejected else "none on PATH"),
        hint="`make tools` builds the pinned one into .tools/bin; or install docker-buildx-plugin",
    )


def find_program(wanted: Accepted) -> Program:
    """The first of its candidates in one of its ranges.

    Raises:
        UndeterminedError: there is none, or only others.
    """
    rejected: list[str] = []
    for path in chain.from_iterable(map(candidates, (wanted.name, *wanted.also))):
        text = _ask(path, wanted.arguments)
        version = parse_version(text)
        if version and within(wanted.ranges, version):
            return Program(path=path, version=".".join(map(str, version)))
        rejected.append(f"{path} is {text.strip() or 'of unknown version'}")
    raise UndeterminedError(
        f"no {wanted.name} {wanted.words}: " + ("; ".join(rejected) if rejected else "none on PATH"),
        hint="`make tools` builds the pinned one into .tools/bin",
    )


def _ask(path: Path, arguments: Sequence[str]) -> str:
    try:
        return run([str(path), *arguments], limits=_LIMITS).stdout.decode("utf-8", "replace")
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

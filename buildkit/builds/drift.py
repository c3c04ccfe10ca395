"""A catalogue against a checkout: what it says of files, stages and arguments that is no longer so, and what is new."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

from buildkit.builds.component import Component
from buildkit.builds.ignore import glob_matches
from buildkit.dockerfile.dockerfile import Dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.builds.component import Ignored

Rule = Literal[
    "no-context", "no-dockerfile", "unreadable", "no-stage", "no-argument", "no-value", "unnamed", "ignores-nothing"
]
# What BuildKit takes without an ARG (docs.docker.com/reference/dockerfile, "Predefined ARGs"), and what it sets.
_PREDEFINED: Final = re.compile(r"(?i:(?:https?|ftp|no|all)_proxy)|BUILDKIT_[A-Z_]+|SOURCE_DATE_EPOCH")
_OF_THE_BUILDER: Final = re.compile(r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)|TARGETSTAGE")
# Not those with a default of their own (`${X:-y}`).
_VARIABLE: Final = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_COMPARED: Final = 200  # names that one that is gone is compared with: each takes up to a millisecond


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One thing that is not as the catalogue says.

    Attributes:
        rule: what kind.
        component: its name; None for a Dockerfile that none names.
        file, line: where the catalogue says it; the Dockerfile itself where it says nothing.
        source: of which repository or directory.
        path: in that source.
        message: the sentence.
    """

    rule: Rule
    component: str | None = None
    file: str
    line: int
    source: str
    path: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a checkout has.

    Attributes:
        dockerfiles: those that components name, by path; one that cannot be read as the reason.
        folders: those that components name.
        found: paths of all Dockerfiles, sorted.
    """

    dockerfiles: Mapping[str, Dockerfile | str]
    folders: frozenset[str]
    found: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A source that was at hand: its folder, the commit (None in no repository), and how many Dockerfiles it has."""

    source: str
    folder: str
    revision: str | None = None
    dockerfiles: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueCheck:
    """What a catalogue has, and what of it is no longer so.

    Attributes:
        catalogue: the file.
        components: those that were asked for.
        checked, unchecked: sources that were at hand, and names of those that were not.
        drift: what differs, in the order of sources and components.
    """

    catalogue: str
    components: tuple[Component, ...]
    checked: tuple[Checked, ...]
    unchecked: tuple[str, ...]
    drift: tuple[Drift, ...]


def find_drift(components: Sequence[Component], seen: Seen) -> tuple[Drift, ...]:
    """What is wrong with the components of one source."""
    return tuple(drift for component in components for drift in _of_component(component, seen))


def find_unnamed(
    components: Sequence[Component], ignored: Sequence[Ignored], seen: Seen, source: str, catalogue: str
) -> tuple[Drift, ...]:
    """Dockerfiles of a source that none of its components names and nothing ignores, and what ignores nothing."""
    named = {one.dockerfile for one in components}
    left = [path for path in seen.found if path not in named]
    new = [path for path in left if not any(glob_matches(one.dockerfile, path) for one in ignored)]
    stale = [one for one in ignored if not any(glob_matches(one.dockerfile, path) for path in left)]
    return (
        *(
            Drift(
                rule="unnamed",
                component=None,
                file=path,
                line=1,
                source=source,
                path=path,
                message="no component is built from it: add one, or ignore it with a reason",
            )
            for path in new
        ),
        *(
            Drift(
                rule="ignores-nothing",
                component=None,
                file=catalogue,
                line=one.line,
                source=source,
                path=one.dockerfile,
                message="there is no such Dockerfile that no component names",
            )
            for one in stale
        ),
    )


def _of_component(component: Component, seen: Seen) -> Iterator[Drift]:
    if component.context not in seen.folders:
        yield _drift(component, "no-context", component.context, "there is no such folder")
    dockerfile = seen.dockerfiles.get(component.dockerfile)
    if dockerfile is None:
        near = get_close_matches(component.dockerfile, seen.found[:_COMPARED], n=1)
        meant = f"; is it {near[0]} now?" if near else ""
        yield _drift(component, "no-dockerfile", component.dockerfile, f"there is no such file{meant}")
    elif isinstance(dockerfile, str):
        yield _drift(component, "unreadable", component.dockerfile, dockerfile)
    else:
        yield from _of_dockerfile(component, dockerfile)


def _of_dockerfile(component: Component, dockerfile: Dockerfile) -> Iterator[Drift]:
    if component.target is not None and not _has_stage(dockerfile, component.target):
        names = ", ".join(stage.name for stage in dockerfile.stages if stage.name) or "none by name"
        yield _drift(
            component, "no-stage", component.dockerfile, f"no stage '{component.target}'; its stages are: {names}"
        )
    declared = _declared(dockerfile)
    given = {name for name, _ in component.args}
    for name in sorted(given):
        if name not in declared and not _PREDEFINED.fullmatch(name):
            near = get_close_matches(name, sorted(declared)[:_COMPARED], n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            yield _drift(component, "no-argument", component.dockerfile, f"declares no ARG {name}{meant}")
    for name in sorted(_wanting(dockerfile) - given):
        yield _drift(
            component,
            "no-value",
            component.dockerfile,
            f"its FROM takes ARG {name}, which has no value; add it to args",
        )


def _has_stage(dockerfile: Dockerfile, target: str) -> bool:
    if target.isdecimal():
        return int(target) < len(dockerfile.stages)
    return target.lower() in {stage.name for stage in dockerfile.stages}


def _declared(dockerfile: Dockerfile) -> frozenset[str]:
    """The names of all ARGs, of any stage."""
    instructions = [*dockerfile.arguments, *(one for stage in dockerfile.stages for one in stage.instructions)]
    return frozenset(pair.name for one in instructions if one.keyword == "ARG" for pair in one.pairs)


def _wanting(dockerfile: Dockerfile) -> frozenset[str]:
    """Names of global ARGs without a value that a FROM puts in: nothing can be built without one."""
    values: dict[str, str | None] = {}
    for one in dockerfile.arguments:
        values |= {pair.name: pair.value for pair in one.pairs}
    used = {match[1] or match[2] for stage in dockerfile.stages for match in _VARIABLE.finditer(stage.base)}
    return frozenset(name for name in used if name in values and not values[name] and not _OF_THE_BUILDER.match(name))


def _drift(component: Component, rule: Rule, path: str, message: str) -> Drift:
    return Drift(
        rule=rule,
        component=component.name,
        file=component.file,
        line=component.line,
        source=component.source.name,
        path=path,
        message=message,
    )

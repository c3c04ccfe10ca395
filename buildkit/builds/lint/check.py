"""A Dockerfile -> findings: it is followed once for each pair of platforms, and what breaks is told once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures, shape
from buildkit.builds.lint.context import Context
from buildkit.builds.lint.merge import merge_bases, merge_found, without_common_refusals
from buildkit.builds.lint.result import Checked
from buildkit.builds.lint.rules.artefacts import FOREIGN, check_artefacts
from buildkit.builds.lint.rules.checksums import check_checksums
from buildkit.builds.lint.rules.copies import check_copies
from buildkit.builds.lint.rules.downloads import check_downloads, fetched_names
from buildkit.builds.lint.rules.goarch import check_cgo, check_goarch
from buildkit.builds.lint.rules.options import check_options
from buildkit.builds.lint.rules.packages import check_packages
from buildkit.builds.lint.rules.paths import check_paths
from buildkit.builds.lint.rules.stages import (
    REFUSES,
    check_base_names,
    check_final_stage,
    check_overrides,
    check_refusals,
    check_unread,
)
from buildkit.builds.lint.rules.undeclared import UNDECLARED, check_undeclared
from buildkit.builds.lint.rules.wheels import Wheel, check_wheels
from buildkit.builds.lint.scene import Scene, follow
from buildkit.dockerfile.arguments import Setting
from buildkit.model.platform import Platform, parse_platform

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.builds.lint.found import Found
    from buildkit.dockerfile.dockerfile import Dockerfile

_USUAL: Final = parse_platform("linux/amd64")
_OTHER: Final = parse_platform("linux/arm64")
_INSTALLS: Final = re.compile(r"\b(?:pip[0-9.]*|uv)\b")
_FOLLOWED: Final = re.compile(r"BUILD|TARGET(?:ARCH|PLATFORM|VARIANT)|\b(?:pip[0-9.]*|uv)\b|(?:sha[0-9]*|md5)sum\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a Dockerfile is checked for and with.

    Attributes:
        platforms: the required ones.
        wheels: Python packages that cannot be installed on arm64.
        context: what lies beside the Dockerfile.
    """

    platforms: tuple[Platform, ...]
    wheels: tuple[Wheel, ...] = ()
    context: Context


def installs_python(text: str) -> bool:
    """Whether a Dockerfile may install Python packages."""
    return _INSTALLS.search(text) is not None


def check_dockerfile(dockerfile: Dockerfile, asked: Asked) -> Checked:
    """Everything that the file alone and its context tell; the bases are for a registry to tell.

    Raises:
        DockerfileError: BuildKit would not build it.
    """
    platforms = _meant(dockerfile.name, asked.platforms)
    if not platforms:
        return Checked(skipped="by its name it is for another platform alone")
    scenes = tuple(_scenes(dockerfile, platforms))
    found = [one for scene in scenes for one in _found(scene, asked)]
    found += check_checksums(scenes)
    empty = {one.line for one in found if one.rule == UNDECLARED}
    found = [one for one in found if one.rule != FOREIGN or one.line not in empty]
    if any(one.rule == REFUSES for one in found):
        found = without_common_refusals(found, (*scenes, _compared(dockerfile, platforms)))
    return Checked(findings=merge_found(dockerfile.name, found), bases=merge_bases(dockerfile.name, scenes))


def _compared(dockerfile: Dockerfile, platforms: Sequence[Platform]) -> Scene:
    """A build for a platform that may not be required: what it meets too is not about platforms."""
    other = next(one for one in (_USUAL, _OTHER) if one != platforms[0])
    return follow(dockerfile, Setting(args={}, build_platform=other, target_platform=other))


def _meant(name: str, platforms: Sequence[Platform]) -> tuple[Platform, ...]:
    """Platforms that a file is for: `Dockerfile.ppc64le` and `ppc64le/Dockerfile` are for that one; so for Windows."""
    folder, _, own = name.rpartition("/")
    last = folder.rpartition("/")[2]
    named = architectures(own) or (architectures(last) if shape(last) == "*" else frozenset())
    windows = "windows" in re.split(r"[._-]", own.lower()) or last.lower() == "windows"
    return tuple(
        one for one in platforms if (not named or one.architecture in named) and (not windows or one.os == "windows")
    )


def _scenes(dockerfile: Dockerfile, platforms: Sequence[Platform]) -> Iterator[Scene]:
    """Every required target: on a machine of its own, and on the usual one where the file can tell the difference."""
    # Nearly always nothing in a file names an architecture: then there is no reason to follow its scripts.
    runs = bool(architectures(dockerfile.text)) or _FOLLOWED.search(dockerfile.text) is not None
    for target in platforms:
        builders = dict.fromkeys((target, _USUAL)) if "BUILD" in dockerfile.text else (target,)
        for build in builders:
            yield follow(dockerfile, Setting(args={}, build_platform=build, target_platform=target), runs=runs)


def _found(scene: Scene, asked: Asked) -> Iterator[Found]:
    yield from check_final_stage(scene)
    yield from check_base_names(scene)
    yield from check_overrides(scene)
    brought = frozenset(name for step in scene.steps for name in fetched_names(step))
    for step in scene.steps:
        if step.named:
            yield from check_downloads(step)
            yield from check_packages(step, brought)
            yield from check_paths(step)
        yield from check_options(step)
        yield from check_goarch(scene, step)
        yield from check_cgo(step)
        yield from check_copies(step, asked.context)
        yield from check_refusals(step)
        yield from check_unread(step)
        yield from check_undeclared(scene, step)
    yield from check_artefacts(scene)
    if asked.wheels and installs_python(scene.dockerfile.text):
        yield from check_wheels(scene, asked.wheels, asked.context)

"""What the search for a builder begins with and ends in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from buildkit.builds.nodes import ChosenNode, Machine
from buildkit.edges.builders import list_builders
from buildkit.edges.buildkitd import STEP_LOGS
from buildkit.edges.buildx import Buildx, open_buildx
from buildkit.edges.registries_conf import RegistriesConf
from buildkit.errors import UndeterminedError
from buildkit.flows.watch import Watch
from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from buildkit.model.nodes import FoundBuilder

Driver = Literal["auto", "docker-container", "kubernetes", "local"]
# The version that tools/buildkitd pins, as the project publishes it.
BUILDKIT_IMAGE: Final = "docker.io/moby/buildkit:v0.33.1"
SECONDS: Final = 20.0  # that builders have to answer


@dataclass(frozen=True, kw_only=True, slots=True)
class BuilderRequest:
    """Which builder is wanted.

    Attributes:
        platforms: what has to be built.
        builder: name of one that is there.
        nodes: a BuildKit endpoint for each platform.
        driver: how one is made.
        native_only: whether emulation is refused, and what cannot be told.
        loopback: whether what is built goes to a registry on this machine, which a container has to share the
            machine's network to reach.
        cache: folder of our own builder's cache.
        conf: mirrors for our own builder.
        image: of BuildKit, in containers and pods.
        buildx: gives the program.
    """

    platforms: tuple[Platform, ...]
    builder: str | None = None
    nodes: tuple[tuple[Platform, str], ...] = ()
    driver: Driver = "auto"
    native_only: bool = False
    loopback: bool = False
    cache: Path
    conf: RegistriesConf
    image: str = BUILDKIT_IMAGE
    buildx: Callable[[], Buildx] = open_buildx


@dataclass(frozen=True, kw_only=True, slots=True)
class Builders:
    """What builds: `said` in words, a node for each platform in their order."""

    buildx: Buildx
    said: str
    nodes: tuple[ChosenNode, ...]

    def node(self, platform: Platform) -> ChosenNode:
        return next(one for one in self.nodes if one.platform == platform)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What every way to a builder begins with."""

    request: BuilderRequest
    machine: Machine
    buildx: Buildx
    stack: ExitStack
    watch: Watch

    @property
    def options(self) -> dict[str, str]:
        """Of BuildKit in a container or a pod, as buildx takes them."""
        return {"image": self.request.image, **{f"env.{name}": value for name, value in STEP_LOGS.items()}}

    def private_buildx(self) -> Buildx:
        """Buildx with a list of builders of its own: nothing of a run is left in the user's."""
        folder = tempfile.TemporaryDirectory(prefix="kfkit-buildx-", ignore_cleanup_errors=True)
        return replace(self.buildx, env={"BUILDX_CONFIG": self.stack.enter_context(folder)})


def made_builder(buildx: Buildx, name: str) -> FoundBuilder:
    """One that was just made.

    Raises:
        UndeterminedError: buildx does not list it.
    """
    found = builders_by_name(buildx).get(name)
    if found is None:
        raise UndeterminedError(f"builder {name} was made and is not there")
    return found


def builders_by_name(buildx: Buildx) -> dict[str, FoundBuilder]:
    return {one.name: one for one in list_builders(buildx.command, seconds=SECONDS, env=buildx.env)}

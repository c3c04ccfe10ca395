"""Which builder builds: the first of those that can, said in words, with a node for each platform.

In this order: the nodes of `--node`; the builder of `--builder`, or the current one where it covers the platforms; a
container of the engine at hand; the cluster, where `--driver kubernetes` asks for it; our own buildkitd, as root on
Linux. What is made for the run goes with it; a container builder stays, for its cache.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from buildkit.builds.nodes import BuilderError, Machine, choose_nodes
from buildkit.edges.builders import (
    current_builder,
    emulated_platforms,
    list_builders,
    list_declared,
    native_platform,
)
from buildkit.edges.buildx import Buildx, remove_builder, start_builder
from buildkit.edges.engine import ask_engine
from buildkit.edges.process import ProgramError
from buildkit.edges.whales import create_builder
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_own_nodes import open_endpoints, open_own, open_pods
from buildkit.flows.build_scene import (
    SECONDS,
    BuilderRequest,
    Builders,
    Scene,
    builders_by_name,
    made_builder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from buildkit.flows.watch import Watch
    from buildkit.model.nodes import FoundBuilder

CONTAINER_BUILDER: Final = "kfkit"
_STARTED: Final = frozenset({"docker-container", "kubernetes"})  # drivers whose nodes buildx can start
_ENGINE_SECONDS: Final = 3.0


def open_builders(request: BuilderRequest, stack: ExitStack, watch: Watch) -> Builders:
    """Find or make the builder; what was made is removed when the stack unwinds.

    Raises:
        UsageError: the named one does not cover the platforms, or --native-only refuses it.
        UndeterminedError: there is none, or it does not answer.
    """
    machine = Machine(
        native=native_platform(), emulated=emulated_platforms(), kernel_known=sys.platform.startswith("linux")
    )
    builders = _open(Scene(request=request, machine=machine, buildx=request.buildx(), stack=stack, watch=watch))
    refused = [one for one in builders.nodes if request.native_only and one.way != "native"]
    if refused:
        raise UsageError(
            "--native-only: " + "; ".join(f"{one.platform} would be {one.way} ({one.reason})" for one in refused),
            hint="Name a native node (--node linux/arm64=ENDPOINT), or build this platform on a runner of its own.",
        )
    return builders


def _open(scene: Scene) -> Builders:
    if scene.request.nodes:
        return open_endpoints(scene)
    if scene.request.builder:
        return _named(scene, scene.request.builder)
    if scene.request.driver == "kubernetes":
        return open_pods(scene)
    tried: list[str] = []
    for driver, way in (("current", _current), ("docker-container", _container), ("local", open_own)):
        if scene.request.driver not in {"auto", driver}:
            continue
        try:
            return way(scene)
        except UndeterminedError as error:
            tried.append(f"{driver}: {error}")
            if scene.request.driver != "auto":
                raise
            if driver == "docker-container" and isinstance(error, ProgramError):
                scene.watch.tell(f"the engine is there, but no builder in it: {error}")
    raise UndeterminedError(
        "no builder: " + "; ".join(tried),
        hint="Start Docker, name a builder (--builder), give endpoints (--node linux/arm64=tcp://HOST:1234), "
        "or run as root on Linux, where kfkit starts its own.",
    )


def _current(scene: Scene) -> Builders:
    """The builder that `docker buildx build` would take, unless it is the engine's own: that one cannot do it all."""
    found = current_builder(list_builders(scene.buildx.command, seconds=SECONDS))
    if found is None or found.driver in {"", "docker"}:
        raise UndeterminedError(f"it is {found.name}, the engine's own" if found and found.driver else "there is none")
    try:
        return _judged(scene, found, "the current builder")
    except BuilderError as error:
        raise UndeterminedError(str(error)) from error


def _named(scene: Scene, name: str) -> Builders:
    listed = builders_by_name(scene.buildx)
    if name not in listed:
        known = ", ".join(listed) or "none"
        raise UsageError(f"--builder: no builder {name!r}; there are: {known}", hint="`docker buildx ls` lists them.")
    try:
        return _judged(scene, listed[name], "the named builder")
    except BuilderError as error:
        kind = UsageError if error.answers else UndeterminedError
        raise kind(f"--builder: {error}") from error


def _judged(scene: Scene, found: FoundBuilder, words: str) -> Builders:
    """Its nodes; one that is there and only sleeps is started, as `docker buildx build` would."""
    buildx = scene.buildx
    if found.driver in _STARTED and any(node.status != "running" for node in found.nodes):
        start_builder(buildx, found.name)
        found = builders_by_name(buildx).get(found.name, found)
    declared = list_declared(buildx.command, found.name, seconds=SECONDS, env=buildx.env)
    nodes = choose_nodes(found, scene.request.platforms, declared, scene.machine)
    return Builders(buildx=buildx, said=f"{words} {found.name} ({found.driver} {found.version})", nodes=nodes)


def _container(scene: Scene) -> Builders:
    """A buildkitd in a container of the engine at hand; it stays, for its cache."""
    engine = ask_engine(seconds=_ENGINE_SECONDS)
    loopback = scene.request.loopback
    name = f"{CONTAINER_BUILDER}-host" if loopback else CONTAINER_BUILDER
    found = builders_by_name(scene.buildx).get(name)
    if found is None:
        options = {**scene.options, **({"network": "host"} if loopback else {})}
        found = _new_container(scene.buildx, name, options)
    try:
        return _judged(scene, found, f"a container of engine {engine.version},")
    except BuilderError as error:
        raise UndeterminedError(str(error)) from error


def _new_container(buildx: Buildx, name: str, options: Mapping[str, str]) -> FoundBuilder:
    create_builder(buildx, name, driver="docker-container", options=options)
    try:
        start_builder(buildx, name)
    except BaseException:
        with suppress(UndeterminedError):
            remove_builder(buildx, name)  # one that never ran is no use to the next run
        raise
    return made_builder(buildx, name)

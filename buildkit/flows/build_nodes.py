"""Which builder builds: the first of those that can, said in words, with a node for each platform.

In this order: the nodes of `--node`; the builder of `--builder`, or the current one where it covers the platforms; a
container of the engine at hand; the cluster, where `--driver kubernetes` asks for it; our own buildkitd, as root on
Linux. What is made for the run goes with it; a container builder stays, for its cache.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from buildkit.builds.nodes import ChosenNode, Machine, choose_nodes, judge_node
from buildkit.edges.builders import emulated_platforms, list_builders, list_declared, native_platform
from buildkit.edges.buildkitd import can_run, run_buildkitd
from buildkit.edges.buildx import Buildx, open_buildx, start_builder
from buildkit.edges.engine import ask_engine
from buildkit.edges.process import ProgramError
from buildkit.edges.registries_conf import RegistriesConf
from buildkit.edges.whales import create_builder, remove_builder
from buildkit.errors import UndeterminedError, UsageError
from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from contextlib import ExitStack

    from buildkit.flows.watch import Watch
    from buildkit.model.nodes import FoundBuilder

Driver = Literal["auto", "docker-container", "kubernetes", "local"]
# The version that tools/buildkitd pins, as the project publishes it.
BUILDKIT_IMAGE: Final = "docker.io/moby/buildkit:v0.33.1"
CONTAINER_BUILDER: Final = "kfkit"
_SECONDS: Final = 20.0
_ENGINE_SECONDS: Final = 3.0


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
    """

    platforms: tuple[Platform, ...]
    builder: str | None = None
    nodes: tuple[tuple[Platform, str], ...] = ()
    driver: Driver = "auto"
    native_only: bool = False
    loopback: bool = False
    cache: Path
    conf: RegistriesConf


@dataclass(frozen=True, kw_only=True, slots=True)
class Builders:
    """What builds: `said` in words, a node for each platform in their order."""

    buildx: Buildx
    said: str
    nodes: tuple[ChosenNode, ...]

    def node(self, platform: Platform) -> ChosenNode:
        return next(one for one in self.nodes if one.platform == platform)


def open_builders(request: BuilderRequest, stack: ExitStack, watch: Watch) -> Builders:
    """Find or make the builder; what was made is removed when the stack unwinds.

    Raises:
        UsageError: the named one does not cover the platforms, or --native-only refuses it.
        UndeterminedError: there is none, or it does not answer.
    """
    machine = Machine(
        native=native_platform(), emulated=emulated_platforms(), kernel_known=sys.platform.startswith("linux")
    )
    builders = _open(request, machine, stack, watch)
    refused = [one for one in builders.nodes if request.native_only and one.way != "native"]
    if refused:
        raise UsageError(
            "--native-only: " + "; ".join(f"{one.platform} would be {one.way} ({one.reason})" for one in refused),
            hint="Name a native node (--node linux/arm64=ENDPOINT), or build this platform on a runner of its own.",
        )
    return builders


def _open(request: BuilderRequest, machine: Machine, stack: ExitStack, watch: Watch) -> Builders:
    if request.nodes:
        return _remote(request, machine, stack)
    if request.builder:
        return _named(request, request.builder, machine)
    if request.driver == "kubernetes":
        return _cluster(request, stack)
    tried: list[str] = []
    for driver, way in (("current", _current), ("docker-container", _container), ("local", _local)):
        if request.driver not in {"auto", driver}:
            continue
        try:
            return way(request, machine, stack)
        except UndeterminedError as error:
            tried.append(f"{driver}: {error}")
            if request.driver != "auto":
                raise
            if driver == "docker-container" and isinstance(error, ProgramError):
                watch.tell(f"the engine is there, but no builder in it: {error}")
    raise UndeterminedError(
        "no builder: " + "; ".join(tried),
        hint="Start Docker, name a builder (--builder), give endpoints (--node linux/arm64=tcp://HOST:1234), "
        "or run as root on Linux, where kfkit starts its own.",
    )


def _current(request: BuilderRequest, machine: Machine, stack: ExitStack) -> Builders:
    """The builder that `docker buildx build` would take, unless it is the engine's own: that one cannot do it all."""
    del stack
    buildx = open_buildx()
    found = next((one for one in list_builders(buildx.command, seconds=_SECONDS) if one.current), None)
    if found is None or found.driver in {"", "docker"}:
        raise UndeterminedError(f"it is {found.name}, the engine's own" if found and found.driver else "there is none")
    return _judged(request, buildx, found, machine, "the current builder")


def _named(request: BuilderRequest, name: str, machine: Machine) -> Builders:
    buildx = open_buildx()
    listed = list_builders(buildx.command, seconds=_SECONDS)
    found = next((one for one in listed if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in listed) or "none"
        raise UsageError(f"--builder: no builder {name!r}; there are: {known}", hint="`docker buildx ls` lists them.")
    try:
        return _judged(request, buildx, found, machine, "the named builder")
    except UndeterminedError as error:
        raise UsageError(f"--builder: {error}", hint=error.hint) from error


def _judged(request: BuilderRequest, buildx: Buildx, found: FoundBuilder, machine: Machine, words: str) -> Builders:
    declared = list_declared(buildx.command, found.name, seconds=_SECONDS, env=buildx.env)
    nodes = choose_nodes(found, request.platforms, declared, machine)
    if isinstance(nodes, str):
        raise UndeterminedError(nodes)
    return Builders(buildx=buildx, said=f"{words} {found.name} ({found.driver} {found.version})", nodes=nodes)


def _container(request: BuilderRequest, machine: Machine, stack: ExitStack) -> Builders:
    """A buildkitd in a container of the engine at hand; it stays, for its cache."""
    del stack
    engine = ask_engine(seconds=_ENGINE_SECONDS)
    buildx = open_buildx()
    name = f"{CONTAINER_BUILDER}-host" if request.loopback else CONTAINER_BUILDER
    listed = {one.name: one for one in list_builders(buildx.command, seconds=_SECONDS)}
    if name not in listed:
        options = {"image": BUILDKIT_IMAGE, **({"network": "host"} if request.loopback else {})}
        create_builder(buildx, name, driver="docker-container", options=options)
    if name not in listed or listed[name].status != "running":
        try:
            start_builder(buildx, name)
        except BaseException:
            if name not in listed:
                remove_builder(buildx, name)  # one that never ran is no use to the next run
            raise
    found = next((one for one in list_builders(buildx.command, seconds=_SECONDS) if one.name == name), None)
    if found is None:
        raise UndeterminedError(f"builder {name} was made and is not there")
    return _judged(request, buildx, found, machine, f"a container of engine {engine.version},")


def _remote(request: BuilderRequest, machine: Machine, stack: ExitStack) -> Builders:
    """A builder for each endpoint: its own list of platforms then shows what it is, whatever was declared."""
    endpoints = dict(request.nodes)
    lacking = [str(one) for one in request.platforms if one not in endpoints]
    if lacking:
        raise UsageError(f"--node: none for {', '.join(lacking)}", hint="Repeat --node PLATFORM=ENDPOINT.")
    buildx = _private_buildx(stack)
    names = {platform: _make(buildx, "remote", stack, endpoint=endpoints[platform]) for platform in request.platforms}
    listed = {one.name: one for one in list_builders(buildx.command, seconds=_SECONDS, env=buildx.env)}
    nodes = tuple(_remote_node(listed[names[one]], one, endpoints[one], machine) for one in request.platforms)
    return Builders(buildx=buildx, said="BuildKit endpoints, a node for each platform", nodes=nodes)


def _remote_node(found: FoundBuilder, platform: Platform, endpoint: str, machine: Machine) -> ChosenNode:
    node = found.nodes[0] if found.nodes else None
    if node is None or node.status != "running":
        problem = (node.problem if node else "") or found.problem or "no answer"
        raise UndeterminedError(
            f"--node: no BuildKit for {platform} answers at {endpoint}: {problem}",
            hint="Is buildkitd running there, and reachable from here?",
        )
    if not node.local and not any(one.family == platform.family for one in node.platforms):
        offered = ", ".join(str(one) for one in node.platforms if not one.variant) or "nothing"
        raise UsageError(
            f"--node: {endpoint} is no node for {platform}: it builds {offered}",
            hint="Give each platform the endpoint of a machine of that platform.",
        )
    return judge_node(node, found.name, platform, (platform,), machine)


def _cluster(request: BuilderRequest, stack: ExitStack) -> Builders:
    """A pod on a node of each platform. Declared: the scheduler puts it there by the node's architecture label."""
    buildx = _private_buildx(stack)
    nodes = []
    for platform in request.platforms:
        options = {"image": BUILDKIT_IMAGE, "nodeselector": f"kubernetes.io/arch={platform.architecture}"}
        name = _make(buildx, "kubernetes", stack, platforms=(str(platform),), options=options)
        start_builder(buildx, name)
        nodes.append(
            ChosenNode(
                platform=platform,
                builder=name,
                endpoint="kubernetes",
                way="native",
                reason="the pod's node selector",
                runs=True,
            )
        )
    return Builders(buildx=buildx, said="pods of the current cluster, one for each platform", nodes=tuple(nodes))


def _local(request: BuilderRequest, machine: Machine, stack: ExitStack) -> Builders:
    if not can_run():
        raise UndeterminedError("our own buildkitd needs root on Linux")
    buildx = _private_buildx(stack)
    own = stack.enter_context(run_buildkitd(request.cache, request.conf))
    name = _make(buildx, "remote", stack, endpoint=own.endpoint)
    found = next(one for one in list_builders(buildx.command, seconds=_SECONDS, env=buildx.env) if one.name == name)
    nodes = choose_nodes(found, request.platforms, {}, machine)
    if isinstance(nodes, str):
        raise UndeterminedError(nodes)
    cache = f"cache {request.cache}" if own.cached else "another build has the cache: it begins with an empty one"
    return Builders(buildx=buildx, said=f"our own buildkitd {own.version}, {cache}", nodes=nodes)


def _private_buildx(stack: ExitStack) -> Buildx:
    """Buildx with a list of builders of its own: nothing of a run is left in the user's."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kfkit-buildx-"))
    return open_buildx({"BUILDX_CONFIG": folder})


def _make(  # noqa: PLR0913  # one keyword per fact of a builder
    buildx: Buildx,
    driver: str,
    stack: ExitStack,
    *,
    endpoint: str | None = None,
    platforms: tuple[str, ...] = (),
    options: dict[str, str] | None = None,
) -> str:
    name = f"kfkit-{secrets.token_hex(4)}"
    if driver == "kubernetes":  # of the others nothing is left but the file in the private list
        stack.callback(remove_builder, buildx, name)
    create_builder(buildx, name, driver=driver, endpoint=endpoint, platforms=platforms, options=options)
    return name

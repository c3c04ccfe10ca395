"""Which node builds a platform, and how its RUN steps will run there: natively, emulated, or nobody can tell.

What a builder reports says which platforms it takes, not how. Known is what this machine's kernel does for builders on
it; of others what their definition declares is believed, unless their own list contradicts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.model.nodes import FoundBuilder, FoundNode

Way = Literal["native", "emulated", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """What this machine runs: its own platform, and those that its kernel hands to an emulator.

    `kernel_known` is False where containers run on another kernel than ours (Docker Desktop's virtual machine).
    """

    native: Platform
    emulated: tuple[Platform, ...] = ()
    kernel_known: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenNode:
    """The node for one platform.

    Attributes:
        platform: what it builds.
        builder: the name that buildx knows it by.
        endpoint: where it is.
        way: how RUN steps of the platform run there.
        reason: where that is known from.
        runs: False where RUN steps of the platform cannot run there at all; None where that is not known, as of every
            node that somebody else set up.
    """

    platform: Platform
    builder: str
    endpoint: str
    way: Way
    reason: str
    runs: bool | None = None


class BuilderError(ValueError):
    """Why a builder does not do; `answers` is False where nothing but that it does not answer is known."""

    def __init__(self, message: str, *, answers: bool) -> None:
        super().__init__(message)
        self.answers = answers


def choose_nodes(
    builder: FoundBuilder, platforms: Sequence[Platform], declared: Mapping[str, Sequence[Platform]], machine: Machine
) -> tuple[ChosenNode, ...]:
    """The node of the builder that buildx will take for each platform; `declared` by the nodes' names.

    Raises:
        BuilderError: it does not run, or does not cover the platforms.
    """
    chosen = []
    for platform in platforms:
        node = _node_for(builder, platform, declared)
        chosen.append(judge_node(node, builder.name, platform, declared.get(node.name, ()), machine))
    return tuple(chosen)


def _node_for(builder: FoundBuilder, platform: Platform, declared: Mapping[str, Sequence[Platform]]) -> FoundNode:
    """As docker/buildx `build/resolver/driver.go` does it, or the name of a node would be one that builds nothing.

    The first that declares the platform; where none does, the first that lists it, for which all have to answer; at
    last the first of all. That one builds, too, where no RUN step executes on the platform.
    """
    for node in builder.nodes:
        if platform in declared.get(node.name, ()):
            _check_runs(builder, [node])
            return node
    _check_runs(builder, builder.nodes)
    node = next((one for one in builder.nodes if _takes(one, platform)), builder.nodes[0])
    if not node.local and not _takes(node, platform):
        offered = ", ".join(sorted({str(name) for one in builder.nodes for name in one.platforms})) or "nothing"
        raise BuilderError(f"builder {builder.name} does not build {platform}, only {offered}", answers=True)
    return node


def _check_runs(builder: FoundBuilder, nodes: Sequence[FoundNode]) -> None:
    still = [node for node in nodes if node.status != "running"]
    if still or not nodes:
        problem = next((node.problem for node in still if node.problem), builder.problem)
        named = f" (node {still[0].name})" if len(builder.nodes) > 1 else ""
        said = f"builder {builder.name} does not run{named}" + (f": {problem}" if problem else "")
        raise BuilderError(said, answers=False)


def judge_node(
    node: FoundNode, builder: str, platform: Platform, declared: Sequence[Platform], machine: Machine
) -> ChosenNode:
    """How RUN steps of a platform run on a node."""
    way, reason, runs = _way(node, platform, declared, machine)
    return ChosenNode(platform=platform, builder=builder, endpoint=node.endpoint, way=way, reason=reason, runs=runs)


def _way(
    node: FoundNode, platform: Platform, declared: Sequence[Platform], machine: Machine
) -> tuple[Way, str, bool | None]:
    if node.local:
        return _local_way(node, platform, machine)
    if not any(one.family == platform.family for one in declared):
        return "unknown", "the node is elsewhere and nothing declares it", None
    first = node.platforms[0] if node.platforms else platform
    if first.family != platform.family:
        # BuildKit lists its own platform first, then what it emulates (moby/buildkit `util/archutil/detect.go`).
        return "emulated", f"declared, but the node lists its own {first} first", True
    return "native", "declared", None


def _local_way(node: FoundNode, platform: Platform, machine: Machine) -> tuple[Way, str, bool | None]:
    if platform.family == machine.native.family:
        return "native", "this machine's own platform", True
    if any(one.family == platform.family for one in machine.emulated):
        return "emulated", "by this machine's binfmt_misc", True
    if not machine.kernel_known and _takes(node, platform):
        return "emulated", "the builder's virtual machine lists it", True
    # BuildKit may bring emulators of its own (`buildkit-qemu-*`, as its image does) that nobody can see from here.
    return "unknown", "this machine's kernel has no emulator for it", None


def _takes(node: FoundNode, platform: Platform) -> bool:
    return any(one.family == platform.family for one in node.platforms)

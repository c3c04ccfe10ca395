"""Builders made for one run, and gone with it: of BuildKit endpoints, of pods of a cluster, and our own buildkitd."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit.builds.nodes import BuilderError, ChosenNode, Machine, choose_nodes, judge_node
from buildkit.edges.buildkitd import can_run, run_buildkitd
from buildkit.edges.buildx import Buildx, create_remote, remove_builder, start_builder
from buildkit.edges.process import worker_pool
from buildkit.edges.whales import create_builder
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_scene import BuilderRequest, Builders, Scene, builders_by_name, made_builder

if TYPE_CHECKING:
    from buildkit.flows.watch import Watch
    from buildkit.model.nodes import FoundBuilder
    from buildkit.model.platform import Platform


def open_endpoints(scene: Scene) -> Builders:
    """A builder for each endpoint: its own list of platforms then shows what it is, whatever was declared."""
    endpoints = _endpoints(scene.request)
    buildx = scene.private_buildx()
    names = {endpoint: _new_name() for endpoint in endpoints.values()}
    for endpoint, name in names.items():
        create_remote(buildx, name, endpoint)
    listed = builders_by_name(buildx)
    nodes = tuple(
        _remote_node(listed.get(names[endpoint]), platform, endpoint, scene.machine)
        for platform, endpoint in endpoints.items()
    )
    return Builders(buildx=buildx, said="BuildKit endpoints, a node for each platform", nodes=nodes)


def _endpoints(request: BuilderRequest) -> dict[Platform, str]:
    """The endpoint of each platform that is to be built."""
    given: dict[Platform, str] = {}
    for platform, endpoint in request.nodes:
        if given.setdefault(platform, endpoint) != endpoint:
            raise UsageError(f"--node: {platform} has two endpoints, {given[platform]} and {endpoint}")
    lacking = [str(one) for one in request.platforms if one not in given]
    if lacking:
        raise UsageError(f"--node: none for {', '.join(lacking)}", hint="Repeat --node PLATFORM=ENDPOINT.")
    return {platform: given[platform] for platform in request.platforms}


def _remote_node(found: FoundBuilder | None, platform: Platform, endpoint: str, machine: Machine) -> ChosenNode:
    node = found.nodes[0] if found and found.nodes else None
    if found is None or node is None or node.status != "running":
        problem = (node.problem if node else "") or (found.problem if found else "") or "no answer"
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


def open_pods(scene: Scene) -> Builders:
    """A pod on a node of each platform. Declared: the scheduler puts it there by the node's architecture label."""
    buildx = scene.private_buildx()
    nodes = tuple(_pod(scene, buildx, platform) for platform in scene.request.platforms)
    with worker_pool(len(nodes)) as pool:
        for _ in pool.map(lambda node: start_builder(buildx, node.builder), nodes):
            pass
    return Builders(buildx=buildx, said="pods of the current cluster, one for each platform", nodes=nodes)


def _pod(scene: Scene, buildx: Buildx, platform: Platform) -> ChosenNode:
    name = _new_name()
    options = {**scene.options, "nodeselector": f"kubernetes.io/arch={platform.architecture}"}
    create_builder(buildx, name, driver="kubernetes", platforms=(str(platform),), options=options)
    scene.stack.callback(_take_down, buildx, name, scene.watch)
    return ChosenNode(
        platform=platform,
        builder=name,
        endpoint=f"kubernetes:{name}",  # one each: they build beside each other
        way="native",
        reason="the pod's node selector",
        runs=True,
    )


def _take_down(buildx: Buildx, name: str, watch: Watch) -> None:
    """What was built is worth more than a pod that stays: that is told, and fails nothing."""
    try:
        remove_builder(buildx, name)
    except UndeterminedError as error:
        watch.tell(f"a pod is left in the cluster: {error}")


def open_own(scene: Scene) -> Builders:
    """Our own buildkitd: both platforms on this machine, the foreign one by the kernel's emulators alone."""
    if not can_run():
        raise UndeterminedError(
            "our own buildkitd needs root on Linux",
            hint="Leave --driver out, and start Docker; or give endpoints (--node linux/arm64=tcp://HOST:1234).",
        )
    request, buildx = scene.request, scene.private_buildx()
    own = scene.stack.enter_context(run_buildkitd(request.cache, request.conf))
    name = _new_name()
    create_remote(buildx, name, own.endpoint)
    try:
        chosen = choose_nodes(made_builder(buildx, name), request.platforms, {}, scene.machine)
    except BuilderError as error:
        raise UndeterminedError(str(error)) from error
    # It has no emulators but the kernel's.
    nodes = tuple(replace(one, runs=False) if one.way == "unknown" else one for one in chosen)
    cache = f"cache {request.cache}" if own.cached else "another build has the cache: it begins with an empty one"
    return Builders(buildx=buildx, said=f"our own buildkitd {own.version}, {cache}", nodes=nodes)


def _new_name() -> str:
    return f"kfkit-{secrets.token_hex(4)}"

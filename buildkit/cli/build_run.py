"""`kfkit build run`: build each platform, push it by digest, merge, verify, then tag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.build_options import plan_options
from buildkit.cli.build_release import finish, open_client, release_options, starter
from buildkit.cli.options import option, together
from buildkit.cli.output import make_watch
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from buildkit.builds.plan import Plan
    from buildkit.errors import Exit
    from buildkit.flows.build_plan import PlanRequest
    from buildkit.flows.build_scene import BuilderRequest, Driver
    from buildkit.model.platform import Platform

builder_options = together(
    option("--builder", metavar="NAME", help="A builder of `docker buildx ls`.  [default: the current one, if it can]"),
    option(
        "--node",
        "nodes",
        multiple=True,
        metavar="PLATFORM=ENDPOINT",
        help="BuildKit that is native to a platform (linux/arm64=tcp://HOST:1234, unix:///…); one for each platform.",
    ),
    option(
        "--driver",
        type=click.Choice(["auto", "docker-container", "kubernetes", "local"]),
        default="auto",
        show_default=True,
        help="How a builder is made: in the engine, in the current cluster, or our own buildkitd (root on Linux).",
    ),
    option("--native-only", is_flag=True, help="Refuse platforms that would be emulated, or where nobody can tell."),
    option(
        "--timeout",
        type=click.FloatRange(min=1, max=86400),
        default=3600,
        show_default=True,
        help="Seconds for each platform of a component.",
    ),
    option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Builds at once on each node."),
    option("--fresh", is_flag=True, help="Build again what an earlier run has pushed already."),
    option(
        "--no-merge",
        is_flag=True,
        help="Set no tag, also where every platform is built here: `kfkit build merge` does, from the results.",
    ),
    option(
        "--results",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("dist/builds"),
        show_default=True,
        help="Folder of result files and logs; what is there is not built again.",
    ),
)


@click.command(
    "run",
    epilog="""\b
Examples:
  kfkit build run console --catalogue builds.yaml --version 1.2.0
  kfkit build run 'katib-*' --version v0.19.0 --source kubeflow/katib=../katib --registry ghcr.io/me
  kfkit build run console --version 1.2.0 --node linux/amd64=tcp://a:1234 --node linux/arm64=tcp://b:1234
  kfkit build run console --version 1.2.0 --platform linux/arm64    # on a runner; then kfkit build merge

Each platform is built and pushed by digest; tags follow when all of all components is in the registry and
verified. With --platform for a part of the platforms, or with --no-merge, no tag is set: `kfkit build merge`
does that.

Exit codes: 0 all that was asked for is done; 1 a build failed, something is not as built, or a tag would
have to be moved; 2 wrong arguments; 3 something could not be found out, or there is no builder.""",
)
@plan_options
@builder_options
@release_options
def command(  # noqa: PLR0917  (click passes options by name)
    request: PlanRequest,
    builder: str | None,
    nodes: tuple[str, ...],
    driver: Driver,
    native_only: bool,
    timeout: float,
    jobs: int,
    fresh: bool,
    no_merge: bool,
    results: Path,
    force: bool,
    start: bool,
    registries_conf: Path | None,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Build COMPONENTs so that one tag serves every platform: by digest, merged, verified, then tagged.

    COMPONENT is a name of the catalogue, a glob, or OWNER/REPO for all of a repository; without one, all are built.
    """
    from buildkit.edges.buildx import open_buildx_soon  # noqa: PLC0415

    buildx = open_buildx_soon()  # while the rest is imported
    from buildkit.flows.build_plan import content_keys, make_plan  # noqa: PLC0415  (heavy: YAML)
    from buildkit.flows.build_run import (  # noqa: PLC0415
        RunRequest,
        nothing_to_build,
        pushes_to_loopback,
        run_builds,
    )

    watch = make_watch()
    # The plan has every platform, also those that are built elsewhere: tags are only set when all are there.
    plan = make_plan(replace(request, platforms=()), watch)
    here = _platforms(request, plan)
    if not here:
        return finish(nothing_to_build(plan), watch, output_format, reports, timings=timings)
    wanted = RunRequest(
        plan=plan,
        platforms=tuple(map(str, here)),
        builder=replace(
            _builder(here, builder, nodes, driver, conf=registries_conf),
            native_only=native_only,
            buildx=buildx,
            loopback=any(pushes_to_loopback(build) for build in plan.builds),
        ),
        keys=content_keys(plan),
        folder=results,
        seconds=timeout,
        jobs=jobs,
        fresh=fresh,
        merge=not no_merge,
        force=force,
        engine=starter(start=start),
    )
    outcome = run_builds(wanted, open_client(registries_conf), watch)
    return finish(outcome, watch, output_format, reports, timings=timings)


def _platforms(request: PlanRequest, plan: Plan) -> tuple[Platform, ...]:
    """The platforms to build here, sorted."""
    from buildkit.model.platform import parse_platform  # noqa: PLC0415

    planned = {parse_platform(one.platform) for build in plan.builds for one in build.platforms}
    unknown = [one for one in request.platforms if one not in planned]
    if unknown and plan.builds:
        raise UsageError(
            f"--platform: no component is built for {', '.join(map(str, unknown))}",
            hint=f"The catalogue has {', '.join(sorted(map(str, planned)))}.",
        )
    return tuple(sorted(set(request.platforms) or planned))


def _builder(
    platforms: tuple[Platform, ...],
    builder: str | None,
    nodes: tuple[str, ...],
    driver: Driver,
    *,
    conf: Path | None,
) -> BuilderRequest:
    from buildkit.edges.files import cache_path  # noqa: PLC0415
    from buildkit.edges.registries_conf import RegistriesConf, read_registries_conf  # noqa: PLC0415
    from buildkit.flows.build_scene import BuilderRequest  # noqa: PLC0415

    if builder and (nodes or driver != "auto"):
        raise UsageError("--builder names one that is there: --node and --driver do not go with it")
    if nodes and driver != "auto":
        raise UsageError("--node names endpoints that are there: --driver does not go with it")
    return BuilderRequest(
        platforms=platforms,
        builder=builder,
        nodes=tuple(_node(text) for text in nodes),
        driver=driver,
        cache=cache_path("builder"),
        conf=read_registries_conf(conf) if conf else RegistriesConf(),
    )


def _node(text: str) -> tuple[Platform, str]:
    """Read PLATFORM=ENDPOINT."""
    from buildkit.model.platform import PlatformError, parse_platform  # noqa: PLC0415

    name, _, endpoint = text.partition("=")
    schemes = ("unix://", "tcp://", "docker-container://", "kube-pod://", "ssh://")
    if not endpoint.startswith(schemes):
        raise UsageError(f"--node: {text!r}: want PLATFORM=ENDPOINT, as in linux/arm64=tcp://HOST:1234")
    try:
        return parse_platform(name), endpoint
    except PlatformError as error:
        raise UsageError(f"--node: {error}") from None

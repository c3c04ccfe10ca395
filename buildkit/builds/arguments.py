"""A planned build as arguments of `docker buildx build`: one platform, pushed by digest, never with a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.plan import PlannedBuild, PlannedPlatform


def build_arguments(
    build: PlannedBuild, platform: PlannedPlatform, builder: str, bases: Sequence[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """What stands after `buildx build`; the context comes last.

    `bases` are images by the name that a FROM gives them, and what to take instead: what this run has just pushed of a
    component that this one is built on, whose tag comes only later (buildx's `--build-context NAME=docker-image://…`).

    A tag is never given: together with push-by-digest buildx refuses it, and two nodes without one would publish
    `:latest` (facts of docker/buildx 0.37, `build/build.go`).
    """
    argv = ["--builder", builder, "--platform", platform.platform, "--file", build.dockerfile]
    argv += ["--target", build.target] if build.target else []
    for name, value in build.args:
        argv += ["--build-arg", f"{name}={value}"]
    for name, value in build.labels:
        argv += ["--label", f"{name}={value}"]
    for attest in build.attest:
        argv += ["--attest", attest]
    for cache in platform.cache_from:
        argv += ["--cache-from", cache]
    for cache in platform.cache_to:
        argv += ["--cache-to", cache]
    for name, reference in bases:
        argv += ["--build-context", f"{name}=docker-image://{reference}"]
    argv += ["--output", f'type=image,"name={build.image}",push-by-digest=true,name-canonical=true,push=true']
    return (*argv, "--", build.context)  # a folder may have a name that begins with a dash


def from_name(tag: str) -> str:
    """How BuildKit calls an image in FROM when it looks for a context of that name: short for Docker Hub's.

    moby/buildkit `frontend/dockerui/namedcontext.go`: the familiar form, without `:latest`.
    """
    short = tag.removeprefix("docker.io/").removeprefix("library/") if tag.startswith("docker.io/") else tag
    return short.removesuffix(":latest")

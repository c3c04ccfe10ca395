"""Planned builds and results of them for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from buildkit.builds.plan import PlannedBuild, PlannedPlatform
from buildkit.builds.result import BuildResult, PlatformResult, TagSeen

AMD64, ARM64 = "linux/amd64", "linux/arm64"


def digest(salt: str) -> str:
    """A digest that is not another's."""
    return "sha256:" + "".join(f"{byte:02x}" for byte in salt.encode()).ljust(64, "0")[:64]


def build(name: str = "app", **facts: Any) -> PlannedBuild:
    image = str(facts.get("image", f"ghcr.io/x/{name}"))
    planned = PlannedBuild(
        component=name,
        image=image,
        tags=(f"{image}:1", f"{image}:latest"),
        context=".",
        dockerfile="Dockerfile",
        labels=(("org.opencontainers.image.title", name), ("team", "quarry")),
        platforms=(PlannedPlatform(platform=AMD64), PlannedPlatform(platform=ARM64)),
    )
    return replace(planned, **facts)


def pushed(platform: str, name: str = "app", **facts: Any) -> PlatformResult:
    return replace(
        PlatformResult(component=name, platform=platform, digest=digest(f"{name} {platform}"), way="native"), **facts
    )


def result(*platforms: str, of: PlannedBuild | None = None, **facts: Any) -> BuildResult:
    """What one run of a component left."""
    planned = of or build()
    plain = BuildResult(
        version="1",
        builds=(planned,),
        results=tuple(pushed(one, planned.component) for one in platforms),
        tags=tuple(TagSeen(tag=tag) for tag in planned.tags),
    )
    return replace(plain, **facts)

"""Inspect references in this process, the way `kfkit inspect` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.edges.registry.client import open_registry
from buildkit.flows.inspect import inspect_references, parse_platforms
from buildkit.flows.watch import Watch
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.model.inspection import Depth, Inspection

BOTH = "linux/amd64,linux/arm64"


def inspect(
    *names: str, platforms: str = BOTH, depth: Depth = "config", conf: Path | None = None, cache: Path | None = None
) -> list[Inspection]:
    """Records of the references, through a client of their own."""
    registry = open_registry(conf, cache)
    references = [parse_reference(name) for name in names]
    return list(inspect_references(references, parse_platforms([platforms]), registry, Watch(), depth=depth))


def verdicts(record: Inspection) -> dict[str, str]:
    """`{"amd64": "supported"}`: the verdict of each platform, without its `linux/`."""
    return {name.removeprefix("linux/"): str(item.verdict) for name, item in record.platforms.items()}

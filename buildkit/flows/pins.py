"""`kfkit pins`: tree -> ties -> registry facts -> classes -> what would free each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.images import ImagesRequest, ImagesResult
    from buildkit.flows.watch import Watch
    from buildkit.model.inspection import Depth
    from buildkit.model.platform import Platform
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Mode


@dataclass(frozen=True, kw_only=True, slots=True)
class PinsRequest:
    """What to look at, and what is required.

    Attributes:
        images: the tree.
        platforms: the required ones.
        depth: how far a registry is read.
        mode: how digests are freed.
        changed_since: a git revision; only pins on lines that changed since are reported and count.
    """

    images: ImagesRequest
    platforms: tuple[Platform, ...]
    depth: Depth = "config"
    mode: Mode = "repin"
    changed_since: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PinsResult:
    """`judged` is what is reported, `images` what was read: `images.tree` the sources (None of a render)."""

    judged: JudgedPins
    images: ImagesResult


def check_pins(request: PinsRequest, registry: RegistryClient | None, watch: Watch) -> PinsResult:
    """Find what ties the tree and judge it; without a registry (offline) digests and tags are unknown.

    Raises:
        UsageError: what `collect_images` raises; `changed_since` outside a git work tree, or no such revision.
        UndeterminedError: what `collect_images` raises.
    """
    raise NotImplementedError

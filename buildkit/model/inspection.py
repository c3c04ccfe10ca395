"""What is known of an image's platforms: the records of `kfkit inspect`, and the same inside an audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Depth = Literal["descriptor", "config"]


class Verdict(StrEnum):
    """Worst first (DESIGN.md, "Verdicts"): the image's verdict is the worst of its required platforms'."""

    ABSENT = "absent"
    NOT_AN_IMAGE = "not-an-image"
    UNKNOWN = "unknown"
    MISSING = "missing"
    MISLABELLED = "mislabelled"
    SUSPECT = "suspect"
    SUPPORTED = "supported"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformRecord:
    """One required platform of one image.

    Attributes:
        digest: of the manifest that stands for the platform.
        size: what a pull transfers (config and layers), in bytes.
        config_platform: what the config says of the manifest that a node pulls. A tag that is no index is pulled
            whatever its platform, so a `missing` one with this key is a single manifest.
        offered: the platforms there are instead of a `missing` one, sorted, at most 20; None where that is not known.
    """

    verdict: Verdict
    reason: str | None = None
    digest: str | None = None
    size: int | None = None
    config_platform: str | None = None
    offered: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """One image: `digest` is what the tag resolves to, `depth` how far the registry was read."""

    name: str
    digest: str | None = None
    verdict: Verdict
    reason: str | None = None
    depth: Depth
    platforms: Mapping[str, PlatformRecord]

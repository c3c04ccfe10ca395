"""Platforms: os, architecture, variant; normalised, and which one can serve which.

Names and rules are containerd's (github.com/containerd/platforms `database.go`, `compare.go`), because containerd is
what pulls in a cluster: `arm64/v8` is `arm64`, `amd64/v1` is `amd64`, `arm` is `arm/v7`, and a node takes the nearest
variant at or below its own. What containerd also does and we do not: 32-bit code for a 64-bit platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PARTS = (2, 3)
_ARCHITECTURES = {
    "i386": ("386", ""),
    "x86_64": ("amd64", None),
    "x86-64": ("amd64", None),
    "aarch64": ("arm64", None),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
# The variant an architecture has when none is said, and other spellings of it.
_VARIANTS = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm64", "v8.0"): "",
    ("arm64", "9"): "v9",
    ("arm64", "9.0"): "v9",
    ("arm64", "v9.0"): "v9",
    ("arm", ""): "v7",
    ("arm", "5"): "v5",
    ("arm", "6"): "v6",
    ("arm", "7"): "v7",
    ("arm", "8"): "v8",
}
# From the newest to the oldest: a node of one takes those after it.
_LADDERS = {
    "amd64": ("v4", "v3", "v2", ""),
    "arm64": ("v9", ""),
    "arm": ("v8", "v7", "v6", "v5"),
}


class PlatformError(ValueError):
    """Text that is no platform."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Platform:
    """A normalised platform; `str()` gives `linux/arm64`, `linux/arm/v7`. Build it with `normalised`."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.os}/{self.architecture}" + (f"/{self.variant}" if self.variant else "")

    @property
    def family(self) -> tuple[str, str]:
        """Os and architecture: what two variants of one platform share."""
        return self.os, self.architecture

    def distance(self, wanted: Platform) -> int | None:
        """How far below `wanted` this platform is: 0 the same, more an older variant, None one that cannot serve it."""
        if self.family != wanted.family:
            return None
        if self.variant == wanted.variant:
            return 0
        ladder = _LADDERS.get(self.architecture, ())
        if self.variant not in ladder or wanted.variant not in ladder:
            return None
        steps = ladder.index(self.variant) - ladder.index(wanted.variant)
        return steps if steps > 0 else None


def normalised(os: str, architecture: str, variant: str = "") -> Platform:
    """Platform as a descriptor or config names it; an empty os is linux, as it is to containerd on a cluster's node."""
    name, forced = _ARCHITECTURES.get(architecture.lower(), (architecture.lower(), None))
    chosen = variant.lower() if forced is None else forced
    system = os.lower() or "linux"
    return Platform(
        os="darwin" if system == "macos" else system,
        architecture=name,
        variant=_VARIANTS.get((name, chosen), chosen),
    )


def parse_platform(text: str) -> Platform:
    """Read `os/architecture[/variant]`.

    Raises:
        PlatformError: not of that form.
    """
    parts = text.split("/")
    if len(parts) not in _PARTS or not all(_PART.fullmatch(part) for part in parts):
        raise PlatformError(f"{text[:80]!r} is no platform (want os/architecture[/variant], as in linux/arm64)")
    return normalised(*parts)

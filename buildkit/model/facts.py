"""What a registry said about one reference: the input of a verdict, without any judgement in it.

Terms: an *entry* is one image that a tag stands for, a child of its index or the tag itself where there is no index.
Attestations and other entries that are no images are left out by the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.model.inspection import Depth, Verdict
from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why there are no facts, as the verdict that follows: absent, not-an-image, missing or unknown.

    `denied`: the registry asked for credentials and there are none, so that what is absent may be private.
    """

    verdict: Verdict
    reason: str
    denied: bool = False


NO_IMAGE: Final = Failure(verdict=Verdict.NOT_AN_IMAGE, reason="an OCI artifact, no container image")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One image of a tag.

    Attributes:
        digest: of its manifest.
        declared: the platform of its descriptor; None where there is no index, or the descriptor names none.
        configured: the platform of its config; None where the config was not read or names none.
        variant_said: whether the config names a variant, rather than leaving the default.
        config_read: whether the config was read.
        size: what a pull transfers, config and layers, in bytes; None where the manifest was not read.
        layers: digests of its layers, without those known to hold nothing.
        failure: why it could not be read.
    """

    digest: str
    declared: Platform | None = None
    configured: Platform | None = None
    variant_said: bool = False
    config_read: bool = False
    size: int | None = None
    layers: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def platform(self) -> Platform | None:
        """What a client takes it for: the descriptor decides, the config where no descriptor does."""
        return self.declared or self.configured

    @property
    def contradicted(self) -> bool:
        """Whether its config could not serve the platform of its descriptor."""
        if self.declared is None or self.configured is None:
            return False
        if self.configured.family == self.declared.family and not self.variant_said:
            return False
        return self.configured.distance(self.declared) is None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryFacts:
    """One reference: what it resolves to and the images it stands for.

    Attributes:
        digest: of the root document, None where it could not be had.
        entries: in the order of the index, nested ones in place.
        depth: how far the registry was read.
        failure: why there are no entries.
        note: what the reader has to say about the depth.
    """

    digest: str | None = None
    entries: tuple[Entry, ...] = ()
    depth: Depth
    failure: Failure | None = None
    note: str | None = None


def choose(entries: Iterable[Entry], wanted: Platform) -> Entry | None:
    """Pick the entry that a node of this platform pulls: the nearest variant, the first of several alike.

    One that the index names no platform for comes last. containerd orders the same way (containerd/platforms
    `compare.go`, core/images `Manifest`).
    """
    best: tuple[tuple[bool, int], Entry] | None = None
    for entry in entries:
        distance = entry.platform.distance(wanted) if entry.platform else None
        if distance is None:
            continue
        rank = (entry.declared is None, distance)
        if best is None or rank < best[0]:
            best = (rank, entry)
    return best[1] if best else None

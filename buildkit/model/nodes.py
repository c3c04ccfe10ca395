"""Builders and their nodes, as buildx lists them."""

from __future__ import annotations

from dataclasses import dataclass

from buildkit.model.platform import Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundNode:
    """A node of a builder.

    Attributes:
        name: unique in the builder.
        endpoint: a socket, an address, a Docker context; `local` where that is on this machine.
        status: `running` where it answers.
        problem: why it does not.
        platforms: in its own order: what its definition declares, then what it reports, the native one first
            (moby/buildkit `util/archutil/detect.go`).
    """

    name: str
    endpoint: str
    local: bool
    status: str
    problem: str
    platforms: tuple[Platform, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundBuilder:
    """A builder with what its nodes report; `local` where all of them are on this machine."""

    name: str
    driver: str
    current: bool
    local: bool
    status: str
    version: str
    problem: str
    platforms: tuple[Platform, ...]
    nodes: tuple[FoundNode, ...] = ()

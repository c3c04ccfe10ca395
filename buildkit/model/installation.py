"""What `kfkit doctor` finds: programs, the engine, builders, and the platforms that can run here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Of one program or service. `unreachable`: installed, but it does not answer."""

    OK = "ok"
    MISSING = "missing"
    TOO_OLD = "too-old"
    TOO_NEW = "too-new"
    UNREACHABLE = "unreachable"


class Way(StrEnum):
    """How code of a platform runs; `reported`: a builder elsewhere says so, and nothing tells how."""

    NATIVE = "native"
    EMULATED = "emulated"
    REPORTED = "reported"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One program or service; `required` where a verb that exists cannot work without it, `hint` how to get it."""

    name: str
    state: State
    required: bool
    needed_for: tuple[str, ...]
    version: str | None = None
    accepted: str | None = None
    path: str | None = None
    problem: str | None = None
    hint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Runnable:
    platform: str
    way: Way


@dataclass(frozen=True, kw_only=True, slots=True)
class Builder:
    """A buildx builder: all its nodes together; `status` is the first node's."""

    name: str
    driver: str
    current: bool
    status: str
    version: str | None = None
    problem: str | None = None
    platforms: tuple[Runnable, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """The user's cache folder; `size` in bytes, a lower bound where counting it took too long (`complete` false)."""

    path: str
    size: int
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """`kfkit doctor`: `ready` where every required item is ok; `platforms` are what this machine itself can run."""

    kfkit: str
    ready: bool
    items: tuple[Item, ...]
    builders: tuple[Builder, ...]
    platforms: tuple[Runnable, ...]
    cache: Cache

"""Builders as buildx lists them, and the foreign platforms that this machine's kernel hands to an emulator.

What a builder reports says nothing about native or emulated (BuildKit counts what binfmt_misc offers); the kernel's own
list does, for builders on this machine.
"""

from __future__ import annotations

import os
import platform as machine
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from buildkit.edges.process import Limits, run
from buildkit.errors import UndeterminedError
from buildkit.model.nodes import FoundBuilder, FoundNode
from buildkit.model.platform import Platform, PlatformError, normalised, parse_platform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")
_MIB: Final = 1024 * 1024
# qemu's names of targets where they differ from Go's (docs/user/main.rst of qemu; tonistiigi/binfmt).
_QEMU: Final = {
    "x86_64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "arm": ("arm", "v7"),
    "i386": ("386", ""),
    "loongarch64": ("loong64", ""),
    "mips64el": ("mips64le", ""),
}
_GO: Final = frozenset({"ppc64le", "riscv64", "s390x", "mips64"})


class Node(msgspec.Struct, rename="pascal"):
    """A node of a builder (docker/buildx `builder/node.go`, MarshalJSON)."""

    name: str = ""
    endpoint: str = ""
    status: str = ""
    version: str = ""
    err: str = ""
    platforms: list[str] | None = None


class Listed(msgspec.Struct, rename="pascal"):
    """One line of `buildx ls --format json` (docker/buildx `builder/builder.go`, MarshalJSON)."""

    name: str
    driver: str = ""
    current: bool = False
    err: str = ""
    nodes: list[Node] | None = None


def list_builders(
    buildx: Sequence[str], *, seconds: float, env: Mapping[str, str] | None = None
) -> tuple[FoundBuilder, ...]:
    """Every builder; `buildx` is the start of the command (`docker buildx`).

    Raises:
        UndeterminedError: buildx fails, answers too late, or with something else than its JSON.
    """
    limits = Limits(seconds=seconds, output=_MIB)
    wait = f"{seconds * 0.7:.1f}s"  # buildx itself gives up first, and then still lists what it knows
    done = run([*buildx, "ls", "--format", "json", "--timeout", wait], limits=limits, env=env)
    return parse_builders(done.stdout)


def current_builder(builders: Sequence[FoundBuilder]) -> FoundBuilder | None:
    """The one that `docker buildx build` takes: BUILDX_BUILDER's, else the one that `docker buildx use` chose."""
    named = os.environ.get("BUILDX_BUILDER")
    return next((one for one in builders if (one.name == named if named else one.current)), None)


def list_declared(
    buildx: Sequence[str], name: str, *, seconds: float, env: Mapping[str, str] | None = None
) -> dict[str, tuple[Platform, ...]]:
    """The platforms that a builder's definition gives each of its nodes by name (`create --platform`).

    `ls` has them in JSON too, but only `inspect` marks them, with a star.

    Raises:
        UndeterminedError: buildx fails or answers too late.
    """
    done = run([*buildx, "inspect", name], limits=Limits(seconds=seconds, output=_MIB), env=env)
    return parse_declared(done.stdout.decode("utf-8", "replace"))


def parse_declared(text: str) -> dict[str, tuple[Platform, ...]]:
    found: dict[str, tuple[Platform, ...]] = {}
    node = ""
    for line in text.partition("\nNodes:\n")[2].splitlines():
        key, _, value = line.partition(":")
        if key == "Name":
            node = value.strip()
        elif key == "Platforms" and node:
            stars = [one.strip() for one in value.split(",") if one.strip().endswith("*")]
            found[node] = tuple(one for star in stars for one in _parsed(star))
    return found


def parse_builders(lines: bytes) -> tuple[FoundBuilder, ...]:
    try:
        listed = [msgspec.json.decode(line, type=Listed) for line in lines.splitlines() if line.strip()]
    except msgspec.DecodeError as error:
        raise UndeterminedError(f"`buildx ls --format json` answered something else: {error}") from error
    return tuple(_found(one) for one in sorted(listed, key=lambda one: one.name))


def _found(listed: Listed) -> FoundBuilder:
    nodes = listed.nodes or []
    first = nodes[0] if nodes else Node()
    return FoundBuilder(
        name=listed.name,
        driver=listed.driver,
        current=listed.current,
        local=all(_is_local(listed.driver, node.endpoint) for node in nodes),
        status=first.status or "unknown",
        version=first.version.removeprefix("v"),
        problem=listed.err or next((node.err for node in nodes if node.err), ""),
        platforms=tuple(sorted({one for node in nodes for text in node.platforms or () for one in _parsed(text)})),
        nodes=tuple(_node(listed.driver, node) for node in nodes),
    )


def _node(driver: str, node: Node) -> FoundNode:
    return FoundNode(
        name=node.name,
        endpoint=node.endpoint,
        local=_is_local(driver, node.endpoint),
        status=node.status or "unknown",
        problem=node.err,
        platforms=tuple(dict.fromkeys(one for text in node.platforms or () for one in _parsed(text))),
    )


def _is_local(driver: str, endpoint: str) -> bool:
    """On this machine: its engine's socket (a name is a Docker context), or a socket of a buildkitd.

    The context `default` is where DOCKER_HOST leads, which may be anywhere.
    """
    host = os.environ.get("DOCKER_HOST") or "unix://"
    default = driver.startswith("docker") and endpoint in {"", "default"}
    return (host if default else endpoint).startswith("unix://")


def _parsed(text: str) -> tuple[Platform, ...]:
    try:
        return (parse_platform(text.rstrip("*")),)
    except PlatformError:
        return ()


def native_platform() -> Platform:
    """What this machine runs without help; containers on a Mac are Linux of the same architecture."""
    return normalised("linux", machine.machine())


def emulated_platforms(folder: Path = BINFMT) -> tuple[Platform, ...]:
    """Platforms whose programs the kernel hands to qemu; none where there is no binfmt_misc (macOS, containers)."""
    found: set[Platform] = set()
    try:
        for file in folder.glob("qemu-*"):
            if file.read_text(encoding="utf-8", errors="replace").startswith("enabled"):
                found.update(_emulated(file.name.removeprefix("qemu-")))
    except OSError:
        return ()
    return tuple(sorted(found - {native_platform()}))


def _emulated(target: str) -> tuple[Platform, ...]:
    if target in _QEMU:
        return (normalised("linux", *_QEMU[target]),)
    return (normalised("linux", target),) if target in _GO else ()

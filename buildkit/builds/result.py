"""What a build of one platform left in the registry: enough to merge, verify and resume on another machine."""

from __future__ import annotations

from dataclasses import dataclass

from buildkit.builds.nodes import Way
from buildkit.builds.plan import PlannedBuild
from buildkit.model.execution import Execution


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformResult:
    """One platform of one component, pushed by digest.

    Attributes:
        component: its name; the plan's build of that name says the rest.
        platform: `linux/arm64`.
        digest: of what was pushed: an index of the image and its attestation, or the image's manifest alone.
        manifest: digest of the image's own manifest, the child of an index that has this platform; None where it was
            not read.
        way: how its RUN steps ran: `native`, `emulated` or `unknown`.
        builder: name of the builder, and of its node's endpoint.
        key: digest of all that went into it (plan, files); None where that cannot be told. Equal keys: not built again.
        seconds: wall time of the build; 0 where it was resumed.
        execution: what became of starting it where it was built; None where it was not to be started.
    """

    component: str
    platform: str
    digest: str
    manifest: str | None = None
    way: Way
    builder: str = ""
    key: str | None = None
    seconds: float = 0.0
    execution: Execution | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagSeen:
    """What a tag stood for when building began: `digest` None where there was none."""

    tag: str
    digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildResult:
    """`kfkit/build-result/v1`: one run of `kfkit build run`, what `kfkit build merge` reads.

    Attributes:
        version: of the plan.
        builds: the plan of each component, all its platforms, those that other runners build too.
        results: what this run pushed.
        tags: what the tags stood for before.
    """

    version: str
    builds: tuple[PlannedBuild, ...]
    results: tuple[PlatformResult, ...]
    tags: tuple[TagSeen, ...] = ()

"""What a run of builds came to: each platform of each component, and each tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from buildkit.builds.nodes import Way
from buildkit.builds.verification import Verification
from buildkit.errors import Exit
from buildkit.model.execution import Executed, Execution

# `late`: the time limit ended it.
BuildState = Literal["built", "resumed", "failed", "late"]
# `set` by this run; `there` already, for this very index; `kept` back.
TagState = Literal["set", "there", "kept"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformOutcome:
    """One platform of one component.

    Attributes:
        platform: `linux/arm64`.
        state: what became of it.
        way: how its RUN steps ran: native, emulated, unknown; `reason` where that is known from.
        node: the endpoint that built it.
        digest: of what was pushed.
        seconds: wall time of the build.
        execution: what became of starting it where it was built; None where it was not to be started there.
        problem: why it failed, or does not start, one sentence; `hint` what to try.
        lines: the last lines of the step that failed.
        log: file of the whole log.
    """

    platform: str
    state: BuildState
    way: Way = "unknown"
    reason: str | None = None
    node: str | None = None
    digest: str | None = None
    seconds: float = 0.0
    execution: Execution | None = None
    problem: str | None = None
    hint: str | None = None
    lines: tuple[str, ...] = ()
    log: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagOutcome:
    """One tag: what became of it, and why where it was kept back."""

    tag: str
    state: TagState
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentOutcome:
    """One component.

    Attributes:
        component, image: its name, and the repository that it was pushed to.
        digest: of the index that serves all platforms; None where there is none, or only a part was to be built.
        platforms: sorted.
        verification: what the registry has of it; None where it was not merged.
        tags: in the order in which they are set.
        problem: what speaks against its tags, beyond its platforms.
        unknown: what could not be found out.
    """

    component: str
    image: str
    digest: str | None = None
    platforms: tuple[PlatformOutcome, ...] = ()
    verification: Verification | None = None
    tags: tuple[TagOutcome, ...] = ()
    problem: str | None = None
    unknown: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOutcome:
    """A whole run.

    Attributes:
        version: what was built.
        builder: which builder, in words.
        complete: whether every platform was to be built here, so that tags follow; otherwise `results` are for
            `kfkit build merge`.
        components: in the order of the catalogue.
        results: the files that tell what was pushed.
    """

    version: str
    builder: str
    complete: bool
    components: tuple[ComponentOutcome, ...]
    results: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit:
        """Problems before what could not be found out."""
        platforms = [one for part in self.components for one in part.platforms]
        started = {one.execution.state for one in platforms if one.execution}
        failed = any(one.state in {"failed", "late"} for one in platforms) or Executed.FAILED in started
        if failed or any(part.problem for part in self.components):
            return Exit.PROBLEMS
        unknown = Executed.NOT_EXECUTED in started or any(part.unknown for part in self.components)
        return Exit.UNDETERMINED if unknown else Exit.OK

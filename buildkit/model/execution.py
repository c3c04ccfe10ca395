"""What became of starting an image: its smoke command on an engine, natively or emulated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from buildkit.model.program import Program

_FORMAT_ERROR: Final = re.compile(r"exec format error", re.IGNORECASE)
# What the runtime prints where the first program cannot be executed (runc, crun), unlike what a shell in there prints.
_FROM_RUNTIME: Final = re.compile(
    r"(?:exec |standard_init_linux|exec user process).{0,300}exec format error", re.IGNORECASE
)
_QUOTED: Final = 200


class Executed(StrEnum):
    """Not executed is no success: nothing is known then."""

    NATIVELY = "natively"
    EMULATED = "emulated"
    FAILED = "failed"
    NOT_EXECUTED = "not-executed"


Way = Literal["native", "emulated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Smoke:
    """One image to start.

    Attributes:
        repository: `host/path` as the engine pulls it.
        digest: of the manifest of this one platform.
        platform: what it is for.
        command: the first word replaces the entrypoint, unless it is empty; the rest are arguments.
    """

    repository: str
    digest: str
    platform: Platform
    command: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """What became of it.

    Attributes:
        state: `natively` and `emulated` mean that the command ended with 0.
        way: how it was run, where it was.
        reason: why it failed (`exec format error: …`, `exit 1`), or why it was not executed.
        exit_code: of the command, where it ended.
        log: the last lines that it printed, where it failed.
        hint: what to do about it, where that is known.
    """

    state: Executed
    way: Way | None = None
    reason: str | None = None
    exit_code: int | None = None
    log: tuple[str, ...] = ()
    hint: str | None = None


def not_executed(reason: str, *, hint: str | None = None) -> Execution:
    return Execution(state=Executed.NOT_EXECUTED, reason=reason, hint=hint)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a command ended: with a code, not within its time, or refused by the engine when it was to begin.

    Attributes:
        code: exit code.
        starved: whether it was killed for its memory.
        late: that it did not end, in words.
        refused: what the engine said instead of starting it.
        ours: whether that may be the engine's own fault.
        log: the last lines.
    """

    code: int | None = None
    starved: bool = False
    late: str | None = None
    refused: str | None = None
    ours: bool = False
    log: tuple[str, ...] = ()


def judge_end(ended: Ended, platform: Platform, way: Way, *, known: bool) -> Execution:
    """What the end of a smoke command means; `known`: its program is code for the platform, which was looked at."""
    if ended.code == 0:
        return Execution(state=Executed.NATIVELY if way == "native" else Executed.EMULATED, way=way, exit_code=0)
    line = next((one for one in (ended.refused or "", *ended.log) if _FORMAT_ERROR.search(one)), None)
    if line is not None:
        return _format_error(ended, platform, way, line, known=known)
    if ended.refused is not None and ended.ours:
        return not_executed(f"the engine does not start it: {ended.refused}")
    reason = "out of memory" if ended.starved else ended.late or ended.refused or f"exit {ended.code}"
    return Execution(state=Executed.FAILED, way=way, reason=reason, exit_code=ended.code, log=ended.log)


def _format_error(ended: Ended, platform: Platform, way: Way, line: str, *, known: bool) -> Execution:
    """An emulator that is missing is no fault of the image: only where its own code can be blamed has it failed."""
    first = ended.refused is not None or _FROM_RUNTIME.match(line.strip()) is not None
    if way == "emulated" and first:
        doubt = "" if known else ", or its program is for another platform"
        return not_executed(
            f"exec format error: no emulator of {platform} on the engine{doubt}",
            hint="install one on the engine's machine: qemu-user-static of Debian, or the image tonistiigi/binfmt",
        )
    return Execution(
        state=Executed.FAILED,
        way=way,
        reason=f"exec format error: {line.strip()[:_QUOTED]}",
        exit_code=ended.code,
        log=ended.log,
        hint=_rebuild(platform),
    )


def wrong_code(program: Program, platform: Platform) -> Execution:
    """A program that no processor of the platform can execute, whatever this engine would do with it."""
    reason = f"exec format error: {program.path} is code for {program.architecture}, not for {platform}"
    return Execution(state=Executed.FAILED, reason=reason, hint=_rebuild(platform))


def _rebuild(platform: Platform) -> str:
    return f"build it for {platform}: its FROM, or a file that is copied into it, is for another platform"

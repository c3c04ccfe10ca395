"""What the end of a smoke command means: an image that fails, or an engine that could not try."""

from __future__ import annotations

import pytest

from buildkit.model.execution import Ended, Executed, judge_end, wrong_code
from buildkit.model.platform import parse_platform
from buildkit.model.program import Program

ARM64 = parse_platform("linux/arm64")
RUNC = "exec /x: exec format error"
OLD_RUNC = "standard_init_linux.go:228: exec user process caused: exec format error"
SHELL = "/bin/sh: 1: /x: Exec format error"


@pytest.mark.parametrize(
    ("ended", "way", "state", "reason"),
    [
        (Ended(code=0), "native", Executed.NATIVELY, None),
        (Ended(code=0, log=(SHELL,)), "emulated", Executed.EMULATED, None),
        (Ended(code=3), "native", Executed.FAILED, "exit 3"),
        (Ended(code=137, starved=True), "native", Executed.FAILED, "out of memory"),
        (Ended(late="no end within 2 s"), "emulated", Executed.FAILED, "no end within 2 s"),
        (Ended(code=255, log=(RUNC,)), "native", Executed.FAILED, f"exec format error: {RUNC}"),
        (Ended(code=1, log=(OLD_RUNC,)), "native", Executed.FAILED, f"exec format error: {OLD_RUNC}"),
        (Ended(code=126, log=("ready", SHELL)), "native", Executed.FAILED, f"exec format error: {SHELL}"),
        (Ended(code=126, log=(SHELL,)), "emulated", Executed.FAILED, f"exec format error: {SHELL}"),
        (Ended(refused="exec: /x: not found"), "native", Executed.FAILED, "exec: /x: not found"),
        (
            Ended(refused="no space left", ours=True),
            "native",
            Executed.NOT_EXECUTED,
            "the engine does not start it: no space left",
        ),
    ],
)
def test_the_end_of_a_command(ended: Ended, way: str, state: Executed, reason: str | None) -> None:
    found = judge_end(ended, ARM64, "native" if way == "native" else "emulated", known=True)
    assert (found.state, found.reason) == (state, reason)
    if state is Executed.FAILED:
        assert found.log == ended.log


@pytest.mark.parametrize(
    "ended",
    [Ended(code=255, log=(RUNC,)), Ended(code=1, log=(OLD_RUNC,)), Ended(refused=f"crun: {RUNC}", ours=True)],
)
def test_an_emulator_that_is_missing_is_no_fault_of_the_image(ended: Ended) -> None:
    known = judge_end(ended, ARM64, "emulated", known=True)
    assert (known.state, known.reason) == (
        Executed.NOT_EXECUTED,
        "exec format error: no emulator of linux/arm64 on the engine",
    )
    assert "binfmt" in str(known.hint)
    unknown = judge_end(ended, ARM64, "emulated", known=False)
    assert str(unknown.reason).endswith("or its program is for another platform")


def test_code_for_another_platform_fails_wherever_it_was_looked_at() -> None:
    found = wrong_code(Program(path="/x", architecture="amd64"), ARM64)
    assert (found.state, found.way) == (Executed.FAILED, None)
    assert found.reason == "exec format error: /x is code for amd64, not for linux/arm64"

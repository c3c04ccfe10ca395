"""What a failed build is told as: the step and its last lines, and what to try where the cause is a known one.

BuildKit's errors are text by the time buildx prints them, so hints go by their wording; the verdict, that the build
failed, never does. What a step printed counts only where the step itself failed, and only for what a node may lack: a
`permission denied` of a program in it says nothing about a registry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.builds.progress import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.nodes import ChosenNode
    from buildkit.builds.progress import Progress

_MOST_TEXT: Final = 600
_AGAIN: Final = "Nothing was tagged. The same command again builds only what is not in the registry yet."
_NATIVE: Final = (
    "Emulated builds are slow, and some hang or crash (kubeflow/notebooks#599): build {platform} on a native runner "
    "(for linux/arm64 `runs-on: ubuntu-24.04-arm`), or name a native node: --node {platform}=ENDPOINT."
)
_EMULATOR: Final = (
    "The node cannot run programs of {platform}: register an emulator (`docker run --privileged --rm "
    "tonistiigi/binfmt --install {architecture}`, or Debian's qemu-user-static), or build it on a native node."
)
_PROGRAM: Final = (
    "The program that it starts is not one of {platform} (fetched or copied for another?), or a script without `#!`: "
    "`kfkit build lint` knows the usual ways to that."
)
_DISK: Final = f"The builder's disk is full: `docker buildx prune` frees its cache. {_AGAIN}"
_LOST: Final = f"The connection to the builder or to a registry was lost: does it still run? {_AGAIN}"
_NO_PLATFORM: Final = "A base image has no {platform}: `kfkit build lint` says which, `kfkit inspect` what it has."
_NO_IMAGE: Final = "There is no such base image, or it takes a login to see it."
_LOGIN: Final = "The registry refuses it: log in (`docker login`) with an account that may push there."
_GONE: Final = f"The registry went away while it was pushed to. {_AGAIN}"
_UNREACHED: Final = f"A registry or a host does not answer: is it there, and reachable from the builder? {_AGAIN}"
_BUSY: Final = f"The registry could not take it now. {_AGAIN}"
_MEMORY: Final = "It was killed, most often for want of memory: give the builder more, or build less at once."

# Patterns have no `.*`: what belongs together is asked one after the other, so that long lines cost no more than their
# length. Of each list the first that matches is said.
_Cause = tuple[str, str]
_OF_STEPS: Final[tuple[_Cause, ...]] = (
    (r"exec format error|cannot execute binary file", _PROGRAM),
    (r"no space left on device|disk quota exceeded", _DISK),
)
_OF_CODES: Final[tuple[_Cause, ...]] = ((r"exit code: 137\b", _MEMORY),)
_OF_BUILDKIT: Final[tuple[_Cause, ...]] = (
    (r"no match for platform in manifest|no matching manifest", _NO_PLATFORM),
    (r"no space left on device|disk quota exceeded", _DISK),
    (r"unauthorized|403 forbidden|insufficient_scope|(?<!permission )denied\b|no basic auth", _LOGIN),
    (r"429 too many|toomanyrequests|50\d (?:internal|bad gateway|service un|gateway time)", _BUSY),
)
_UNANSWERED: Final = re.compile(r"refused|reset|timeout|\bEOF\b|no such host|unreachable|deadline exceeded")
_CONNECTION: Final = re.compile(r"error reading from server|transport is closing|closing transport|waiting for connect")
_CRASHED: Final = re.compile(r"qemu: uncaught target signal|exit code: 139\b")
_OF_A_STEP: Final = "did not complete successfully"
_OF_A_PUSH: Final = re.compile(r"failed to push|\bpushing\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What went wrong, what to try, and the last lines of the step that did."""

    problem: str
    hint: str | None = None
    lines: tuple[str, ...] = ()


def diagnose_failure(progress: Progress, said: str, node: ChosenNode) -> Diagnosis:
    """A build that ended with an error; `said` is what the program's runner tells of it."""
    failed = progress.failed
    last = next((line for line in reversed(progress.said) if line.startswith("ERROR:")), "").removeprefix("ERROR: ")
    if failed is None:
        hint = _hint_of_buildkit(last or said, node)
        return Diagnosis(problem=_clipped(last or said), hint=hint, lines=progress.said)
    ran = _OF_A_STEP in failed.error
    hint = _hint_of_step(failed.error, failed.lines, node) if ran else None
    if not ran:
        # The names of other steps are commands of the Dockerfile: nobody's words.
        about = f"{failed.name}: " if failed.name.startswith("[internal]") else ""
        hint = _hint_of_buildkit(about + failed.error, node) or _hint_of_buildkit(last, node)
    return Diagnosis(problem=_clipped(f"{failed.name}: {failed.error}"), hint=hint, lines=failed.lines)


def diagnose_late(progress: Progress, seconds: float, node: ChosenNode) -> Diagnosis:
    """A build that the time limit ended."""
    step = progress.current
    problem = f"the time limit of {seconds:g} s was reached" + (f" at {step}" if step else "")
    hint = "--timeout SECONDS gives each platform more."
    if node.way != "native":
        problem += f" ({node.way}: {node.reason})"
        hint = _filled(_NATIVE, node)
    return Diagnosis(problem=_clipped(problem), hint=hint, lines=progress.current_lines)


def _hint_of_step(error: str, lines: Sequence[str], node: ChosenNode) -> str | None:
    """A RUN that ended with an error: what it printed, and with which code."""
    end = error.rpartition(_OF_A_STEP)[2]
    printed = "\n".join((*lines, end))
    if node.way != "native" and _CRASHED.search(printed):
        return _filled(_NATIVE, node)
    hint = _first(_OF_STEPS, printed) or _first(_OF_CODES, end)
    if hint is _PROGRAM and node.way == "unknown":
        hint = _EMULATOR
    return _filled(hint, node) if hint else None


def _hint_of_buildkit(error: str, node: ChosenNode) -> str | None:
    """Anything else: BuildKit's own words, and those of registries in them."""
    if _CONNECTION.search(error):
        return _LOST
    hint = _first(_OF_BUILDKIT, error)
    if hint is None and _UNANSWERED.search(error):
        hint = _GONE if _OF_A_PUSH.search(error) else _UNREACHED
    if hint is None and error.endswith("not found") and "load metadata for" in error:
        hint = _NO_IMAGE
    return _filled(hint, node) if hint else None


def _first(causes: Sequence[_Cause], text: str) -> str | None:
    return next((hint for pattern, hint in causes if re.search(pattern, text, re.IGNORECASE)), None)


def _filled(hint: str, node: ChosenNode) -> str:
    platform = node.platform
    return hint.replace("{platform}", str(platform)).replace("{architecture}", platform.architecture)


def _clipped(text: str) -> str:
    """One line: a registry's answer may have more."""
    return shortened(text.replace("\n", " "), _MOST_TEXT)

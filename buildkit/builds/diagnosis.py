"""What a failed build is told as: the step and its last lines, and what to try where the cause is a known one.

BuildKit's errors are text by the time buildx prints them, so hints go by their wording; the verdict, that the build
failed, never does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from buildkit.builds.nodes import ChosenNode
    from buildkit.builds.progress import Progress

_MOST_TEXT: Final = 600
_AGAIN: Final = "Nothing was tagged. The same command again builds only what is not in the registry yet."
_NATIVE: Final = (
    "Emulated builds are slow, and some hang (kubeflow/notebooks#599): build {platform} on a native runner "
    "(for linux/arm64 `runs-on: ubuntu-24.04-arm`), or name a native node: --node {platform}=ENDPOINT."
)
_EMULATOR: Final = (
    "The node cannot run programs of {platform}: register an emulator (`docker run --privileged --rm "
    "tonistiigi/binfmt --install {architecture}`, or Debian's qemu-user-static), or build it on a native node."
)
_LOST: Final = "The connection to the builder or to a registry was lost: does it still run? "
# The first that matches is said.
_CAUSES: Final = (
    (r"exec format error", _EMULATOR),
    (
        r"no match for platform in manifest|no matching manifest",
        "A base image has no {platform}: `kfkit build lint` says which, `kfkit inspect` what it has.",
    ),
    (
        r"no space left on device|disk quota exceeded",
        f"The builder's disk is full: `docker buildx prune` frees its cache. {_AGAIN}",
    ),
    (
        r"401 Unauthorized|403 Forbidden|insufficient_scope|denied: |authorization failed|no basic auth",
        "The registry refuses to take it: log in (`docker login`) with an account that may push there.",
    ),
    (
        r"(?:failed to (?:push|copy|do request)|pushing|manifests/|blobs/).*(?:refused|reset|timeout|EOF|no such host)",
        f"The registry went away while it was pushed to. {_AGAIN}",
    ),
    (
        r"closing transport|transport is closing|error reading from server|connection (?:closed|refused)|EOF",
        _LOST + _AGAIN,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What went wrong, what to try, and the last lines of the step that did."""

    problem: str
    hint: str | None = None
    lines: tuple[str, ...] = ()


def diagnose_failure(progress: Progress, said: str, node: ChosenNode) -> Diagnosis:
    """A build that ended with an error; `said` is what the program's runner tells of it."""
    failed = progress.failed
    last = next((line for line in reversed(progress.said) if line.startswith("ERROR:")), "")
    error = failed.error if failed else last.removeprefix("ERROR: ") or said
    problem = f"{failed.name}: {error}" if failed else error
    lines = failed.lines if failed else progress.said
    text = "\n".join(line[:_MOST_TEXT] for line in (problem, last, *lines))
    hint = next((hint for pattern, hint in _CAUSES if re.search(pattern, text)), None)
    return Diagnosis(problem=_clipped(problem), hint=_filled(hint, node) if hint else None, lines=lines)


def diagnose_late(progress: Progress, seconds: float, node: ChosenNode) -> Diagnosis:
    """A build that the time limit ended."""
    step = progress.current
    problem = f"the time limit of {seconds:g} s was reached" + (f" at {step}" if step else "")
    if node.way != "native":
        problem += f" ({node.way}: {node.reason})"
        return Diagnosis(problem=_clipped(problem), hint=_filled(_NATIVE, node))
    return Diagnosis(problem=_clipped(problem), hint="--timeout SECONDS gives each platform more.")


def _filled(hint: str, node: ChosenNode) -> str:
    platform = node.platform
    return hint.replace("{platform}", str(platform)).replace("{architecture}", platform.architecture)


def _clipped(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"

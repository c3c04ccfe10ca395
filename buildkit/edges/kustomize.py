"""Rendering with kustomize, in a scratch copy, without plugins, without network, within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.edges.process import MIB, Limits, ProgramError, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.edges.tools import Program

LIMITS: Final = Limits(seconds=300, output=64 * MIB, memory=4096 * MIB)
_WHY_LENGTH: Final = 1200
_STAMP: Final = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")
_VARS: Final = re.compile(r"(well-defined vars that were never replaced: )(.*)")
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]{6,}\b")  # of memory, other in each run
_NO_PROXY: Final = "http://127.0.0.1:9"


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """What kustomize said: `why` it failed (None where it rendered), its warnings sorted, each once.

    `lasting` is false where time or memory may have been the reason: another run may fare better.
    """

    why: str | None
    warnings: tuple[str, ...]
    lasting: bool = True


def build(program: Program, folder: Path, output: Path, names: Mapping[str, str]) -> Build:
    """Render one kustomization.

    Args:
        program: kustomize.
        folder: the kustomization, in a scratch copy that holds all it needs.
        output: the file for the render; no meaning where it fails.
        names: what to call scratch paths in messages, text -> text, applied in order.
    """
    argv = [str(program.path), "build", str(folder)]
    try:
        done = run(argv, cwd=folder, stdout=output, env=_environment(folder), limits=LIMITS, check=False)
    except ProgramError as error:
        why = "kustomize " + error.problem + (f": {error.stderr}" if error.stderr else "")
        return Build(why=_short(_named(why, names)), warnings=(), lasting=False)
    said = _named(done.stderr, names)
    warnings, failure = split_messages(said)
    if done.code == 0:
        return Build(why=None, warnings=warnings)
    # Go's runtime ends with 2 where memory gives out, a signal with less than 0.
    lasting = done.code == 1 and "no space left on device" not in failure
    return Build(why=_short(failure or f"kustomize ended with {done.code}"), warnings=warnings, lasting=lasting)


def _environment(folder: Path) -> dict[str, str]:
    """No git on PATH and a proxy that refuses: whatever a tree names, kustomize reaches nothing.

    GOGC: the default spends half of a render on collecting garbage.
    """
    return {
        "PATH": "",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "HTTP_PROXY": _NO_PROXY,
        "HTTPS_PROXY": _NO_PROXY,
        "NO_PROXY": "",
        "GOGC": "300",
        "GOMEMLIMIT": "1GiB",
    }


def split_messages(text: str) -> tuple[tuple[str, ...], str]:
    """Tell kustomize's warnings from its error; time stamps go, so that the same input gives the same bytes."""
    warnings: list[str] = []
    error: list[str] = []
    for line in text.splitlines():
        if error or line.startswith("Error:"):
            error.append(line)
        elif line.strip():
            warnings.append(_VARS.sub(_sorted_names, _STAMP.sub("", line.strip())))
    return tuple(sorted(set(warnings))), "\n".join(error).removeprefix("Error:").strip()


def _sorted_names(match: re.Match[str]) -> str:
    """Go lists the keys of a map in any order."""
    return match[1] + ",".join(sorted(match[2].split(",")))


def _named(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    text = _ADDRESS.sub("0x…", text)
    return re.sub(r"(?:\.\./)+\.kfkit-remote/", "remote:", text)


def _short(text: str) -> str:
    """Both ends of a long message: kustomize names the way first and the cause last."""
    text = " ".join(text.split())
    half = _WHY_LENGTH // 2
    return text if len(text) <= _WHY_LENGTH else f"{text[:half]} … {text[-half:]}"

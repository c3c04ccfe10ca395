"""Which version a program is, asked quickly: every candidate on PATH and in the checkout, each with a time limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.edges.process import Limits, ProgramError, run
from buildkit.edges.tools import Program, candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION: Final = re.compile(r"(?<![\d.])v?(\d+\.\d+(?:\.\d+)?)")
_OUTPUT: Final = 64 * 1024


def probe(name: str, arguments: Sequence[str], *, seconds: float) -> tuple[Program, ...]:
    """Every program of that name that runs, in PATH order; `version` is "" where it tells none (`v0.0.0+unknown`)."""
    found = []
    for path in candidates(name):
        try:
            done = run([str(path), *arguments], limits=Limits(seconds=seconds, output=_OUTPUT))
        except ProgramError:
            continue
        found.append(Program(path=path, version=read_version(done.stdout.decode("utf-8", "replace"))))
    return tuple(found)


def read_version(text: str) -> str:
    """The first `1.2` or `1.2.3` in a text, "" where there is none or it is all zeros."""
    match = _VERSION.search(text)
    return match[1] if match and match[1].strip("0.") else ""

"""What lies in the context of a build, as far as rules want to know it; an edge looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Binary:
    """A file that holds machine code for an architecture (as platforms name it)."""

    path: str
    architecture: str


class Context(Protocol):
    """Paths are those of COPY: relative to the context, which nobody names; the nearest folder that has them."""

    def binaries(self, path: str) -> tuple[Binary, ...]:
        """The files of machine code that a source of COPY holds, sorted; none where there is no such file."""

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none that could be read."""


class Nothing:
    """A context of which nothing is known."""

    def binaries(self, path: str) -> tuple[Binary, ...]:
        del path
        return ()

    def text(self, path: str) -> str | None:
        del path
        return None

"""What a script does on one platform: the commands that it runs, with what is known of their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from buildkit.builds.lint.values import Binding, Value

# What of the environment of a command rules look at.
WATCHED: Final = ("GOARCH", "GOOS", "CGO_ENABLED", "CC", "PWD")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A command that is run, or an assignment (`words` are empty then).

    Attributes:
        name: the program, without its folder; empty where it is not known.
        assigned: variables that are set for it, or that are set.
        environment: of the variables in `WATCHED` those that it sees.
        writes: files that its output goes to.
        data: what a here-document, a here-string or a pipe gives it.
        piped: whether another command reads its output.
        sure: whether nothing but known conditions leads to it.
        at: where it stands in the script.
    """

    words: tuple[Value, ...]
    name: str = ""
    assigned: tuple[tuple[str, Value], ...] = ()
    environment: Mapping[str, Binding]
    writes: tuple[Value, ...] = ()
    data: Value | None = None
    piped: bool = False
    sure: bool = True
    at: int = 0


def program_of(words: Sequence[Value]) -> str:
    """The program that words begin with, without its folder; empty where it is not known."""
    text = words[0].text if words else None
    return text.rsplit("/", 1)[-1] if text else ""

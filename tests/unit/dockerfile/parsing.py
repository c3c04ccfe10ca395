"""How tests write a Dockerfile and read what became of it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from buildkit.dockerfile.parse import parse_dockerfile

if TYPE_CHECKING:
    from buildkit.dockerfile.dockerfile import Dockerfile, Instruction


def dockerfile(text: str) -> Dockerfile:
    """A Dockerfile as it stands in a test, indented like the test."""
    return parse_dockerfile(dedent(text).lstrip("\n"))


def body(text: str) -> tuple[Instruction, ...]:
    """Instructions of the only stage, `FROM scratch` put before them."""
    return parse_dockerfile("FROM scratch\n" + dedent(text).lstrip("\n")).stages[0].instructions


def one(text: str) -> Instruction:
    (instruction,) = body(text)
    return instruction

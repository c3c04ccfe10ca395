"""A Dockerfile and what lint says of it; the cases themselves are in the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, kw_only=True)
class Case:
    """`told` is `line rule` of every finding for linux/amd64 and linux/arm64; nothing for what is right."""

    name: str
    text: str
    told: tuple[str, ...] = ()


def breaks(name: str, text: str, *told: str) -> Case:
    assert told
    return Case(name=name, text=dedent(text).lstrip("\n"), told=told)


def right(name: str, text: str) -> Case:
    return Case(name=name, text=dedent(text).lstrip("\n"))

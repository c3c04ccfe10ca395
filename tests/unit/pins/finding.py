"""Ties of a text, with every place checked."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from buildkit.images.candidates import Judge
from buildkit.images.knowledge import parse_knowledge
from buildkit.model.platform import parse_platform
from buildkit.pins.find import find_digests
from buildkit.pins.selectors import Selected, find_selectors
from buildkit.pins.source import Source
from buildkit.pins.tags import TagTie, find_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.pins.pin import Edit, Tie

A = "sha256:" + "a" * 64
B = "sha256:" + "b" * 64
_KNOWN = parse_knowledge(files("buildkit").joinpath("data", "kubeflow.yaml").read_text("utf-8"), "kubeflow.yaml")
JUDGE = Judge(_KNOWN.registries, _KNOWN.placeholders)
BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))


def source(text: str, file: str = "base/x.yaml", *, taken: bool = True) -> Source:
    return Source(file=file, text=text, judge=JUDGE, taken=taken)


def digests(text: str, file: str = "base/x.yaml", *, taken: bool = True) -> tuple[Tie, ...]:
    return checked(text, find_digests(source(text, file, taken=taken)))


def tags(text: str, file: str = "base/x.yaml") -> tuple[TagTie, ...]:
    found = find_tags(source(text, file))
    checked(text, (one.tie for one in found))
    return found


def selectors(text: str, file: str = "base/x.yaml") -> tuple[Selected, ...]:
    found = find_selectors(source(text, file), BOTH)
    checked(text, (one.tie for one in found))
    return found


def checked(text: str, ties: Iterable[Tie]) -> tuple[Tie, ...]:
    """Hold each tie and edit against the text."""
    found = tuple(ties)
    for tie in found:
        if tie.start >= 0:
            assert text[tie.start : tie.start + len(tie.value)] == tie.value
            before = text[: tie.start].removeprefix("\ufeff")
            assert tie.line == before.count("\n") + 1
            assert tie.column == len(before) - (before.rfind("\n") + 1) + 1
        else:
            assert tie.blocked
        for edit in (*tie.edits, *tie.strip):
            assert text[edit.start : edit.end] == edit.old
    return found


def applied(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text

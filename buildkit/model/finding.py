"""Findings: what any verb has to report, in the form that every report is written from (DESIGN.md, "Layout").

A finding says what is wrong, where, whose it is and what to do; SARIF and annotations need nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Owner:
    """An upstream project: `repository` as OWNER/REPO on GitHub, `path` inside it."""

    repository: str
    path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line that would have to change.

    Attributes:
        file: relative to the tree's root, `remote:github.com/OWNER/REPO@REF/…` in a remote base; a file that people
            keep beside the tree (exceptions) as it was given.
        line: from 1.
        object: `group/version/Kind/namespace/name` of what names the image there.
        path: of the value inside the object.
        kustomizations: those that bring this place into a render, sorted.
        component: the Kubeflow component that the folder belongs to.
        owner: whose folder it is.
        upstream: the very file in the repository that a vendored copy is synchronised from, where that is known.
    """

    file: str
    line: int
    object: str | None = None
    path: str | None = None
    kustomizations: tuple[str, ...] = ()
    component: str | None = None
    owner: Owner | None = None
    upstream: Owner | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing to report.

    Attributes:
        rule: what kind of thing, a fixed word per rule: a verdict, `expired-exception`, `unused-exception`.
        level: `error` changes the exit code to 1; `warning` could not be found out; `note` is listed only.
        subject: what it is about: the name of an image, the pattern of an exception.
        message: what is wrong, one sentence.
        fix: what to do about it, one sentence.
        places: where, the first one first to look at; at least one.
    """

    rule: str
    level: Level
    subject: str
    message: str
    fix: str | None = None
    places: tuple[Place, ...]

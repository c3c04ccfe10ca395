"""Pins: what ties manifests to one architecture, from the place in a source file to what became of it.

A *tie* is found in the text; a *pin* is a tie that was judged, with the edit that frees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from buildkit.model.finding import Owner
from buildkit.model.reference import Reference

Kind = Literal["digest", "tag", "selector", "text"]
Mode = Literal["repin", "strip"]
Outcome = Literal["done", "planned", "refused", "none"]


class Class(StrEnum):
    """What the registry, or for selectors the required platforms, make of a tie."""

    INDEX = "index"  # right as it is
    INDEX_INCOMPLETE = "index-incomplete"
    SINGLE_PLATFORM = "single-platform"
    EXCLUDES_PLATFORM = "excludes-platform"
    STALE = "stale"
    UNKNOWN = "unknown"


TIES: Final = frozenset({Class.INDEX_INCOMPLETE, Class.SINGLE_PLATFORM, Class.EXCLUDES_PLATFORM, Class.STALE})


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Edit:
    """Characters to put in for others: `start` and `end` count code points in the file as it is.

    That is its UTF-8 text with BOM and line ends as they stand; `old` is what is there, for a check before writing.
    """

    file: str
    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tie:
    """Something in a source file that may tie it to one architecture, not judged yet.

    Attributes:
        kind: digest, tag, selector or text (report only).
        value: the characters that tie: `sha256:…`, `v1.2-amd64`, `amd64/mysql`, `amd64`, a URL.
        file: relative to the tree's root, `remote:…` in a remote base.
        line: from 1; `column` from 1, in code points, without a BOM.
        start: of `value` in the file's text, in code points; -1 where it does not stand there in one piece.
        reference: what a registry is asked about; None for selectors and texts.
        hints: tags under which the index of a digest may be found, best first: the tag beside it, the kustomization's
            `newTag`, the object's version labels.
        untied: of a tag tie, the reference without the architecture.
        excludes: of a selector, the required platforms that it leaves out, sorted.
        images: of a selector, the images (names in full) of the pods that it stands in, sorted; it may be widened
            only where all of them run on what it leaves out.
        edits: what unties a tag or widens a selector; for digests empty: `value` is replaced.
        strip: what takes a digest away and leaves the tag; empty where there is no tag, `strip_why` says so.
        blocked: why this text cannot be edited (an alias, a template, a folded scalar …), None where it can.
        sample: no kustomization renders the file, or the place is an example.
        kustomizations: all local ones, components left out, that take this file in, sorted.
    """

    kind: Kind
    value: str
    file: str
    line: int
    column: int
    start: int = -1
    reference: Reference | None = None
    hints: tuple[str, ...] = ()
    untied: Reference | None = None
    excludes: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    strip: tuple[Edit, ...] = ()
    strip_why: str | None = None
    blocked: str | None = None
    sample: bool = False
    kustomizations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A tie with its class and its edit.

    Attributes:
        tie: what was found.
        class_: None for texts, which are only reported.
        platforms: what the reference serves, sorted; for a selector what it allows of the required ones.
        proposed: the value that frees it (a digest, a tag or name, a list of architectures); None where there is none.
        edits: what to change in the file; empty where `outcome` is not planned or done.
        outcome: `planned`: would be edited; `done`: was; `refused`: a tie that stays, `why` says the reason;
            `none`: nothing to do.
        why: one sentence.
        needs: of a selector, the images that run on what it leaves out only once they are freed too.
        component: the Kubeflow component that the file's folder belongs to.
        owner: whose folder it is.
    """

    tie: Tie
    class_: Class | None
    platforms: tuple[str, ...] = ()
    proposed: str | None = None
    edits: tuple[Edit, ...] = ()
    outcome: Outcome = "none"
    why: str | None = None
    needs: tuple[str, ...] = ()
    component: str | None = None
    owner: Owner | None = None

    @property
    def tied(self) -> bool:
        """Whether it still ties what counts to one architecture; what could not be found out is not known to.

        A single manifest for the only required platform is `single-platform` and ties nothing: its outcome is none.
        """
        return self.class_ in TIES and not self.tie.sample and self.outcome in {"planned", "refused"}

"""An image of a release with what its registry offers and what follows from it (`images` of the audit document)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from buildkit.model.finding import Owner
from buildkit.model.image import ImageUse, Pinned
from buildkit.model.inspection import Depth, PlatformRecord, Verdict

Status = Literal["fails", "unknown", "known", "excepted", "allowed", "ok", "not-counted"]
ChangeKind = Literal["regressed", "new", "fixed", "same"]
Outcome = Literal["native", "emulated", "fails", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """An image against the baseline.

    Attributes:
        kind: `regressed` had a platform that it has no more; `new` is in no place of the baseline (or was unknown
            there and fails now); `fixed` has what it lacked; else `same`.
        was: the name that stood in the same place before, where it is another one.
        platforms: those that regressed, or were fixed.
    """

    kind: ChangeKind
    was: str | None = None
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OnArm64:
    """What becomes of an image on a linux/arm64 node.

    Attributes:
        outcome: `native`; `emulated`: only where something runs amd64 code (binfmt with QEMU, Rosetta); `fails`: even
            there, as the data file says; `unknown`.
        error: what a node without emulation says: `no matching manifest`, `exec format error`.
        reason, source: where the data file knows more.
    """

    outcome: Outcome
    error: str | None = None
    reason: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """What the data file knows to do about an image (`replacements`): `use` another one, or none where it went away."""

    text: str
    use: str | None = None
    since: str | None = None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What to use instead of an image that lacks a platform.

    Attributes:
        name: the nearest newer tag that has every required platform, in full.
        text: what was found, a sentence: "2.17.0 is the nearest newer tag with linux/arm64".
        newer: how many tags of the repository are newer; `asked`: how many of them were asked about.
        replacement: what the data file knows.
    """

    text: str
    name: str | None = None
    newer: int = 0
    asked: int = 0
    replacement: Replacement | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Excepted:
    """An exception that covers a platform of an image."""

    platform: str
    reason: str
    link: str
    owner: str
    expires: date
    file: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedImage:
    """A record of `kfkit images` joined with the one of `kfkit inspect`.

    `component` and `owner` are those of the first use in the audited scope: a folder's owner in the data file.

    Attributes:
        status: what the image does to the result: `fails` it, is `unknown`, is `known` from the baseline, `excepted`,
            `allowed` by the policy, `ok`; or it is `not-counted`.
        decided_by: the platforms that give it this status.
        on_arm64: where linux/arm64 is required.
        change: where there is a baseline; not for what stood there and is unknown now.
    """

    reference: str
    name: str
    pinned: Pinned
    default_install: bool
    uses: tuple[ImageUse, ...]
    digest: str | None = None
    verdict: Verdict
    reason: str | None = None
    depth: Depth
    platforms: Mapping[str, PlatformRecord]
    component: str | None = None
    owner: Owner | None = None
    status: Status = "ok"
    decided_by: tuple[str, ...] = ()
    change: Change | None = None
    on_arm64: OnArm64 | None = None
    suggestion: Suggestion | None = None
    exceptions: tuple[Excepted, ...] = ()

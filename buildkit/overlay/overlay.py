"""What `kfkit overlay` made: the changes over an install, what it could not reach, and the files that do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from buildkit.compare.proof import Proof
from buildkit.errors import Exit

Why = Literal["registry", "substitute", "pin", "affinity"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Changed:
    """One image, or one rule for nodes, that the overlay sets.

    Attributes:
        object: as the install's render has it.
        path: of the image, inside embedded text too; of a workload's pods for `affinity`.
        a: what stands there, None where nothing does.
        b: what the overlay puts there.
        why: what it was asked for with; an image that is substituted and then mirrored is `substitute`.
    """

    object: str
    path: str
    a: str | None = None
    b: str
    why: Why


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Copy:
    """An image to copy into the mirror; both names in full."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreached:
    """What was asked for and is not so in the overlay.

    Attributes:
        image: in full.
        object: where it stands, None where no object of the render holds it.
        path: likewise.
        file: where it comes from; `line` from 1.
        why: the reason.
        unknown: whether it is only not known that something would have to be done.
    """

    image: str
    object: str | None = None
    path: str | None = None
    file: str | None = None
    line: int | None = None
    why: str
    unknown: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayFile:
    """A file of the overlay, `path` relative to its folder."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """An overlay that was made.

    Attributes:
        source: MANIFESTS as given; `install` the kustomization that it stands on; `output` its folder as given.
        changes: sorted by object and path.
        copies: sorted; of a mirror every image that the overlay pulls.
        unreached: sorted by image, object and path.
        proof: what rendering without and with it showed.
        pulled: how many images (names) the overlay's render can pull.
        files: what DIR holds.
        outcome: `written`; `planned` with `--check` where DIR would change; `same` where it is so already; `refused`
            where the proof does not hold, and nothing was written.
    """

    source: str
    install: str
    output: str
    changes: tuple[Changed, ...]
    copies: tuple[Copy, ...]
    unreached: tuple[Unreached, ...]
    proof: Proof
    pulled: int = 0
    files: tuple[OverlayFile, ...] = ()
    outcome: Literal["written", "planned", "same", "refused"] = "planned"

    @property
    def proven(self) -> bool:
        return not self.proof.unintended and not self.proof.unproven

    @property
    def exit(self) -> Exit:
        """Problems outrank what is unknown (DESIGN.md, "Exit codes")."""
        if self.outcome in {"refused", "planned"} or any(not one.unknown for one in self.unreached):
            return Exit.PROBLEMS
        return Exit.UNDETERMINED if self.unreached else Exit.OK

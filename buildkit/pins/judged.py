"""All pins of a tree, judged: what counts, what is tied, and the exit code that follows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.compare.proof import Proof
from buildkit.errors import Exit
from buildkit.pins.pin import Class, Mode, Pin

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class UpstreamPatch:
    """What to propose to the repository that a vendored file is copied from.

    Attributes:
        repository: OWNER/REPO on GitHub.
        ref: branch, tag or commit that the copy was taken at, None where nothing says it.
        path: the file there.
        patch: what `git apply` takes in that repository.
    """

    repository: str
    ref: str | None = None
    path: str
    patch: str


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedPins:
    """What `kfkit pins` has to say of a tree; every report is written from it.

    Attributes:
        source: MANIFESTS as given.
        required: the required platforms, sorted.
        mode: how digests are freed.
        since: the revision; only pins on lines that changed since are here.
        pins: sorted by file, line and column.
        proof: what rendering before and after showed; None where nothing was to be proven.
        upstream: patches for the repositories that vendored files come from.
        patch: the whole change as `git apply` takes it; None where nothing changes or nothing was planned.
        problems: what of the tree is not known, so that pins may be missing.
    """

    source: str
    required: tuple[str, ...]
    mode: Mode
    since: str | None = None
    pins: tuple[Pin, ...]
    proof: Proof | None = None
    upstream: tuple[UpstreamPatch, ...] = ()
    patch: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def tied(self) -> tuple[Pin, ...]:
        return tuple(pin for pin in self.pins if pin.tied)

    @property
    def unknown(self) -> tuple[Pin, ...]:
        """What counts and could not be found out."""
        return tuple(pin for pin in self.pins if pin.class_ is Class.UNKNOWN and not pin.tie.sample)

    @property
    def summary(self) -> Mapping[Class, int]:
        """How many pins of each class count; samples, texts and what was freed are left out."""
        found = Counter(pin.class_ for pin in self.pins if not pin.tie.sample and pin.outcome != "done")
        return {one: found[one] for one in Class}

    @property
    def exit(self) -> Exit:
        """Ties outrank what is unknown (DESIGN.md, "Exit codes")."""
        if self.tied:
            return Exit.PROBLEMS
        return Exit.UNDETERMINED if self.unknown or self.problems else Exit.OK

    @property
    def exit_once_applied(self) -> Exit:
        """The exit code of the tree that `patch` leaves."""
        done = (replace(pin, outcome="done") if pin.outcome == "planned" else pin for pin in self.pins)
        return replace(self, pins=tuple(done)).exit

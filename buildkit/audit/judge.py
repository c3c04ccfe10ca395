"""One audited release: its images, what counts of them, and the result.

What counts towards the result is the scope's: the default install, or everything but samples. The rest is listed and
changes neither summary nor exit code (DESIGN.md, "Exit codes").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from buildkit.audit.compare import GoneImage
from buildkit.audit.record import AuditedImage
from buildkit.audit.scope import Scope, counts
from buildkit.errors import Exit
from buildkit.model.finding import Finding, Owner
from buildkit.model.image import ImageUse
from buildkit.model.inspection import Verdict
from buildkit.model.kustomization import Kustomization

SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Owned:
    """Whose a use is: the Kubeflow component, the upstream project it is synchronised from, and the very file there."""

    component: str | None
    owner: Owner | None
    upstream: Owner | None = None


OwnerOf = Callable[[ImageUse], Owned | None]
Result = Literal["go", "no-go", "undetermined"]


def nobody(_use: ImageUse) -> Owned | None:
    """Where nothing is known of owners."""
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What the audit was compared with: a file or a release, its day, and what of it is gone."""

    against: str
    date: str | None = None
    gone: tuple[GoneImage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """One audited release.

    Attributes:
        release: its short name: the folder's, or the REF.
        date: the day of the report (`--today`).
        required: platforms, as asked.
        installs: kustomizations whose images are the default install's; empty where all that renders is.
        problems: what of them is not known (a broken install), so that images may be missing from the list.
        stale: exceptions that have expired, or that nothing needs.
        policy, exceptions: the files that were in force.
        compared: the baseline, where there is one.
        owner_of: whose a use is; findings name the owner of each place.
    """

    source: str
    release: str = ""
    date: date
    required: tuple[str, ...]
    scope: Scope
    installs: frozenset[str]
    images: tuple[AuditedImage, ...]
    kustomizations: tuple[Kustomization, ...]
    problems: tuple[str, ...]
    stale: tuple[Finding, ...] = ()
    policy: str | None = None
    exceptions: str | None = None
    compared: Compared | None = None
    owner_of: OwnerOf = nobody

    @property
    def counted(self) -> tuple[AuditedImage, ...]:
        return tuple(image for image in self.images if counts(image, self.scope))

    @property
    def unknown(self) -> tuple[AuditedImage, ...]:
        """Counted images of which a required platform could not be judged, also where another one fails."""
        return tuple(
            image
            for image in self.counted
            if image.status in {"fails", "unknown"}
            and any(record.verdict is Verdict.UNKNOWN for record in image.platforms.values())
        )

    @property
    def summary(self) -> Mapping[Verdict, int]:
        """Counted images per verdict, worst first; a verdict nobody has counts 0."""
        found = Counter(image.verdict for image in self.counted)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def exit(self) -> Exit:
        """Problems outrank unknowns; what an exception or the baseline covers, and the policy allows, is no problem."""
        states = {image.status for image in self.counted}
        if "fails" in states or self.stale:
            return Exit.PROBLEMS
        return Exit.UNDETERMINED if "unknown" in states or self.problems else Exit.OK

    @property
    def result(self) -> Result:
        """The exit code as a release manager says it."""
        return {Exit.OK: "go", Exit.PROBLEMS: "no-go"}.get(self.exit, "undetermined")  # type: ignore[return-value]


def main_use(uses: tuple[ImageUse, ...], installs: frozenset[str]) -> ImageUse:
    """The use a person looks at first: one of a counted install, then any that renders, then the first."""
    return min(
        uses,
        key=lambda use: (
            installs.isdisjoint(use.kustomizations),
            use.sample,
            not use.kustomizations,
            use.file,
            use.line,
        ),
    )

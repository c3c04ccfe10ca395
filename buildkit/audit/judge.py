"""Images, what registries say of them and whose they are, joined into one audit.

What counts towards the result is the scope's: the default install, or everything but samples. The rest is listed and
changes neither summary nor exit code (DESIGN.md, "Exit codes").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from buildkit.audit.record import AuditedImage
from buildkit.model.finding import Owner
from buildkit.model.image import Image, ImageUse
from buildkit.model.inspection import Inspection, Verdict
from buildkit.model.kustomization import Kustomization
from buildkit.verdict.outcome import exit_of

if TYPE_CHECKING:
    from buildkit.errors import Exit

Scope = Literal["default", "all"]
SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Owned:
    """Who owns a folder: the Kubeflow component, and the upstream project it is synchronised from."""

    component: str | None
    owner: Owner | None


OwnerOf = Callable[[ImageUse], Owned | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """One audited release.

    Attributes:
        date: the day of the report (`--today`).
        required: platforms, as asked.
        installs: kustomizations whose images are the default install's; empty where all that renders is.
        problems: what of them is not known (a broken install), so that images may be missing from the list.
    """

    source: str
    date: date
    required: tuple[str, ...]
    scope: Scope
    installs: frozenset[str]
    images: tuple[AuditedImage, ...]
    kustomizations: tuple[Kustomization, ...]
    problems: tuple[str, ...]

    @property
    def counted(self) -> tuple[AuditedImage, ...]:
        return tuple(image for image in self.images if counts(image, self.scope))

    @property
    def summary(self) -> Mapping[Verdict, int]:
        """Counted images per verdict, worst first; a verdict nobody has counts 0."""
        found = Counter(image.verdict for image in self.counted)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def exit(self) -> Exit:
        """The code follows the verdicts of platforms of the images that count."""
        records = (record for image in self.counted for record in image.platforms.values())
        return exit_of(records, complete=not self.problems)


def counts(image: Image | AuditedImage, scope: Scope) -> bool:
    """Whether an image changes the result: samples never do."""
    return image.default_install if scope == "default" else any(not use.sample for use in image.uses)


def join_records(
    images: Iterable[Image],
    inspections: Mapping[str, Inspection],
    owner_of: OwnerOf,
    installs: frozenset[str] = frozenset(),
) -> tuple[AuditedImage, ...]:
    """One record an image; `inspections` is keyed by full name and holds every image."""
    return tuple(_join(image, inspections[image.name], owner_of(main_use(image.uses, installs))) for image in images)


def _join(image: Image, inspection: Inspection, owned: Owned | None) -> AuditedImage:
    return AuditedImage(
        reference=image.reference,
        name=image.name,
        pinned=image.pinned,
        default_install=image.default_install,
        uses=image.uses,
        digest=inspection.digest,
        verdict=inspection.verdict,
        reason=inspection.reason,
        depth=inspection.depth,
        platforms=inspection.platforms,
        component=owned.component if owned else None,
        owner=owned.owner if owned else None,
    )


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

"""What a reader of an audit wants first: go or no-go, and which component works on which platform.

Every report says it in these words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from buildkit.audit.judge import SEVERITY
from buildkit.audit.record import AuditedImage, Status
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.audit.judge import Audit

NO_COMPONENT: Final = "no known component"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """Images of a component on one platform: how many count, and how many have each verdict."""

    total: int
    verdicts: Mapping[Verdict, int]

    @property
    def supported(self) -> int:
        return self.verdicts.get(Verdict.SUPPORTED, 0)

    @property
    def worst(self) -> Verdict:
        """The worst verdict there; supported where there is none."""
        return min(self.verdicts, key=SEVERITY.__getitem__, default=Verdict.SUPPORTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A component: upstream repositories, counted images worst first, a cell for each platform."""

    component: str
    repositories: tuple[str, ...]
    images: tuple[AuditedImage, ...]
    cells: Mapping[str, Cell]

    @property
    def worst(self) -> Verdict:
        return self.images[0].verdict


def matrix_of(audit: Audit) -> tuple[Row, ...]:
    """Components by platforms, the worst component first."""

    def component(image: AuditedImage) -> str:
        return image.component or NO_COMPONENT

    groups = groupby(sorted(audit.counted, key=component), key=component)
    rows = [_row(name, worst_first(images), audit.required) for name, images in groups]
    return tuple(sorted(rows, key=lambda row: SEVERITY[row.worst]))


def _row(component: str, images: tuple[AuditedImage, ...], platforms: Iterable[str]) -> Row:
    cells = {}
    for platform in platforms:
        found = Counter(image.platforms[platform].verdict for image in images if platform in image.platforms)
        cells[platform] = Cell(total=found.total(), verdicts=dict(found))
    owners = sorted({image.owner.repository for image in images if image.owner})
    return Row(component=component, repositories=tuple(owners), images=images, cells=cells)


def worst_first(images: Iterable[AuditedImage]) -> tuple[AuditedImage, ...]:
    """Images by verdict, then by name."""
    return tuple(sorted(images, key=lambda image: (SEVERITY[image.verdict], image.name)))


def moves_of(audit: Audit) -> tuple[tuple[str | None, int], ...]:
    """Whose move it is: repositories by how many of their images fail, most first; None: nobody is known.

    What could not be judged is the registries' move, not an owner's.
    """
    found = Counter(
        image.owner.repository if image.owner else None for image in audit.counted if image.status == "fails"
    )
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0] or "~")))


def headline(audit: Audit) -> str:
    """`NO-GO: 3 of 44 counted images fail, 1 of them regressed` and the like: one line, no full stop."""
    word = {"go": "GO", "no-go": "NO-GO", "undetermined": "UNDETERMINED"}[audit.result]
    return f"{word}: {'; '.join(_reasons(audit))}"


def _reasons(audit: Audit) -> list[str]:
    states = Counter(image.status for image in audit.counted)
    of = f"of {_count(len(audit.counted), 'counted image')}"
    regressed = sum(
        image.status == "fails" and image.change is not None and image.change.kind == "regressed"
        for image in audit.counted
    )
    reasons = []
    if states["fails"]:
        lost = f", {regressed} of them regressed" if regressed else ""
        fail = "fails" if states["fails"] == 1 else "fail"
        reasons.append(f"{states['fails']} {of} {fail}{lost}")
    if states["unknown"]:
        reasons.append(f"{states['unknown']} {of} could not be judged")
    if audit.stale:
        reasons.append(f"{_count(len(audit.stale), 'exception')} expired or unused")
    if audit.problems:
        reasons.append("what counts is not all there, images may be missing from the list")
    listed = [f"{states[name]} {words}" for name, words in _LISTED if states[name]]
    if listed:
        reasons.append(", ".join(listed))
    if not states["fails"] and not states["unknown"] and states["ok"]:
        others = "every other" if listed else "every"
        reasons.append(f"{others} counted image works on every required platform")
    return reasons or ["no image counts"]


_LISTED: Final[tuple[tuple[Status, str], ...]] = (
    ("known", "known from the baseline"),
    ("excepted", "excepted"),
    ("allowed", "allowed by the policy"),
)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

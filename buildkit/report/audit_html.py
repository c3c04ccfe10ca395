"""The audit as one HTML page, for who decides about a release: go or no-go first, then why, whose, and all the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from buildkit.audit.compare import group_by_kind
from buildkit.audit.findings import findings_of
from buildkit.audit.judge import main_use
from buildkit.audit.overview import NO_COMPONENT, headline, matrix_of, moves_of, worst_first
from buildkit.audit.record import AuditedImage, ChangeKind, Excepted
from buildkit.model.finding import Finding
from buildkit.model.image import ImageUse
from buildkit.model.inspection import Verdict
from buildkit.report.audit_words import granted, platform_verdicts, reasons_of, scope_words, was_words
from buildkit.report.html import capital, render_page
from buildkit.report.text import count_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.audit.judge import Audit
    from buildkit.audit.overview import Cell

VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.ABSENT: "There is no such repository or tag; or it is private, which cannot be told apart.",
    Verdict.NOT_AN_IMAGE: "Something else lies there: a Helm chart, a signature.",
    Verdict.UNKNOWN: "It could not be found out: no answer, a rate limit, a wrong content. Never counted as missing.",
    Verdict.MISSING: "The registry answered, and the platform is not offered.",
    Verdict.MISLABELLED: "What the index says and what the image's config says disagree.",
    Verdict.SUSPECT: "Two platforms have identical layers: one of them may hold the other's programs.",
    Verdict.SUPPORTED: "Offered, and the image's config agrees.",
}
STATUSES: Final[Mapping[str, str]] = {
    "fails": "Fails the release.",
    "unknown": "Could not be judged; the result is undetermined until it can.",
    "known": "Lacks a platform, and did so in the baseline already: listed, no change of the result.",
    "excepted": "An exception covers it until a day.",
    "allowed": "The policy allows it.",
    "ok": "Works on every required platform.",
    "not-counted": "Outside of what this audit counts: not in the default install, or a sample.",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "native": "Runs as it is.",
    "emulated": "Runs only where something runs amd64 code: Rosetta on Apple Silicon, QEMU with binfmt. Slow.",
    "fails": "Fails, even where amd64 code runs; the source says why.",
    "unknown": "Not known.",
}
_OUTCOME_WORDS: Final = {"emulated": "only emulated", "fails": "fails on arm64"}
CHANGES: Final[Mapping[ChangeKind, str]] = {
    "regressed": "had a platform that it has no more",
    "new": "in no place of the other audit",
    "fixed": "has what it lacked",
}
_AT_ONCE: Final = 25
_MANY: Final = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An image in the table: the place to look at first, and the others."""

    image: AuditedImage
    component: str
    first: ImageUse
    others: tuple[ImageUse, ...]
    reasons: tuple[str, ...]
    verdicts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A finding, and the image that it is about; `message` does not say the subject's name again."""

    finding: Finding
    message: str
    image: AuditedImage | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Granted:
    """An exception in force, and the images that it covers."""

    excepted: Excepted
    names: tuple[str, ...]
    platforms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """Images that changed in one way."""

    kind: ChangeKind
    images: tuple[AuditedImage, ...]
    fine: tuple[AuditedImage, ...]


def audit_html(audit: Audit) -> bytes:
    """One page that needs nothing else; the same bytes for the same audit."""
    told = tuple(_told(audit))
    word, _, why = headline(audit).partition(": ")
    rows = tuple(_row(image, audit) for image in worst_first(audit.images))
    return render_page(
        "audit.html.j2",
        "audit.js",
        audit=audit,
        word=word,
        why=why,
        told=[one for one in told if one.finding.level != "note"],
        moves=moves_of(audit),
        noted=[one for one in told if one.finding.level == "note"],
        changed=tuple(_changes(audit)),
        regressions=any(image.change and image.change.kind == "regressed" for image in audit.counted),
        matrix=matrix_of(audit),
        cell_words=cell_words,
        rows=rows,
        components=sorted({row.component for row in rows}),
        verdict_counts=Counter(str(row.image.verdict) for row in rows),
        status_counts=Counter(row.image.status for row in rows),
        granted=tuple(_granted(audit.counted)),
        was_words=was_words,
        broken=[item for item in audit.kustomizations if item.status == "broken"],
        scope=scope_words(audit),
        texts={"verdicts": VERDICTS, "statuses": STATUSES, "outcomes": OUTCOMES, "changes": CHANGES},
        outcome_words=_OUTCOME_WORDS,
        at_once=_AT_ONCE,
        many=_MANY,
        on_arm64=any(image.on_arm64 for image in audit.images),
    )


def _told(audit: Audit) -> Iterable[Told]:
    images = {image.name: image for image in audit.images}
    for finding in findings_of(audit):
        image = images.get(finding.subject)
        yield Told(finding=finding, message=capital(_without(finding) if image else finding.message), image=image)


def _without(finding: Finding) -> str:
    """The message without the subject's name, which stands above it."""
    for before in ("", "regressed: "):
        if finding.message.startswith(f"{before}{finding.subject} "):
            return before + finding.message[len(before) + len(finding.subject) + 1 :]
    return finding.message


def _row(image: AuditedImage, audit: Audit) -> Row:
    first = main_use(image.uses, audit.installs)
    return Row(
        image=image,
        component=printable(image.component or NO_COMPONENT),
        first=first,
        others=tuple(use for use in image.uses if use is not first),
        reasons=reasons_of(image),
        verdicts=tuple(platform_verdicts(image, audit.required)),
    )


def _granted(images: Sequence[AuditedImage]) -> Iterable[Granted]:
    """Exceptions in the order of their file, each once."""
    for _, group in groupby(granted(images), key=lambda pair: (pair[0].file, pair[0].line)):
        pairs = tuple(group)
        yield Granted(
            excepted=pairs[0][0],
            names=tuple(dict.fromkeys(image.name for _, image in pairs)),
            platforms=tuple(dict.fromkeys(one.platform for one, _ in pairs)),
        )


def _changes(audit: Audit) -> Iterable[Changes]:
    """What changed of what counts, worst first; what is new and fine is told apart."""
    for kind, images in group_by_kind(audit.counted).items():
        if kind in CHANGES and images:
            fine = tuple(image for image in images if kind == "new" and image.status == "ok")
            yield Changes(kind=kind, images=worst_first(image for image in images if image not in fine), fine=fine)


def cell_words(cell: Cell) -> str:
    """`2 missing, 1 unknown`: what of a component does not work on a platform, in words."""
    wrong = [f"{number}\u00a0{verdict}" for verdict in Verdict if (number := cell.verdicts.get(verdict, 0))]
    if cell.supported:
        wrong.pop()
    return ", ".join(wrong) or f"all {count_of(cell.total, 'image')}"

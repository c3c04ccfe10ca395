"""The audit as one HTML page, for who decides about a release: go or no-go first, then why, whose, and all the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.audit.compare import group_by_kind
from buildkit.audit.findings import findings_of
from buildkit.audit.judge import main_use
from buildkit.audit.overview import NO_COMPONENT, headline, matrix_of, worst_first
from buildkit.audit.record import AuditedImage, Excepted
from buildkit.model.finding import Finding
from buildkit.model.image import ImageUse
from buildkit.model.inspection import Verdict
from buildkit.report.html import capital, render_page
from buildkit.report.text import count_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.audit.judge import Audit
    from buildkit.audit.overview import Cell
    from buildkit.audit.record import ChangeKind

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
        moves=_moves(told),
        noted=[one for one in told if one.finding.level == "note"],
        changed={kind: worst_first(images) for kind, images in group_by_kind(audit.images).items() if kind in CHANGES},
        matrix=matrix_of(audit),
        cell_words=cell_words,
        rows=rows,
        components=sorted({row.component for row in rows}),
        verdict_counts=Counter(str(row.image.verdict) for row in rows),
        status_counts=Counter(row.image.status for row in rows),
        granted=tuple(_granted(audit.images)),
        broken=[item for item in audit.kustomizations if item.status == "broken"],
        scope=_scope(audit),
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


def _moves(told: Iterable[Told]) -> list[tuple[str, int]]:
    """Upstream repositories, and how many of the images that fail the release are theirs; the most first."""
    owners = (one.image.owner for one in told if one.finding.level == "error" and one.image)
    found = Counter(owner.repository for owner in owners if owner)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _row(image: AuditedImage, audit: Audit) -> Row:
    first = main_use(image.uses, audit.installs)
    return Row(
        image=image,
        component=printable(image.component or NO_COMPONENT),
        first=first,
        others=tuple(use for use in image.uses if use is not first),
        reasons=_reasons(image),
        verdicts=tuple(
            str(image.platforms[name].verdict) if name in image.platforms else "-" for name in audit.required
        ),
    )


def _reasons(image: AuditedImage) -> tuple[str, ...]:
    """Why it is not simply supported; a reason that holds for all platforms names none."""
    found = {
        name: record.reason
        for name, record in image.platforms.items()
        if record.reason and record.verdict is not Verdict.SUPPORTED
    }
    if len(found) == 1 or (len(found) == len(image.platforms) and len(set(found.values())) == 1):
        return tuple(dict.fromkeys(found.values()))
    return tuple(f"{name}: {reason}" for name, reason in found.items())


def _granted(images: Sequence[AuditedImage]) -> Iterable[Granted]:
    """Exceptions in the order of their file, each once."""
    found: dict[tuple[str, int], list[tuple[str, Excepted]]] = defaultdict(list)
    for image in images:
        for one in image.exceptions:
            found[one.file, one.line].append((image.name, one))
    for _, uses in sorted(found.items()):
        yield Granted(
            excepted=uses[0][1],
            names=tuple(dict.fromkeys(name for name, _ in uses)),
            platforms=tuple(dict.fromkeys(one.platform for _, one in uses)),
        )


def _scope(audit: Audit) -> str:
    if audit.scope == "all":
        return "everything but samples"
    if audit.installs:
        return f"the default install ({', '.join(sorted(audit.installs))})"
    return "everything that renders"


def cell_words(cell: Cell) -> str:
    """`2 missing, 1 unknown`: what of a component does not work on a platform, in words."""
    wrong = [f"{number}\u00a0{verdict}" for verdict in Verdict if (number := cell.verdicts.get(verdict, 0))]
    if cell.supported:
        wrong.pop()
    return ", ".join(wrong) or f"all {count_of(cell.total, 'image')}"

"""Words about an audit and its images that several reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.audit.compare import group_by_kind, repository_of
from buildkit.audit.scope import counts
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.audit.judge import Audit
    from buildkit.audit.record import AuditedImage, ChangeKind, Excepted, OnArm64, Status

_OUTCOMES: Final = {
    "native": "native",
    "emulated": "runs only emulated",
    "fails": "fails even emulated",
    "unknown": "not known",
}
STANDINGS: Final[Mapping[Status, str]] = {
    "known": "known from the baseline",
    "excepted": "excepted",
    "allowed": "allowed by the policy",
}
_DIGEST_SHOWN: Final = len("sha256:") + 12


def scope_words(audit: Audit) -> str:
    """What counts: `the default install (example)`."""
    if audit.scope == "all":
        return "everything but samples"
    return f"the default install ({', '.join(sorted(audit.installs))})" if audit.installs else "everything that renders"


def others_words(audit: Audit) -> str:
    """What does not count."""
    return "outside the default install" if audit.scope == "default" and audit.installs else "samples"


def platform_verdicts(image: AuditedImage, required: Iterable[str], none: str = "-") -> list[str]:
    """An image's verdict on each required platform; `none` where it was not judged there."""
    return [str(image.platforms[name].verdict) if name in image.platforms else none for name in required]


def not_counted(audit: Audit) -> tuple[AuditedImage, ...]:
    return tuple(image for image in audit.images if not counts(image, audit.scope))


def reasons_of(image: AuditedImage) -> tuple[str, ...]:
    """Why an image is not simply supported: a reason that holds for all platforms names none."""
    reasons = {
        platform: record.reason
        for platform, record in sorted(image.platforms.items())
        if record.reason and record.verdict is not Verdict.SUPPORTED
    }
    if len(set(reasons.values())) > 1:
        return tuple(f"{platform}: {reason}" for platform, reason in reasons.items())
    return tuple(reasons.values())[:1]


def on_arm64_words(found: OnArm64 | None) -> str:
    """`runs only emulated, else: no matching manifest`; empty where arm64 is not required."""
    if found is None:
        return ""
    words = _OUTCOMES[found.outcome]
    if found.error:
        words += f", else: {found.error}" if found.outcome == "emulated" else f": {found.error}"
    return f"{words} ({found.reason})" if found.reason and found.outcome == "fails" else words


def was_words(name: str, was: str) -> str:
    """What stood there before: the tag alone (or the start of the digest) where the repository is the same."""
    repository = repository_of(was)
    rest = was.removeprefix(repository)
    if repository != repository_of(name) or not rest:
        return was
    tag, _, digest = rest.partition("@")
    return tag.removeprefix(":") or f"{digest[:_DIGEST_SHOWN]}…"


def granted(images: Sequence[AuditedImage]) -> tuple[tuple[Excepted, AuditedImage], ...]:
    """Exceptions in force with the images that they cover, in the order of their file."""
    found = [(one, image) for image in images for one in image.exceptions]
    return tuple(sorted(found, key=lambda pair: (pair[0].file, pair[0].line, pair[1].name, pair[0].platform)))


def exceptions_tally(audit: Audit) -> str:
    """`2 in force, 1 expired or unused`: each once, however many images it covers."""
    in_force = {(one.file, one.line) for one, _ in granted(audit.counted)}
    return f"{len(in_force)} in force" + (f", {len(audit.stale)} expired or unused" if audit.stale else "")


def changed_images(audit: Audit) -> tuple[tuple[ChangeKind, AuditedImage], ...]:
    """What changed of what counts, the worst first; of new images those alone that are not fine."""
    kinds = group_by_kind(audit.counted)
    found = [(kind, image) for kind in kinds for image in kinds[kind] if kind != "same"]
    return tuple((kind, image) for kind, image in found if kind != "new" or image.status != "ok")


def change_tally(audit: Audit) -> str:
    """What changed of what counts, in numbers."""
    kinds = group_by_kind(audit.counted)
    numbers: dict[str, int] = {kind: len(images) for kind, images in kinds.items() if kind != "same"}
    numbers["gone"] = len(audit.compared.gone) if audit.compared else 0
    return kinds_tally(numbers, sum(image.status == "ok" for image in kinds["new"])) or "nothing"


def kinds_tally(numbers: Mapping[str, int], fine: int) -> str:
    """`1 regressed, 3 new (2 of them fine), 1 gone`: zeros left out; `fine` of the new ones have every platform."""
    notes = {"new": f" ({fine} of them fine)"} if fine else {}
    return ", ".join(f"{number} {kind}{notes.get(kind, '')}" for kind, number in numbers.items() if number)

"""Findings of an audit: for each counted image that is not fine one sentence what is wrong, and one what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.audit.judge import SEVERITY, Audit, main_use
from buildkit.model.finding import Finding, Place
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.audit.judge import OwnerOf
    from buildkit.audit.record import AuditedImage, Status
    from buildkit.model.finding import Level
    from buildkit.model.image import ImageUse

_LEVELS: Final[Mapping[Status, Level]] = {
    "fails": "error",
    "unknown": "warning",
    "known": "note",
    "excepted": "note",
    "allowed": "note",
}
_WRONG: Final[Mapping[Verdict, str]] = {
    Verdict.ABSENT: "does not exist or is private",
    Verdict.NOT_AN_IMAGE: "is no container image",
    Verdict.UNKNOWN: "could not be judged for {platforms}",
    Verdict.MISSING: "has no {platforms} variant",
    Verdict.MISLABELLED: "has another content than its label says for {platforms}",
    Verdict.SUSPECT: "may have the wrong content for {platforms}",
}


def findings_of(audit: Audit) -> tuple[Finding, ...]:
    """Errors first, what regressed before the rest, and stale exceptions; then what is unknown, then what is listed."""
    images = sorted((image for image in audit.counted if image.status in _LEVELS), key=_rank)
    found = [_finding(image, audit) for image in images]
    errors = [one for one in found if one.level == "error"]
    return (*errors, *audit.stale, *found[len(errors) :])


def _rank(image: AuditedImage) -> tuple[int, bool, int, str]:
    regressed = image.change is not None and image.change.kind == "regressed"
    order = ("fails", "unknown", "known", "excepted", "allowed")
    return order.index(image.status), not regressed, SEVERITY[image.verdict], image.name


def _finding(image: AuditedImage, audit: Audit) -> Finding:
    verdict, platforms = worst_problem(image)
    return Finding(
        rule=str(verdict),
        level=_LEVELS[image.status],
        subject=image.name,
        message=_message(image, verdict, platforms),
        fix=_fix(image, verdict, platforms),
        places=places_of(image, audit),
    )


def worst_problem(image: AuditedImage) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict that a finding is about, and its platforms: of those that decide the status, what regressed first."""
    regressed = set(image.change.platforms) if image.change and image.change.kind == "regressed" else set()
    deciding = [name for name in image.decided_by if name in regressed] or image.decided_by
    verdicts = {name: image.platforms[name].verdict for name in deciding}
    worst = min(verdicts.values(), key=SEVERITY.__getitem__, default=image.verdict)
    return worst, tuple(name for name, verdict in verdicts.items() if verdict is worst)


def _message(image: AuditedImage, verdict: Verdict, platforms: Sequence[str]) -> str:
    reasons = dict.fromkeys(image.platforms[name].reason for name in platforms if image.platforms[name].reason)
    why = "; ".join(str(reason) for reason in reasons)
    wrong = _WRONG[verdict].format(platforms=" and ".join(platforms))
    # "no linux/arm64, only linux/amd64" says it all.
    wrong, why = (f"has {why}", "") if why.startswith("no linux/") else (wrong, f": {why}" if why else "")
    before = ""
    if image.change and image.change.kind == "regressed":
        before = "regressed: "
        had = "had it" if verdict is Verdict.MISSING else "worked"
        why += f"; {image.change.was} {had}" if image.change.was else f"; the same tag {had}"
    return f"{before}{image.name} {wrong}{why}{_standing(image, platforms)}"


def _standing(image: AuditedImage, platforms: Sequence[str]) -> str:
    if image.status == "known":
        return " (known from the baseline)"
    if image.status == "excepted":
        one = next((one for one in image.exceptions if one.platform in platforms), image.exceptions[0])
        return f" (excepted until {one.expires}, {one.owner}: {one.reason})"
    return " (the policy allows it)" if image.status == "allowed" else ""


def _fix(image: AuditedImage, verdict: Verdict, platforms: Sequence[str]) -> str:
    found = image.suggestion
    if found and found.name:
        return f"Use {found.name}: {found.text}."
    if verdict is Verdict.UNKNOWN:
        return "Run the audit again when its registry answers."
    tags = [found.text[:1].upper() + found.text[1:] + "."] if found and verdict is Verdict.MISSING else []
    if found and found.replacement:
        tags = [] if found.replacement.use else tags  # "no newer tag" beside another one reads as a contradiction
        use = f"Replace it by {found.replacement.use}: " if found.replacement.use else ""
        return " ".join((*tags, use + found.replacement.text))
    if verdict in {Verdict.ABSENT, Verdict.NOT_AN_IMAGE}:
        return "Correct the reference, or log in where it is private."
    whose = image.owner.repository if image.owner else "its publisher"
    return " ".join((*tags, f"Ask {whose} for a working {' and '.join(platforms)} variant."))


def places_of(image: AuditedImage, audit: Audit) -> tuple[Place, ...]:
    """Each line that names the image, the one to look at first before the others; samples only where all are."""
    uses = [use for use in image.uses if not use.sample] or list(image.uses)
    first = main_use(tuple(uses), audit.installs)
    places: dict[tuple[str, int], Place] = {}
    for use in (first, *uses):
        if (use.file, use.line) not in places:
            places[use.file, use.line] = _place(use, audit.owner_of)
    return tuple(places.values())


def _place(use: ImageUse, owner_of: OwnerOf) -> Place:
    owned = owner_of(use)
    return Place(
        file=use.file,
        line=use.line,
        object=use.object,
        path=use.path,
        kustomizations=use.kustomizations,
        component=owned.component if owned else None,
        owner=owned.owner if owned else None,
        upstream=owned.upstream if owned else None,
    )

"""Base images and what their registry says: which of them break a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.builds.lint.found import clip
from buildkit.builds.lint.known import BASE_IMAGE, BASE_UNKNOWN, KNOWN
from buildkit.builds.lint.result import AskedBase, LintFinding
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.result import Base
    from buildkit.model.inspection import Inspection, PlatformRecord

_ORDER = tuple(Verdict)
_BY_NAME = "base-image-name"


def unasked(base: Base) -> AskedBase | None:
    """Why a registry is not asked about an image; None where it can be."""
    if base.name is None:
        return AskedBase(base=base, reason=f"{clip(base.written)}: an argument has no value")
    return None


def not_a_reference(base: Base, why: str) -> tuple[AskedBase, LintFinding]:
    """A name that no registry can be asked about, and no builder."""
    return (
        AskedBase(base=base, verdict=Verdict.ABSENT, reason=why),
        _finding(base, BASE_IMAGE, f"Takes an image by a name that is none: {why}", base.platforms),
    )


def judge_base(base: Base, seen: Inspection) -> tuple[AskedBase, tuple[LintFinding, ...]]:
    """The verdict of an image for the platforms that it is needed for, and what is to be said of it."""
    records = {name: seen.platforms[name] for name in base.platforms if name in seen.platforms}
    worst = min((one.verdict for one in records.values()), key=_ORDER.index, default=Verdict.UNKNOWN)
    reasons = dict.fromkeys(one.reason for one in records.values() if one.verdict is worst and one.reason)
    return AskedBase(base=base, verdict=worst, reason="; ".join(reasons) or None), tuple(_said(base, seen, records))


def _said(base: Base, seen: Inspection, records: dict[str, PlatformRecord]) -> Iterator[LintFinding]:
    """Yield one finding for each verdict that breaks something."""
    groups: dict[Verdict, list[str]] = {}
    for name, record in records.items():
        groups.setdefault(record.verdict, []).append(name)
    for verdict, names in sorted(groups.items(), key=lambda item: _ORDER.index(item[0])):
        if verdict is Verdict.SUPPORTED:
            continue
        reasons = "; ".join(dict.fromkeys(records[name].reason or "" for name in names if records[name].reason))
        rule = BASE_UNKNOWN if verdict is Verdict.UNKNOWN else BASE_IMAGE
        said = f"{clip(base.name or base.written)} is {verdict} for {', '.join(names)}: {clip(reasons)}"
        pinned = " (the digest is that of one platform's image, not of an index)" if _one_image(seen, records) else ""
        yield _finding(base, rule, said.removesuffix(": ") + pinned, tuple(names))


def _one_image(seen: Inspection, records: dict[str, PlatformRecord]) -> bool:
    """Whether the name has a digest that is no index's."""
    missing = [one for one in records.values() if one.verdict is Verdict.MISSING]
    return "@" in seen.name and bool(missing) and all(one.config_platform for one in missing)


def _finding(base: Base, rule: str, message: str, platforms: tuple[str, ...]) -> LintFinding:
    return LintFinding(
        file=base.file,
        line=base.line,
        rule=rule,
        level=KNOWN[rule].level,
        message=f"{message}.",
        fix=KNOWN[rule].help,
        subject=clip(base.name or base.written),
        platforms=platforms,
    )


def without_names(findings: tuple[LintFinding, ...], asked: tuple[AskedBase, ...]) -> tuple[LintFinding, ...]:
    """Drop what the name of an image says where its registry has told."""
    known = {
        (one.base.file, one.base.line, clip(one.base.name or ""))
        for one in asked
        if one.verdict is not None and one.verdict != Verdict.UNKNOWN
    }
    return tuple(one for one in findings if one.rule != _BY_NAME or (one.file, one.line, one.subject) not in known)

"""Registry facts and required platforms -> verdicts (DESIGN.md, "Verdicts").

Two rules of ours, where the design leaves a choice:
- An entry serves a platform when it is that platform or an older variant of it, as containerd chooses. An index with
  `amd64/v3` alone is therefore `missing` for `linux/amd64`: a node that is no v3 cannot run it.
- A config contradicts a descriptor when it could not serve the descriptor's platform. A config without a variant, as
  older builders wrote for arm/v6, contradicts no variant; one without any platform contradicts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.model.facts import choose
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.model.facts import Entry, RegistryFacts
    from buildkit.model.platform import Platform

_ORDER = tuple(Verdict)
_NAMED = 20


def judge(name: str, facts: RegistryFacts, required: Sequence[Platform]) -> Inspection:
    """One image's record: a verdict for each required platform, and the worst of them for the image."""
    chosen = {wanted: choose(facts.entries, wanted) for wanted in required}
    platforms = {str(wanted): _judge_platform(facts, wanted, chosen) for wanted in required}
    worst = min((record.verdict for record in platforms.values()), key=_ORDER.index, default=Verdict.SUPPORTED)
    return Inspection(
        name=name,
        digest=facts.digest,
        verdict=worst,
        reason=_image_reason(facts, platforms, worst),
        depth=facts.depth,
        platforms=platforms,
    )


def _image_reason(facts: RegistryFacts, platforms: Mapping[str, PlatformRecord], worst: Verdict) -> str | None:
    """The reasons of the worst platforms, each once, and the reader's note."""
    reasons = [record.reason for record in platforms.values() if record.verdict is worst and record.reason]
    notes = [facts.note] if facts.note else []
    return "; ".join(dict.fromkeys(reasons + notes)) or None


def _judge_platform(facts: RegistryFacts, wanted: Platform, chosen: Mapping[Platform, Entry | None]) -> PlatformRecord:
    if facts.failure:
        return PlatformRecord(verdict=facts.failure.verdict, reason=facts.failure.reason)
    entry = chosen[wanted]
    if entry is None:
        return _without_entry(facts, wanted)
    verdict, reason = _judge_entry(facts, entry, wanted, chosen)
    return PlatformRecord(
        verdict=verdict,
        reason=reason,
        digest=entry.digest,
        size=entry.size,
        config_platform=str(entry.configured) if entry.configured else None,
    )


def _without_entry(facts: RegistryFacts, wanted: Platform) -> PlatformRecord:
    """Nothing offers the platform, unless something that could not be read, or read no deeper, does."""
    for entry in sorted(facts.entries, key=_lost):
        if entry.platform:
            continue
        if entry.failure:
            return PlatformRecord(verdict=entry.failure.verdict, reason=entry.failure.reason)
        why = "its config names no platform" if entry.config_read else "no platform in the index, config not read"
        return PlatformRecord(verdict=Verdict.UNKNOWN, reason=f"{_short(entry.digest)}: {why}")
    offered = sorted({str(entry.platform) for entry in facts.entries})
    reason = f"no {wanted}, only {_some(offered)}" if offered else "the index holds no image"
    single = facts.entries[0] if len(facts.entries) == 1 and facts.entries[0].digest == facts.digest else None
    return PlatformRecord(
        verdict=Verdict.MISSING,
        reason=reason,
        config_platform=str(single.configured) if single and single.configured else None,
        offered=tuple(offered[:_NAMED]),
    )


def _some(names: Sequence[str]) -> str:
    """The first names: an index may hold thousands."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _lost(entry: Entry) -> bool:
    """Sort key: what could not be found out first, what the registry certainly lacks last."""
    return entry.failure is not None and entry.failure.verdict is Verdict.MISSING


def _judge_entry(
    facts: RegistryFacts, entry: Entry, wanted: Platform, chosen: Mapping[Platform, Entry | None]
) -> tuple[Verdict, str | None]:
    if entry.failure:
        return entry.failure.verdict, entry.failure.reason
    if entry.contradicted:
        return Verdict.MISLABELLED, f"the index says {entry.declared}, the config {entry.configured}"
    shared = _other_platform_of_manifest(facts, entry)
    if shared and entry.configured is None:
        return Verdict.MISLABELLED, f"one manifest stands for {entry.declared} and {shared}"
    twin = _twin(entry, wanted, chosen)
    if twin:
        return Verdict.SUSPECT, f"the same layers as {twin}"
    return Verdict.SUPPORTED, None


def _other_platform_of_manifest(facts: RegistryFacts, entry: Entry) -> Platform | None:
    """Another os or architecture that the index gives the very same manifest for."""
    for other in facts.entries:
        if (
            other.digest == entry.digest
            and other.declared
            and entry.declared
            and other.declared.family != entry.declared.family
        ):
            return other.declared
    return None


def _twin(entry: Entry, wanted: Platform, chosen: Mapping[Platform, Entry | None]) -> Platform | None:
    """Another required platform whose image has the very same layers; variants of one architecture may share them."""
    if not entry.layers:
        return None
    for platform, other in chosen.items():
        if other and platform.family != wanted.family and other.layers == entry.layers and not other.contradicted:
            return platform
    return None


def _short(digest: str) -> str:
    """`sha256:0123456789ab`, enough to find it."""
    return digest[:19]

"""Registry facts -> the class of a digest or tag: an index that is right, one that is not, a single manifest, nothing.

Verdicts per platform are the audit's own (buildkit/verdict). Two rules of ours, where the issue leaves a choice:
- A tag with an architecture in its name that stands for an index of one platform alone, as buildx makes them with an
  attestation beside the image, is `single-platform`: the name ties, whatever wraps the manifest. A digest of such an
  index is `index-incomplete`.
- What a registry denies without credentials may be private, so that it is `unknown`, never `stale`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.model.facts import choose
from buildkit.model.inspection import Verdict
from buildkit.pins.pin import Class
from buildkit.verdict.judge import judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.model.facts import RegistryFacts
    from buildkit.model.platform import Platform
    from buildkit.pins.pin import Kind

_LACKING = frozenset({Verdict.MISSING, Verdict.MISLABELLED, Verdict.SUSPECT})
_NAMED = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A class, the platforms that the reference serves, sorted, and why the class is none to be content with.

    `serves`: whether every required platform is served all the same (a single manifest for the only required one).
    """

    class_: Class
    platforms: tuple[str, ...] = ()
    why: str | None = None
    serves: bool = False


def classify(kind: Kind, facts: RegistryFacts, required: Sequence[Platform]) -> Judgement:
    """Class of a digest or tag by what its registry said."""
    if facts.failure:
        absent = facts.failure.verdict is Verdict.ABSENT and not facts.failure.denied
        return Judgement(class_=Class.STALE if absent else Class.UNKNOWN, why=facts.failure.reason)
    if not is_index(facts):
        return _classify_manifest(facts, required)
    platforms = platforms_of(facts)
    lacking, unsure = lacks(facts, required), doubts(facts, required)
    if lacking and kind == "tag" and len(platforms) == 1:
        return Judgement(class_=Class.SINGLE_PLATFORM, platforms=platforms)
    if lacking:
        return Judgement(
            class_=Class.INDEX_INCOMPLETE, platforms=platforms, why="; ".join(filter(None, [lacking, unsure]))
        )
    if unsure:
        return Judgement(class_=Class.UNKNOWN, platforms=platforms, why=unsure)
    return Judgement(class_=Class.INDEX, platforms=platforms, why=facts.note, serves=True)


def _classify_manifest(facts: RegistryFacts, required: Sequence[Platform]) -> Judgement:
    entry = facts.entries[0]
    if entry.failure:
        return Judgement(class_=Class.UNKNOWN, why=entry.failure.reason)
    if entry.platform is None:
        return Judgement(class_=Class.UNKNOWN, why="a single manifest whose config names no platform")
    serves = all(choose(facts.entries, wanted) for wanted in required)
    return Judgement(class_=Class.SINGLE_PLATFORM, platforms=(str(entry.platform),), serves=serves)


def is_index(facts: RegistryFacts) -> bool:
    """Whether a reference that could be read is an index; a single manifest is its own only entry."""
    return not (len(facts.entries) == 1 and facts.entries[0].digest == facts.digest)


def lists(facts: RegistryFacts, digest: str) -> bool:
    """Whether the facts are those of an index with this child, nested ones included."""
    return facts.failure is None and is_index(facts) and any(entry.digest == digest for entry in facts.entries)


def platforms_of(facts: RegistryFacts) -> tuple[str, ...]:
    """What a reference serves, sorted; an index may hold thousands."""
    return tuple(sorted({str(entry.platform) for entry in facts.entries if entry.platform}))[:_NAMED]


def lacks(facts: RegistryFacts, required: Sequence[Platform]) -> str | None:
    """Which required platforms something that could be read does not have, and how; None where none is lacking."""
    return _told(facts, required, _LACKING)


def doubts(facts: RegistryFacts, required: Sequence[Platform]) -> str | None:
    """Which required platforms could not be judged, and why; None where there is none."""
    return _told(facts, required, frozenset(Verdict) - _LACKING - {Verdict.SUPPORTED})


def _told(facts: RegistryFacts, required: Sequence[Platform], verdicts: frozenset[Verdict]) -> str | None:
    records = judge("", facts, required).platforms
    told = [
        f"{name} is {record.verdict}" + (f" ({record.reason})" if record.reason else "")
        for name, record in sorted(records.items())
        if record.verdict in verdicts
    ]
    return "; ".join(told) or None


def shortcoming(facts: RegistryFacts, required: Sequence[Platform]) -> str | None:
    """Why a reference is no index with every required platform, None where it is one."""
    if facts.failure:
        return facts.failure.reason
    if not is_index(facts):
        return "it is no index"
    return lacks(facts, required) or doubts(facts, required)

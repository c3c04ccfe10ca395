"""Which tags to ask about for an image that lacks a platform, and what the answers come to.

An image gets the platform at some release and mostly keeps it. So the nearest newer tags are asked first, with the
newest one; where only that has the platform, a few in between, round by round, until the first that has it is found
or enough was asked. What is named is the nearest of those asked, and the text says where others were passed over. The
asking itself: `flows/suggest.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from buildkit.audit.record import Suggestion
from buildkit.model.inspection import Verdict
from buildkit.model.reference import Reference
from buildkit.model.version import newer_tags, newest_tags, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.model.inspection import Inspection, PlatformRecord

NEAREST, BETWEEN, MOST, ROUNDS = 6, 3, 16, 4
_NOT_KNOWN: Final = frozenset({Verdict.UNKNOWN, Verdict.ABSENT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a tag has of the required platforms: all; all that the image lacks; not even these; or nobody could say."""

    has: Literal["all", "lacking", "no", "unknown"]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hunt:
    """What is looked for.

    Attributes:
        reference: the image.
        required, lacking: platforms; the second are those that it has not.
        tags: candidates, the one to prefer first; all of them newer, or the newest of all where `newest`.
        total: how many there are in all.
        newest: the reference names no version that another could be newer than.
        note: why the list of tags is short, or there is none.
        listed: whether there is one.
    """

    reference: Reference
    required: tuple[str, ...]
    lacking: tuple[str, ...]
    tags: tuple[str, ...]
    total: int
    newest: bool
    note: str | None
    listed: bool

    @property
    def same(self) -> str | None:
        """The tag that stands beside a digest: it may be an index by now."""
        return self.reference.tag if self.reference.digest else None


def plan_hunt(
    reference: Reference,
    platforms: Mapping[str, PlatformRecord],
    tags: Sequence[str],
    *,
    note: str | None,
    listed: bool,
) -> Hunt:
    """Candidates among the tags of the image's repository."""
    newest = reference.tag is None or parse_version(reference.tag) is None
    found = newest_tags(tags) if newest else newer_tags(reference.tag or "", tags)
    return Hunt(
        reference=reference,
        required=tuple(platforms),
        lacking=tuple(name for name, record in platforms.items() if record.verdict is not Verdict.SUPPORTED),
        tags=found[:NEAREST] if newest else found,
        total=len(found),
        newest=newest,
        note=note,
        listed=listed,
    )


def answer_of(hunt: Hunt, inspection: Inspection) -> Answer:
    """What an inspected tag means to the hunt."""
    verdicts = {name: inspection.platforms[name].verdict for name in hunt.required}
    lacking = {verdicts[name] for name in hunt.lacking}
    if lacking - _NOT_KNOWN - {Verdict.SUPPORTED}:
        return Answer(has="no")
    if any(verdict in _NOT_KNOWN for verdict in verdicts.values()):
        return Answer(has="unknown", reason=inspection.reason)
    return Answer(has="all" if set(verdicts.values()) == {Verdict.SUPPORTED} else "lacking")


def next_tags(hunt: Hunt, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """Tags to ask about in the next round; none when the hunt is over."""
    if not answers:
        same = (hunt.same,) if hunt.same else ()
        return tuple(dict.fromkeys((*same, *hunt.tags[:NEAREST], *hunt.tags[-1:])))
    hit = best_tag(hunt, answers)
    if hit is None or hit == hunt.same:
        return ()
    end = hunt.tags.index(hit)
    start = max((place + 1 for place in range(end) if hunt.tags[place] in answers), default=0)
    return _spread(hunt.tags[start:end], min(BETWEEN, MOST - len(answers)))


def best_tag(hunt: Hunt, answers: Mapping[str, Answer]) -> str | None:
    """The first that has every required platform."""
    order = (*((hunt.same,) if hunt.same else ()), *hunt.tags)
    return next((tag for tag in order if tag in answers and answers[tag].has == "all"), None)


def conclude(hunt: Hunt, answers: Mapping[str, Answer], *, limit: int | None) -> Suggestion:
    """Put the answers into words; `limit` where no more tags could be asked in this run."""
    hit = best_tag(hunt, answers)
    text = _lead(hunt) + (_found(hunt, answers, hit) if hit else _nothing(hunt, answers))
    if hunt.listed and hunt.note and (hit is None or hit != hunt.same):
        text += f"; {hunt.note}"
    if limit is not None and not hit:
        text += f"; no more than {limit} tags are asked about in a run"
    return Suggestion(
        text=text,
        name=replace(hunt.reference, tag=hit, digest=None).name if hit else None,
        newer=hunt.total,
        asked=sum(tag in answers for tag in hunt.tags),
    )


def _lead(hunt: Hunt) -> str:
    if _by_digest_alone(hunt):
        return "pinned by digest alone: "
    return f"{hunt.reference.tag or 'latest'} is no version: " if hunt.newest and hunt.listed else ""


def _found(hunt: Hunt, answers: Mapping[str, Answer], hit: str) -> str:
    wanted = _platforms(hunt, answers)
    if hit == hunt.same:
        return f"the tag {hit} itself has {wanted} now, only the pinned digest has not"
    what = "newest version" if hunt.newest else "nearest newer tag"
    before = hunt.tags[: hunt.tags.index(hit)]
    if all(tag in answers and answers[tag].has != "unknown" for tag in before):
        return f"{hit} is the {what} with {wanted}"
    return f"{hit} is the {what} with {wanted}, of {_known(hunt, answers)} asked of {hunt.total}"


def _nothing(hunt: Hunt, answers: Mapping[str, Answer]) -> str:
    if not hunt.listed:
        return hunt.note or "its tags are not known"
    if not hunt.tags:
        return _no_tag(hunt)
    known = _known(hunt, answers)
    wanted = _platforms(hunt, answers)
    what = ("version" if hunt.newest else "newer tag") + ("s" if hunt.total > 1 else "")
    reasons = [answer.reason for answer in answers.values() if answer.has == "unknown" and answer.reason]
    why = f": {reasons[0]}" if reasons else ""
    if hunt.total == 1:
        return f"the only {what}, {hunt.tags[0]}, " + (f"has no {wanted}" if known else f"could not be read{why}")
    if not known:
        return f"none of {hunt.total} {what} could be read{why}"
    if known == hunt.total:
        return f"none of the {known} {what} has {wanted}"
    rest = f"; not every answer could be had{why}" if reasons else ""
    return f"none of {known} asked of {hunt.total} {what} has {wanted}{rest}"


def _no_tag(hunt: Hunt) -> str:
    if not hunt.newest:
        return "no newer tag"
    return "none of its tags is a version" if _by_digest_alone(hunt) else "none of its tags is one either"


def _by_digest_alone(hunt: Hunt) -> bool:
    return hunt.reference.tag is None and hunt.reference.digest is not None


def _known(hunt: Hunt, answers: Mapping[str, Answer]) -> int:
    return sum(tag in answers and answers[tag].has != "unknown" for tag in hunt.tags)


def _platforms(hunt: Hunt, answers: Mapping[str, Answer]) -> str:
    """Those that the image lacks; all that are required, where a tag has the former and not the latter."""
    partly = any(answer.has == "lacking" for answer in answers.values())
    return " and ".join(hunt.required if partly else hunt.lacking)


def _spread(tags: Sequence[str], count: int) -> tuple[str, ...]:
    """At most `count` of the tags, at even distances."""
    if len(tags) <= count:
        return tuple(tags)
    return tuple(tags[len(tags) * number // (count + 1)] for number in range(1, count + 1))

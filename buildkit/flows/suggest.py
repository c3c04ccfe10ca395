"""What to use instead of an image that lacks a platform: newer tags that the registry has, what the data file knows.

Comes after the main read and asks the same client again. What a registry does here is never an error of the run, nor
does it change a verdict: it ends up in the text of the suggestion.

Candidates are first judged by their index alone, one request each; the one to be named is then read as deeply as the
audit reads, so that no mislabelled tag is recommended.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from buildkit.audit.newer import ROUNDS, Answer, Hunt, answer_of, best_tag, conclude, next_tags, plan_hunt
from buildkit.audit.record import Replacement, Suggestion
from buildkit.model.inspection import Verdict
from buildkit.model.platform import parse_platform
from buildkit.model.reference import parse_reference
from buildkit.verdict.judge import judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.audit.record import AuditedImage
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.edges.registry.tags import TagList
    from buildkit.flows.watch import Watch
    from buildkit.images.knowledge import Knowledge
    from buildkit.model.facts import RegistryFacts
    from buildkit.model.inspection import Depth
    from buildkit.model.platform import Platform
    from buildkit.model.reference import Reference

SUGGESTIONS: Final = "suggestions"
RUN_LIMIT: Final = 600
_CONFIRMATIONS: Final = 3
_NOT_ASKED: Final = "no registry was asked for a newer tag"


def suggest(
    images: Sequence[AuditedImage],
    *,
    registry: RegistryClient | None,
    knowledge: Knowledge,
    watch: Watch,
    depth: Depth = "config",
) -> Mapping[str, Suggestion]:
    """Suggestions by name for images with a problem; the keys of their `platforms` are what is required.

    Newer tags are looked for where a platform is missing. Without a registry (offline, or nobody wants to wait), and
    for other problems, only those that the data file has a replacement for get one.
    """
    known = {image.name: _replacement(knowledge, parse_reference(image.name)) for image in images}
    found = {name: Suggestion(text=_NOT_ASKED, replacement=use) for name, use in known.items() if use}
    lacking = [image for image in images if _lacks_platform(image)]
    if registry is None or not lacking:
        return found
    try:
        with watch.stage(SUGGESTIONS):
            hunted = _Search(registry, depth, watch).run(lacking)
    finally:
        with watch.stage("cache"):
            registry.close()
    return found | {name: replace(one, replacement=known[name]) for name, one in hunted.items()}


def _lacks_platform(image: AuditedImage) -> bool:
    return any(record.verdict is Verdict.MISSING for record in image.platforms.values())


def _replacement(knowledge: Knowledge, reference: Reference) -> Replacement | None:
    known = knowledge.replacement_of(reference)
    if known is None:
        return None
    return Replacement(text=known.text, use=known.use, since=known.since, source=known.source)


@dataclass(kw_only=True)
class _Case:
    """One image's hunt and what is known so far."""

    hunt: Hunt
    answers: dict[str, Answer] = field(default_factory=dict)
    over: bool = False
    cut: bool = False


class _Search:
    """All hunts of a run, side by side: each round is one call to the client."""

    def __init__(self, registry: RegistryClient, depth: Depth, watch: Watch) -> None:
        self._registry = registry
        self._depth = depth
        self._watch = watch
        self._platforms: tuple[Platform, ...] = ()
        self._glanced: dict[Reference, RegistryFacts] = {}
        self._read: dict[Reference, RegistryFacts] = {}
        self._admitted: set[Reference] = set()

    def run(self, images: Sequence[AuditedImage]) -> dict[str, Suggestion]:
        self._watch.count(SUGGESTIONS, 0, len(images))
        self._platforms = tuple(parse_platform(name) for name in dict.fromkeys(n for i in images for n in i.platforms))
        references = [parse_reference(image.name) for image in images]
        lists = self._registry.tags(references)
        plans = map(_plan, references, images, lists)
        cases = [_Case(hunt=hunt) for hunt in plans]
        for _ in range(ROUNDS):
            self._round(cases)
        for _ in range(_CONFIRMATIONS):
            self._confirm(cases)
        self._forget_unconfirmed(cases)
        self._watch.count(SUGGESTIONS, len(images), len(images))
        return {
            image.name: conclude(case.hunt, case.answers, limit=RUN_LIMIT if case.cut else None)
            for image, case in zip(images, cases, strict=True)
        }

    def _round(self, cases: Sequence[_Case]) -> None:
        asks: list[tuple[_Case, str]] = []
        for case in cases:
            tags = () if case.over else next_tags(case.hunt, case.answers)
            admitted = [tag for tag in tags if self._admit(_tagged(case.hunt, tag))]
            case.cut = case.cut or len(admitted) < len(tags)
            case.over = not admitted
            asks += [(case, tag) for tag in admitted]
        fresh = [
            one for one in dict.fromkeys(_tagged(case.hunt, tag) for case, tag in asks) if one not in self._glanced
        ]
        self._glanced |= self._facts(fresh, fresh, "descriptor")
        for case, tag in asks:
            _answer(case, tag, self._glanced[_tagged(case.hunt, tag)])
        self._watch.count(SUGGESTIONS, sum(case.over for case in cases), len(cases))

    def _admit(self, reference: Reference) -> bool:
        """Whether a tag may be asked about in this run; one that was already costs nothing."""
        if reference not in self._admitted and len(self._admitted) >= RUN_LIMIT:
            return False
        self._admitted.add(reference)
        return True

    def _confirm(self, cases: Sequence[_Case]) -> None:
        """Read what would be named as deeply as the audit reads, by its digest: that document is here already."""
        best = [(case, tag) for case in cases if (tag := best_tag(case.hunt, case.answers))]
        fresh = [one for one in dict.fromkeys(_tagged(case.hunt, tag) for case, tag in best) if one not in self._read]
        pinned = [replace(one, digest=self._glanced[one].digest) for one in fresh]
        self._read |= self._facts(fresh, pinned, self._depth)
        for case, tag in best:
            _answer(case, tag, self._read[_tagged(case.hunt, tag)])

    def _facts(
        self, keys: Sequence[Reference], references: Sequence[Reference], depth: Depth
    ) -> dict[Reference, RegistryFacts]:
        if not keys:
            return {}
        return dict(zip(keys, self._registry.read(references, self._platforms, depth), strict=True))

    def _forget_unconfirmed(self, cases: Sequence[_Case]) -> None:
        """Name nothing that was only glanced at: where the nearest were bad, the next is none to recommend either."""
        for case in cases:
            while (best := best_tag(case.hunt, case.answers)) and _tagged(case.hunt, best) not in self._read:
                case.answers[best] = Answer(has="unknown", reason="not read beyond its index")


def _answer(case: _Case, tag: str, facts: RegistryFacts) -> None:
    required = [parse_platform(name) for name in case.hunt.required]
    case.answers[tag] = answer_of(case.hunt, judge(tag, facts, required))


def _plan(reference: Reference, image: AuditedImage, tags: TagList) -> Hunt:
    listed = bool(tags.tags) or tags.complete
    note = tags.reason
    if tags.status is not None and not listed:
        note = f"its registry does not list tags ({tags.status})"
    elif note and not listed:
        note = f"its tags cannot be listed: {note}"
    return plan_hunt(reference, image.platforms, tags.tags, note=note, listed=listed)


def _tagged(hunt: Hunt, tag: str) -> Reference:
    return replace(hunt.reference, tag=tag, digest=None)

"""Finding the index that lists a digest: its hints first, then the tags of its repository, newest first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.flows.inspect import read_references
from buildkit.model.reference import Reference, is_tag
from buildkit.pins.parents import TAGS_LIMIT, Asked, Parent, conclude, hinted, order_tags, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.edges.registry.client import RegistryClient
    from buildkit.edges.registry.tags import TagList
    from buildkit.flows.watch import Watch
    from buildkit.model.facts import RegistryFacts
    from buildkit.model.platform import Platform

PARENTS: Final = "parents"
RUN_LIMIT: Final = 600
_BATCH: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphan:
    """A digest whose index is wanted: `reference` has it, `hints` are tags to ask first."""

    reference: Reference
    digest: str
    hints: tuple[str, ...]


def find_parents(
    orphans: Sequence[Orphan], platforms: Sequence[Platform], registry: RegistryClient | None, watch: Watch
) -> tuple[Parent | str, ...]:
    """The index of each, or why none is to be taken. `platforms`: all whose nested indexes have to be opened."""
    return _Search(tuple(platforms), registry, watch).run(orphans)


class _Search:
    """All searches of a run, side by side; each repository is asked for its tags once."""

    def __init__(self, platforms: tuple[Platform, ...], registry: RegistryClient | None, watch: Watch) -> None:
        self._platforms = platforms
        self._registry = registry
        self._watch = watch
        self._answers: dict[str, dict[str, RegistryFacts]] = defaultdict(dict)  # by repository and tag
        self._left = RUN_LIMIT

    def run(self, orphans: Sequence[Orphan]) -> tuple[Parent | str, ...]:
        with self._watch.stage(PARENTS):
            self._ask(_tagged(one.reference, tag) for one in orphans for tag in _tags(one))
            found = [hinted(one.digest, _tags(one), self._known(one)) for one in orphans]
            asked = self._search([one for one, parent in zip(orphans, found, strict=True) if parent is None])
        return tuple(
            parent or conclude(one.digest, asked[one.reference.repository_name], _tags(one), self._known(one))
            for one, parent in zip(orphans, found, strict=True)
        )

    def _known(self, orphan: Orphan) -> Mapping[str, RegistryFacts]:
        return self._answers[orphan.reference.repository_name]

    def _ask(self, references: Iterable[Reference]) -> None:
        fresh = [
            one for one in dict.fromkeys(references) if one.tag and one.tag not in self._answers[one.repository_name]
        ]
        if not fresh:
            return
        facts = read_references(fresh, self._platforms, self._registry, self._watch, depth="descriptor")
        for one, known in zip(fresh, facts, strict=True):
            self._answers[one.repository_name][one.tag or ""] = known

    def _search(self, orphans: Sequence[Orphan]) -> Mapping[str, Asked]:
        """Ask the repositories' own tags, in batches, for what the hints did not show."""
        groups: dict[str, list[Orphan]] = defaultdict(list)
        for one in orphans:
            groups[one.reference.repository_name].append(one)
        if not groups or self._registry is None:
            return defaultdict(Asked)
        lists = self._registry.tags([group[0].reference for group in groups.values()])
        asked = {name: self._planned(found) for name, found in zip(groups, lists, strict=True)}
        for start in range(0, TAGS_LIMIT, _BATCH):
            self._ask(
                _tagged(group[0].reference, tag)
                for name, group in groups.items()
                if not all(settled(one.digest, asked[name].tags, self._answers[name]) for one in group)
                for tag in asked[name].tags[start : start + _BATCH]
            )
        return asked

    def _planned(self, found: TagList) -> Asked:
        """Which tags of a repository are asked: at most 60, and 600 in a run."""
        tags = order_tags(found.tags)
        taken = tags[: min(TAGS_LIMIT, self._left)]
        self._left -= len(taken)
        note = found.reason if not found.complete else None
        if len(taken) < min(len(tags), TAGS_LIMIT):
            note = f"this run had asked {RUN_LIMIT} tags by then"
        elif note and not found.tags:
            note = f"the repository's tags cannot be listed: {note}"
        return Asked(tags=taken, known=len(tags), note=note)


def _tags(orphan: Orphan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag in orphan.hints if is_tag(tag)))


def _tagged(reference: Reference, tag: str) -> Reference:
    return replace(reference, tag=tag, digest=None)

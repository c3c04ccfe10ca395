"""Which index lists a digest: the order in which tags are asked, and what their answers come to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.model.inspection import Verdict
from buildkit.model.version import parse_version
from buildkit.pins.classify import lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.model.facts import Failure, RegistryFacts
    from buildkit.model.version import Version

TAGS_LIMIT: Final = 60  # a repository, for all its digests: Docker Hub gives 100 manifests in 6 hours
_NAMED: Final = 5
# Signatures and attestations of cosign, and the fallback tags of referrers (distribution-spec, "Referrers Tag Schema").
_NO_IMAGE: Final = re.compile(r"sha(?:256|512)-[0-9a-f]{64,128}(?:\..*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parent:
    """The index that lists a digest, and a tag that stands for it."""

    digest: str
    tag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked of a repository, after the hints.

    Attributes:
        tags: those asked, in that order.
        known: how many could have been asked.
        note: why there is no list of tags, or not all of it.
    """

    tags: tuple[str, ...] = ()
    known: int = 0
    note: str | None = None


def order_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in which to look for an index: versions newest first, then other names; those of one architecture last."""
    versions: list[Version] = []
    single: list[Version] = []
    others: list[str] = []
    for tag in sorted(set(tags)):
        version = parse_version(tag)
        if _NO_IMAGE.fullmatch(tag):
            continue
        if version is None:
            others.append(tag)
        else:
            (single if version.architecture else versions).append(version)
    ranked = [
        sorted(group, key=lambda one: (one.is_final, one.key, one.tag), reverse=True) for group in (versions, single)
    ]
    others.sort(key=lambda tag: tag != "latest")
    return (*(one.tag for one in ranked[0]), *others, *(one.tag for one in ranked[1]))


def hinted(digest: str, hints: Sequence[str], answers: Mapping[str, RegistryFacts]) -> Parent | None:
    """The index of the first hint that lists the digest; `answers` by tag."""
    for tag in hints:
        parent = _listing(digest, tag, answers)
        if parent:
            return parent
    return None


def settled(digest: str, tags: Iterable[str], answers: Mapping[str, RegistryFacts]) -> bool:
    """Whether more tags cannot change the end: two indexes list it already."""
    return len(_parents(digest, tags, answers)) > 1


def conclude(digest: str, asked: Asked, hints: Sequence[str], answers: Mapping[str, RegistryFacts]) -> Parent | str:
    """The one index among a repository's tags that lists the digest, else why none is to be taken."""
    found = _parents(digest, asked.tags, answers)
    if len(found) > 1:
        named = ", ".join(f"{tag} ({parent[:19]}…)" for parent, tag in list(found.items())[:_NAMED])
        return f"{len(found)} indexes list it and nothing says which is meant: {named}"
    for parent, tag in found.items():
        return Parent(digest=parent, tag=tag)
    return _none(asked, hints, answers)


def _parents(digest: str, tags: Iterable[str], answers: Mapping[str, RegistryFacts]) -> dict[str, str]:
    """Digests of the indexes that list it, each with its first tag."""
    found: dict[str, str] = {}
    for tag in tags:
        parent = _listing(digest, tag, answers)
        if parent:
            found.setdefault(parent.digest, tag)
    return found


def _listing(digest: str, tag: str, answers: Mapping[str, RegistryFacts]) -> Parent | None:
    facts = answers.get(tag)
    if facts is None or facts.digest is None or not lists(facts, digest):
        return None
    return Parent(digest=facts.digest, tag=tag)


def _none(asked: Asked, hints: Sequence[str], answers: Mapping[str, RegistryFacts]) -> str:
    tags = tuple(dict.fromkeys((*hints, *asked.tags)))
    said = [f"no index lists it: {_counted(len(tags))} asked" + (", newest first" if asked.tags else "")]
    if len(asked.tags) < asked.known:
        said.append(f"the repository has {asked.known}, at most {TAGS_LIMIT} are asked")
    failed = [(tag, failure.reason) for tag in tags if (failure := _failure(answers.get(tag)))]
    if failed:
        said.append(f"{_counted(len(failed))} not answered for ({failed[0][0]}: {failed[0][1]})")
    if asked.note:
        said.append(asked.note)
    return "; ".join(said)


def _failure(facts: RegistryFacts | None) -> Failure | None:
    """Why a tag could not be looked into; one that is not there, or no image, can be no parent."""
    failure = facts.failure if facts else None
    return failure if failure and (failure.denied or failure.verdict is Verdict.UNKNOWN) else None


def _counted(number: int) -> str:
    return "1 tag was" if number == 1 else f"{number} tags were"

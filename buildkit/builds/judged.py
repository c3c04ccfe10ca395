"""Contents of a tag as the audit would judge them: the same facts, the same verdicts, for every platform there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.builds.expectation import Expectation
from buildkit.model.contents import ChildContents, TagContents
from buildkit.model.facts import NO_IMAGE, Entry, Failure, RegistryFacts
from buildkit.model.inspection import PlatformRecord, Verdict
from buildkit.verdict.judge import judge

if TYPE_CHECKING:
    from buildkit.model.platform import Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A tag with the verdicts of its platforms.

    Attributes:
        contents, expected: what is there, and what should be.
        facts: what an audit would have read.
        records: by platform, the expected ones first, then others that the index names, sorted.
    """

    contents: TagContents
    expected: Expectation
    facts: RegistryFacts
    records: Mapping[str, PlatformRecord]

    @property
    def blocked(self) -> Failure | None:
        """Why there is nothing below the reference that could be checked."""
        failure = self.facts.failure
        artifact = failure and failure.verdict is Verdict.NOT_AN_IMAGE
        return self.contents.failure or (failure if artifact else None)

    @property
    def expected_names(self) -> tuple[str, ...]:
        return tuple(map(str, self.expected.platforms))

    def child(self, platform: str) -> ChildContents | None:
        """The image that a node of this platform pulls."""
        digest = self.records[platform].digest
        return next((image for image in self.contents.images if image.digest == digest), None) if digest else None


def judge_contents(contents: TagContents, expected: Expectation) -> Judged:
    """Verdicts by the audit's rules."""
    facts = facts_of(contents)
    others = {entry.platform for entry in facts.entries if entry.platform} - set(expected.platforms)
    platforms: tuple[Platform, ...] = (*expected.platforms, *sorted(others))
    inspection = judge(contents.name, facts, platforms)
    return Judged(contents=contents, expected=expected, facts=facts, records=inspection.platforms)


def facts_of(contents: TagContents) -> RegistryFacts:
    """What an audit reads of the same tag (`edges/registry/reader.py`)."""
    entries = [_entry(image, index=contents.index) for image in contents.images]
    failure = contents.failure
    if not contents.index:
        unread = next((entry.failure for entry in entries if entry.failure and not entry.config_read), None)
        failure = failure or unread
        entries = [] if failure else entries
    else:
        failure = failure or (NO_IMAGE if contents.others and not entries else None)
    return RegistryFacts(digest=contents.digest, entries=tuple(entries), depth="config", failure=failure)


def _entry(image: ChildContents, *, index: bool) -> Entry:
    config = image.config
    blobs = {blob.descriptor.digest: blob.descriptor.size for blob in image.blobs}
    return Entry(
        digest=image.digest,
        declared=image.descriptor.platform if index else None,
        configured=config.platform if config else None,
        variant_said=bool(config and config.variant_said),
        config_read=config is not None,
        size=sum(blobs.values()) if image.config_blob else None,
        layers=image.own_layers,
        failure=image.failure,
    )

"""References -> registry facts -> verdicts: what `kfkit inspect` does, and the audit with the images it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.errors import UsageError
from buildkit.model.facts import Failure, RegistryFacts
from buildkit.model.inspection import Verdict
from buildkit.model.platform import Platform, PlatformError, parse_platform
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word
from buildkit.verdict.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.watch import Watch
    from buildkit.model.inspection import Depth, Inspection

NETWORK = "network"


@dataclass(frozen=True, kw_only=True, slots=True)
class BadLine:
    """A line of a list that is no reference; `number` from 1."""

    number: int
    reason: str


def inspect_references(
    references: Sequence[Reference],
    platforms: Sequence[Platform],
    registry: RegistryClient | None,
    watch: Watch,
    *,
    depth: Depth = "config",
) -> tuple[Inspection, ...]:
    """One record for each name, in the order of their first mention; without a registry (offline) all are unknown."""
    unique = list({reference.name: reference for reference in references}.values())
    facts = read_references(unique, platforms, registry, watch, depth=depth)
    return tuple(judge(reference.name, known, platforms) for reference, known in zip(unique, facts, strict=True))


def read_references(
    references: Sequence[Reference],
    platforms: Sequence[Platform],
    registry: RegistryClient | None,
    watch: Watch,
    *,
    depth: Depth = "config",
) -> tuple[RegistryFacts, ...]:
    """Facts of each reference; what was learnt is kept even of a run that is interrupted."""
    if registry is None:
        return tuple(_offline(depth) for _ in references)
    total = len(references)
    try:
        with watch.stage(NETWORK):
            return registry.read(references, platforms, depth, lambda done: watch.count(NETWORK, done, total))
    finally:
        with watch.stage("cache"):
            registry.close()


def parse_platforms(texts: Iterable[str]) -> tuple[Platform, ...]:
    """Required platforms of `--platform`, repeated or separated by commas, each once.

    Raises:
        UsageError: one that is no platform, or none at all.
    """
    words = [word.strip() for text in texts for word in text.split(",") if word.strip()]
    try:
        platforms = tuple(dict.fromkeys(parse_platform(word) for word in words))
    except PlatformError as error:
        raise UsageError(f"--platform: {error}") from None
    if not platforms:
        raise UsageError("--platform: no platform is required", hint="For example --platform linux/arm64.")
    return platforms


def parse_lines(text: str) -> tuple[tuple[Reference, ...], tuple[BadLine, ...]]:
    """References one per line; blank lines and what follows a `#` at the start or after a blank are passed over."""
    references: list[Reference] = []
    bad: list[BadLine] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        words = f" {line}".partition(" #")[0].strip()
        if not words:
            continue
        try:
            references.append(parse_reference(words))
        except ReferenceError as error:
            bad.append(BadLine(number=number, reason=str(error)))
    return tuple(references), tuple(bad)


def _offline(depth: Depth) -> RegistryFacts:
    failure = Failure(verdict=Verdict.UNKNOWN, reason="offline: no registry is asked")
    return RegistryFacts(depth=depth, failure=failure)

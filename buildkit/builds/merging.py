"""Results of several runs, put together: which components are whole, and what speaks against merging them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.builds.plan import PlannedBuild
from buildkit.builds.result import PlatformResult, TagSeen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.builds.result import BuildResult

# What an index says of itself; the rest of the labels is for the images.
ANNOTATIONS = (
    "org.opencontainers.image.created",
    "org.opencontainers.image.revision",
    "org.opencontainers.image.source",
    "org.opencontainers.image.title",
    "org.opencontainers.image.version",
)


class MergeError(ValueError):
    """Results that do not belong together, or are not all there; `hint` is what to do."""

    def __init__(self, message: str, hint: str = "Give the results of every platform, of one version.") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """One component whose platforms are all built.

    Attributes:
        build: its plan.
        results: one for each platform of the plan, sorted by platform.
        tags: what its tags stood for when the first of them was built.
    """

    build: PlannedBuild
    results: tuple[PlatformResult, ...]
    tags: tuple[TagSeen, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """What the index is composed of, in full."""
        return tuple(f"{self.build.image}@{result.digest}" for result in self.results)

    @property
    def annotations(self) -> tuple[tuple[str, str], ...]:
        """What the index says of itself."""
        return tuple((name, value) for name, value in self.build.labels if name in ANNOTATIONS)


def plan_merges(found: Sequence[tuple[str, BuildResult]]) -> tuple[Merge, ...]:
    """One merge for each component of these results, by name; with each result where it comes from.

    Their order decides nothing, not even which of several errors is told.

    Raises:
        MergeError: a platform is missing or twice, or two runs built something else under one name.
    """
    versions = {result.version for _, result in found}
    if len(versions) > 1:
        raise MergeError(f"results of different versions: {', '.join(sorted(versions))}")
    plans: dict[str, tuple[str, PlannedBuild]] = {}
    results: defaultdict[str, dict[str, PlatformResult]] = defaultdict(dict)
    tags: defaultdict[str, list[TagSeen]] = defaultdict(list)
    for file, document in sorted(found, key=lambda one: one[0]):
        for build in document.builds:
            known = plans.setdefault(build.component, (file, build))
            _compare(known, (file, build))
        for result in document.results:
            _add(results[result.component], file, result)
        for seen in document.tags:
            tags[seen.tag].append(seen)
    if not plans:
        raise MergeError("no results: nothing was built")
    return tuple(_merge(plans[name][1], results[name], tags) for name in sorted(plans))


def _compare(known: tuple[str, PlannedBuild], other: tuple[str, PlannedBuild]) -> None:
    """Two runs must have built the same: only caches and checkouts may differ, which each runner has of its own."""
    if _essence(known[1]) != _essence(other[1]):
        what = _difference(known[1], other[1])
        raise MergeError(f"{other[1].component}: {known[0]} and {other[0]} were not built from the same plan: {what}")


def _essence(build: PlannedBuild) -> PlannedBuild:
    platforms = tuple(replace(one, cache_from=(), cache_to=()) for one in build.platforms)
    return replace(build, platforms=platforms, context="", dockerfile="")


def _difference(one: PlannedBuild, other: PlannedBuild) -> str:
    for name in ("revision", "image", "tags", "args", "labels", "target", "platforms"):
        a, b = getattr(_essence(one), name), getattr(_essence(other), name)
        if a != b:
            return f"{name} {_short(a)} and {_short(b)}"
    return "their plans differ"


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_short(one) for one in value)[:200] or "none"
    return str(getattr(value, "platform", value))[:200]


def _add(known: dict[str, PlatformResult], file: str, result: PlatformResult) -> None:
    before = known.setdefault(result.platform, result)
    manifests = {one.manifest for one in (before, result) if one.manifest}
    if before.digest != result.digest or len(manifests) > 1:
        raise MergeError(
            f"{result.component}: {result.platform} was built twice, {before.digest} and {result.digest} ({file})"
        )
    # The same digest twice: one resumed from the other, which knows how long it took.
    known[result.platform] = max(before, result, key=lambda one: (one.manifest is not None, one.seconds, repr(one)))


def _merge(build: PlannedBuild, results: dict[str, PlatformResult], tags: dict[str, list[TagSeen]]) -> Merge:
    wanted = [one.platform for one in build.platforms]
    lacking = [name for name in wanted if name not in results]
    if lacking:
        raise MergeError(f"{build.component}: no result of {', '.join(lacking)}: nothing is tagged")
    return Merge(
        build=build,
        results=tuple(results[name] for name in sorted(wanted)),
        tags=tuple(_seen(tag, tags.get(tag, [])) for tag in build.tags),
    )


def _seen(tag: str, seen: Iterable[TagSeen]) -> TagSeen:
    """What a tag stood for; of several runs that saw different things nothing can be said but that it moved."""
    digests = {one.digest for one in seen}
    if len(digests) > 1:
        raise MergeError(
            f"{tag} was moved while its platforms were built",
            hint="Find out who moved it; then build every platform again, from results that all saw the same.",
        )
    return TagSeen(tag=tag, digest=next(iter(digests), None))

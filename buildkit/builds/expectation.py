"""What a tag is expected to be: of a plan and the results of its builds, or the required platforms alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.model.execution import Execution
from buildkit.model.platform import Platform, parse_platform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.builds.plan import PlannedBuild
    from buildkit.builds.result import PlatformResult


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltDigest:
    """What the build of one platform reported: what it pushed, the image's own manifest, whether that starts there."""

    platform: Platform
    digest: str
    manifest: str | None = None
    execution: Execution | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What is held against the registry.

    Attributes:
        platforms: those that have to be there.
        exact: no other platform may be there (a plan says all of them).
        index: digest that the reference has to stand for; None: any.
        built: what the builds reported; None where nobody says, so that nothing is held against it.
        labels: labels that every platform's config has to have; None where nobody says.
        attest: kinds of attestation that every platform has to have: `provenance`, `sbom`.
        smoke: command that shows that the image starts.
    """

    platforms: tuple[Platform, ...]
    exact: bool = False
    index: str | None = None
    built: tuple[BuiltDigest, ...] | None = None
    labels: tuple[tuple[str, str], ...] | None = None
    attest: frozenset[str] = frozenset()
    smoke: tuple[str, ...] = ()


def expect(
    build: PlannedBuild, results: Iterable[PlatformResult] | None = None, *, index: str | None = None
) -> Expectation:
    """What a planned build is expected to be in the registry; `results` are those of its component.

    Raises:
        PlatformError: a platform that is none.
    """
    return Expectation(
        platforms=tuple(parse_platform(one.platform) for one in build.platforms),
        exact=True,
        index=index,
        built=None if results is None else tuple(map(_built, results)),
        labels=build.labels,
        attest=attested(build.attest),
        smoke=build.smoke,
    )


def attested(words: Iterable[str]) -> frozenset[str]:
    """Kinds that `--attest` asks for: `type=provenance,mode=max`; a later word for the same kind replaces the first."""
    kinds: dict[str, bool] = {}
    for word in words:
        fields = dict(part.partition("=")[::2] for part in word.split(","))
        kind = fields.get("type", "")
        if kind:
            kinds[kind] = fields.get("disabled", "false").lower() not in {"true", "1"}
    return frozenset(kind for kind, wanted in kinds.items() if wanted)


def _built(result: PlatformResult) -> BuiltDigest:
    return BuiltDigest(
        platform=parse_platform(result.platform),
        digest=result.digest,
        manifest=result.manifest,
        execution=result.execution,
    )

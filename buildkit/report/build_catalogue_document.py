"""`kfkit/build-catalogue/v1`: components with platforms as words, and what of them is no longer so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.builds.drift import Checked, Drift

if TYPE_CHECKING:
    from buildkit.builds.component import Component
    from buildkit.builds.drift import CatalogueCheck


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformRecord:
    """A platform that is built, and the runner native to it."""

    platform: str
    runner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitRecord:
    """A platform that cannot be built yet, and why."""

    platform: str
    reason: str
    link: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentRecord:
    """A component; keys are those of the catalogue."""

    name: str
    image: str
    tag: str
    source: str
    ref: str | None = None
    context: str
    dockerfile: str
    target: str | None = None
    args: Mapping[str, str]
    platforms: tuple[PlatformRecord, ...]
    labels: Mapping[str, str]
    smoke: tuple[str, ...]
    limits: tuple[LimitRecord, ...]
    needs: tuple[str, ...]
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueDocument:
    """`kfkit build catalogue`: what is built from what; `drift` is what a checkout has otherwise."""

    catalogue: str
    components: tuple[ComponentRecord, ...]
    checked: tuple[Checked, ...]
    unchecked: tuple[str, ...]
    drift: tuple[Drift, ...]


def catalogue_document(check: CatalogueCheck) -> CatalogueDocument:
    """The document of a check."""
    return CatalogueDocument(
        catalogue=check.catalogue,
        components=tuple(_record(one) for one in check.components),
        checked=check.checked,
        unchecked=check.unchecked,
        drift=check.drift,
    )


def _record(one: Component) -> ComponentRecord:
    return ComponentRecord(
        name=one.name,
        image=one.image,
        tag=one.tag,
        source=one.source.name,
        ref=one.source.ref if one.source.repository else None,
        context=one.context,
        dockerfile=one.dockerfile,
        target=one.target,
        args=dict(one.args),
        platforms=tuple(PlatformRecord(platform=str(each.platform), runner=each.runner) for each in one.targets),
        labels=dict(one.labels),
        smoke=one.smoke,
        limits=tuple(
            LimitRecord(platform=str(each.platform), reason=each.reason, link=each.link) for each in one.limits
        ),
        needs=one.needs,
        line=one.line,
    )

"""From components to builds: tags, labels, caches, attestations and runners. The same input gives the same plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from buildkit.builds.plan import CacheKind, Excluded, Plan, PlannedBuild, PlannedPlatform
from buildkit.builds.words import fill, names_in
from buildkit.errors import UsageError
from buildkit.model.reference import ReferenceError, is_tag, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildkit.builds.component import Component, Target
    from buildkit.model.platform import Platform

DIRTY: Final = "+dirty"
_OCI: Final = "org.opencontainers.image."
_LONGEST_TAG: Final = 128
_NAMED: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What is asked of every build.

    Attributes:
        version: becomes the tag, and stands for `{version}`.
        tags: more tags.
        registry: host, and what comes before every repository there, instead of the catalogue's hosts.
        cache, cache_folder: what kind of cache; the folder of a local one.
        sbom: attach a software bill of materials.
        epoch: SOURCE_DATE_EPOCH.
    """

    version: str
    tags: tuple[str, ...] = ()
    registry: str | None = None
    cache: CacheKind = "none"
    cache_folder: str = ""
    sbom: bool = False
    epoch: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Where a component's files are, and what git says of them.

    Attributes:
        context, dockerfile: as in the plan.
        revision: commit, with `+dirty` where its files differ from it; None where unknown.
        committed: when that commit was made, seconds since 1970.
        repository: URL for people.
    """

    context: str
    dockerfile: str
    revision: str | None = None
    committed: int | None = None
    repository: str | None = None


def plan_builds(
    components: Sequence[Component], found: Mapping[str, Found], settings: Settings, catalogue: str
) -> Plan:
    """The plan of all these components for every platform they know; `found` by name.

    Raises:
        UsageError: a tag, a repository or an argument that comes out wrong.
    """
    builds = tuple(plan_build(one, found[one.name], settings) for one in components)
    excluded = tuple(
        Excluded(component=one.name, platform=str(limit.platform), reason=limit.reason, link=limit.link)
        for one in components
        for limit in one.limits
    )
    return Plan(
        catalogue=catalogue,
        version=settings.version,
        epoch=settings.epoch,
        builds=tuple(one for one in builds if one.platforms),
        excluded=excluded,
    )


def plan_build(component: Component, found: Found, settings: Settings) -> PlannedBuild:
    """The build of one component."""
    image = _image(component, settings)
    created = settings.epoch if settings.epoch is not None else found.committed
    standard = {
        "title": component.name,
        "version": settings.version,
        "revision": found.revision,
        "source": found.repository,
        "created": None if created is None else iso_time(created),
    }
    values = _values(component, found, settings)
    labels = {f"{_OCI}{name}": text for name, text in standard.items() if text is not None}
    labels |= dict(_filled(component.labels, values))
    return PlannedBuild(
        component=component.name,
        image=image,
        tags=_tags(component, image, settings),
        context=found.context,
        dockerfile=found.dockerfile,
        target=component.target,
        args=tuple(sorted(_filled(component.args, values))),
        labels=tuple(sorted(labels.items())),
        attest=("type=provenance,mode=max", *(("type=sbom",) if settings.sbom else ())),
        platforms=tuple(_platform(component, image, target, settings) for target in component.targets),
        smoke=component.smoke,
        revision=found.revision,
        repository=found.repository,
        needs=component.needs,
    )


def narrow(plan: Plan, components: Sequence[Component], platforms: Sequence[Platform]) -> Plan:
    """The plan with these platforms only; those with a known limit are told as excluded.

    Raises:
        UsageError: a platform that a component does not know.
    """
    wanted = {str(one) for one in platforms}
    for platform in platforms:
        _check_known(components, platform)
    builds = (
        replace(one, platforms=tuple(each for each in one.platforms if each.platform in wanted)) for one in plan.builds
    )
    return replace(
        plan,
        builds=tuple(one for one in builds if one.platforms),
        excluded=tuple(one for one in plan.excluded if one.platform in wanted),
    )


def slug(platform: str) -> str:
    """`linux-arm-v7`, where a slash cannot stand."""
    return platform.replace("/", "-")


def iso_time(seconds: int) -> str | None:
    """RFC 3339 in UTC; None for a time that no calendar has: commits can say any."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def _check_known(components: Sequence[Component], platform: Platform) -> None:
    lacking = [one for one in components if platform not in _known(one)]
    if not lacking:
        return
    first = lacking[0]
    names = ", ".join(one.name for one in lacking[:_NAMED]) + (" and others" if len(lacking) > _NAMED else "")
    raise UsageError(
        f"{first.file}:{first.line}: platforms: {platform} is not among those of {names}",
        hint=f"{first.name} has {', '.join(map(str, _known(first)))}; add it there, or name other components",
    )


def _known(component: Component) -> list[Platform]:
    return [*(one.platform for one in component.targets), *(one.platform for one in component.limits)]


def _host(image: str) -> str:
    return image.partition("/")[0]


def _image(component: Component, settings: Settings) -> str:
    if settings.registry is None:
        return component.image
    image = f"{settings.registry}/{component.image.partition('/')[2]}"
    try:
        return parse_reference(image).repository_name
    except ReferenceError as error:
        raise UsageError(f"--registry: {error}") from None


def _tags(component: Component, image: str, settings: Settings) -> tuple[str, ...]:
    tags: dict[str, None] = {}
    for version in (settings.version, *settings.tags):
        tag = fill(component.tag, {"version": version})
        if not is_tag(tag):
            raise UsageError(
                f"{component.file}:{component.line}: tag: '{tag[:_LONGEST_TAG]}' is no tag",
                hint="letters, digits, and _ . - after the first, 128 characters at most",
            )
        tags[f"{image}:{tag}"] = None
    return tuple(tags)


def _values(component: Component, found: Found, settings: Settings) -> dict[str, str]:
    values = {"version": settings.version, "registry": settings.registry or _host(component.image)}
    return values | ({"revision": found.revision} if found.revision else {})


def _filled(pairs: Iterable[tuple[str, str]], values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs with their values put in; one that speaks of a revision that is not known is left out."""
    return [
        (name, fill(text, values)) for name, text in pairs if "revision" in values or "revision" not in names_in(text)
    ]


def _platform(component: Component, image: str, target: Target, settings: Settings) -> PlannedPlatform:
    platform = str(target.platform)
    cache_from, cache_to = _caches(component, image, platform, settings)
    return PlannedPlatform(platform=platform, runner=target.runner, cache_from=cache_from, cache_to=cache_to)


def _caches(
    component: Component, image: str, platform: str, settings: Settings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One cache for each component and platform. That one cannot be stored fails no release."""
    scope = f"{component.name}-{slug(platform)}"
    stored = "mode=max,ignore-error=true"
    if settings.cache == "registry":
        # Two components that share an image tell their tags apart.
        tag = f"buildcache-{slug(platform) if component.tag == '{version}' else scope}"[:_LONGEST_TAG]
        return (f"type=registry,ref={image}:{tag}",), (f"type=registry,ref={image}:{tag},{stored}",)
    if settings.cache == "gha":
        return (f"type=gha,scope={scope}",), (f"type=gha,scope={scope},{stored}",)
    if settings.cache == "local":
        folder = f"{settings.cache_folder}/{scope}"
        return ("type=local," + _field("src", folder),), (f"type=local,{_field('dest', folder)},{stored}",)
    return (), ()


def _field(name: str, value: str) -> str:
    """One field of what buildx reads as CSV."""
    text = f"{name}={value}"
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"') else text

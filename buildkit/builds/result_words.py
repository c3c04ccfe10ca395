"""What the words of a result file may be. It comes from another job, and from it come arguments of buildx and tags.

It can only name tags of the repositories that it pushed to. Whether those are the ones that were meant is for who gives
the credentials: to a job that merges, those of its own repositories alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.builds.words import WordError, check_image, check_name, check_platform
from buildkit.model.reference import (
    ReferenceError,  # noqa: A004  # the field's word
    is_digest,
    is_tag,
    parse_reference,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from buildkit.builds.plan import PlannedBuild
    from buildkit.builds.result import BuildResult, PlatformResult

_SHOWN = 80


def check_result(result: BuildResult) -> None:
    """Hold every word to what it is said to be.

    Raises:
        WordError: the first that is not, with its key.
    """
    if not is_tag(result.version):
        raise WordError(f"version: {_quoted(result.version)} is no tag")
    for build in result.builds:
        _check_build(build)
    _check_once("builds", (build.component for build in result.builds))
    platforms = {build.component: {one.platform for one in build.platforms} for build in result.builds}
    for one in result.results:
        _check_pushed(one, platforms.get(one.component))
    _check_once("results", (f"{one.component} {one.platform}" for one in result.results))
    tags = {tag for build in result.builds for tag in build.tags}
    for seen in result.tags:
        if seen.tag not in tags:
            raise WordError(f"tags: {_quoted(seen.tag)} is not among those of its builds")
        _check_digest("tags", seen.digest)
    _check_once("tags", (seen.tag for seen in result.tags))


def _check_build(build: PlannedBuild) -> None:
    try:
        check_name(build.component)
        _check_written(build.image, check_image(build.image))
        for one in build.platforms:
            _check_written(one.platform, str(check_platform(one.platform)))
    except WordError as error:
        raise WordError(f"builds: {error}") from None
    _check_once("builds", (one.platform for one in build.platforms))
    _check_once("builds", build.tags)
    for tag in build.tags:
        _check_tag(tag, build.image)


def _check_written(text: str, wanted: str) -> None:
    if text != wanted:
        raise WordError(f"{_quoted(text)} is not written in full: {wanted}")


def _check_tag(tag: str, image: str) -> None:
    try:
        reference = parse_reference(tag)
    except ReferenceError as error:
        raise WordError(f"builds: {error}") from None
    if not reference.tag or reference.digest or tag != f"{image}:{reference.tag}":
        raise WordError(f"builds: {_quoted(tag)} is no tag of {image}")


def _check_pushed(one: PlatformResult, platforms: Collection[str] | None) -> None:
    if platforms is None:
        raise WordError(f"results: {_quoted(one.component)} is not among its builds")
    if one.platform not in platforms:
        raise WordError(f"results: {_quoted(one.platform)} is not among the platforms of {one.component}")
    if not is_digest(one.digest):
        raise WordError(f"results: {_quoted(one.digest)} is no digest")
    _check_digest("results", one.manifest)


def _check_digest(key: str, digest: str | None) -> None:
    if digest is not None and not is_digest(digest):
        raise WordError(f"{key}: {_quoted(digest)} is no digest")


def _check_once(key: str, names: Iterable[str]) -> None:
    known: set[str] = set()
    for name in names:
        if name in known:
            raise WordError(f"{key}: {_quoted(name)} stands there twice")
        known.add(name)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")

"""What `kfkit build verify` is asked to verify: tags, and what a plan and results of its builds say of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.builds.expectation import Expectation, expect
from buildkit.builds.plan import Plan, PlannedBuild
from buildkit.errors import UsageError
from buildkit.flows.build_results import read_document, read_results
from buildkit.flows.build_verify import Request
from buildkit.model.platform import Platform, PlatformError
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.result import BuildResult, PlatformResult


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyOptions:
    """What was asked.

    Attributes:
        tags: references; none: every tag of the plan, or of the results.
        plan: a `kfkit/build-plan/v1` document.
        results: `kfkit/build-result/v1` documents, or folders of them.
        platforms: required where no plan says it.
        smoke: command where no plan has one.
    """

    tags: tuple[str, ...] = ()
    plan: Path | None = None
    results: tuple[Path, ...] = ()
    platforms: tuple[Platform, ...]
    smoke: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """A planned build as it is expected; `source` is the file that says so."""

    source: str
    build: PlannedBuild
    expected: Expectation
    image: Reference
    tags: tuple[Reference, ...]


def plan_requests(options: VerifyOptions) -> tuple[Request, ...]:
    """One request for each tag, each once, in the order of the arguments or of the plan.

    Raises:
        UsageError: an argument is no reference, or not in the plan; a file is wrong, or of another plan; no tag.
    """
    known = _known_builds(options)
    asked = [_parsed(text, "") for text in options.tags]
    if asked and not known:
        plain = Expectation(platforms=options.platforms, smoke=options.smoke)
        requests = [Request(reference=reference, expected=plain) for reference in asked]
    elif asked:
        requests = [_request(reference, known) for reference in asked]
    else:
        requests = [Request(reference=tag, expected=one.expected) for one in known for tag in one.tags]
    if not requests:
        raise UsageError("no tag was given", hint="Name one, or give a plan with tags (--plan).")
    return tuple({request.reference.name: request for request in requests}.values())


def _request(reference: Reference, known: Sequence[_Known]) -> Request:
    """The planned build that a reference is of: by its tag, or by its repository where it names a digest alone."""
    fitting = [one for one in known if one.image.repository_name == reference.repository_name]
    if reference.tag or not reference.digest:
        name = replace(reference, digest=None).name
        fitting = [one for one in fitting if name in {tag.name for tag in one.tags}]
    if len(fitting) == 1:
        return Request(reference=reference, expected=fitting[0].expected)
    files = ", ".join(sorted({one.source for one in known}))
    if fitting:
        raise UsageError(f"{reference.name}: several builds of {files} push there", hint="Name a tag.")
    raise UsageError(f"{reference.name} is no tag of {files}", hint="Leave it out to verify all the plan's tags.")


def _known_builds(options: VerifyOptions) -> list[_Known]:
    results = read_results(options.results) if options.results else ()
    if options.plan is not None:
        plan = read_document(options.plan, "build-plan", Plan)
        sources = [(str(options.plan), build) for build in plan.builds] if plan else []
        if plan:
            _check_versions(plan, results)
    else:
        first = {build.component: (file, build) for file, one in reversed(results) for build in one.builds}
        sources = [first[name] for name in sorted(first)]
    reported = _reported(results) if options.results else None
    return [_known(source, build, reported, options) for source, build in sources]


def _known(
    source: str, build: PlannedBuild, reported: dict[str, list[PlatformResult]] | None, options: VerifyOptions
) -> _Known:
    results = None if reported is None else reported.get(build.component, [])
    try:
        expected = expect(build, results)
    except PlatformError as error:
        raise UsageError(f"{source}: {build.component[:80]}: {error}") from None
    return _Known(
        source=source,
        build=build,
        expected=replace(expected, smoke=expected.smoke or options.smoke),
        image=_parsed(build.image, source),
        tags=tuple(_parsed(tag, source) for tag in build.tags),
    )


def _reported(results: Sequence[tuple[str, BuildResult]]) -> dict[str, list[PlatformResult]]:
    """By component, what was pushed; one platform has one digest."""
    found: dict[str, list[PlatformResult]] = {}
    digests: dict[tuple[str, str], str] = {}
    for file, document in results:
        for one in document.results:
            before = digests.setdefault((one.component, one.platform), one.digest)
            if before != one.digest:
                raise UsageError(
                    f"{file}: {one.component} was built twice for {one.platform}: {before} and {one.digest}",
                    hint="Give the results of one run alone.",
                )
            found.setdefault(one.component, []).append(one)
    return found


def _check_versions(plan: Plan, results: Sequence[tuple[str, BuildResult]]) -> None:
    """Results of another plan would only make every digest look wrong."""
    images = {build.component: build.image for build in plan.builds}
    for file, document in results:
        if document.version != plan.version:
            raise UsageError(f"{file}: it is of version {document.version[:80]!r}, the plan of {plan.version[:80]!r}")
        for build in document.builds:
            if images.get(build.component, build.image) != build.image:
                raise UsageError(f"{file}: {build.component} pushes to {build.image}, the plan to another repository")


def _parsed(text: str, source: str) -> Reference:
    try:
        return parse_reference(text)
    except ReferenceError as error:
        where = f"{source}: " if source else ""
        raise UsageError(f"{where}{error}", hint="A reference is [HOST/]REPOSITORY[:TAG][@DIGEST].") from None

"""`kfkit build run`: plan -> builder -> each platform by digest -> index -> verification -> tags."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.builds.expectation import Expectation, attested
from buildkit.builds.merging import MergeError, plan_merges
from buildkit.builds.outcome import ComponentOutcome, RunOutcome, TagOutcome
from buildkit.builds.plan import Plan, PlannedBuild
from buildkit.builds.result import TagSeen
from buildkit.builds.verification import verify
from buildkit.edges.registry.origin import is_loopback, parse_authority
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_board import Target
from buildkit.flows.build_emulators import check_emulators
from buildkit.flows.build_nodes import open_builders
from buildkit.flows.build_release import Press, release
from buildkit.flows.build_results import read_results, result_path
from buildkit.flows.build_resume import resumable
from buildkit.flows.build_scene import BuilderRequest, Builders
from buildkit.flows.build_started import start_built
from buildkit.flows.build_targets import FindManifest, Workshop, build_targets
from buildkit.flows.build_verify import Starter
from buildkit.model.contents import Wanted
from buildkit.model.facts import Failure
from buildkit.model.platform import parse_platform
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.build_board import Outcomes
    from buildkit.flows.build_release import Released
    from buildkit.flows.watch import Watch

_NO_BUILDER: Final = "none was asked"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRequest:
    """How a plan is carried out.

    Attributes:
        plan: every platform of each component, those that are built elsewhere too.
        platforms: those to build here; all of the plan: tags follow.
        builder: which builder is wanted.
        keys: digests of what goes into each component's platform; None where that cannot be told.
        folder: where results and logs go.
        seconds: time limit of each platform of a component.
        jobs: how many a node builds at once.
        fresh: build again what the registry has already.
        merge: whether tags follow where every platform is built here.
        force: move tags that stand for something else.
        engine: starts each platform before it is tagged, of a part of them each that is built here; None: nothing is
            started.
    """

    plan: Plan
    platforms: tuple[str, ...]
    builder: BuilderRequest
    keys: Mapping[tuple[str, str], str | None]
    folder: Path
    seconds: float
    jobs: int = 1
    fresh: bool = False
    merge: bool = True
    force: bool = False
    engine: Starter | None = None


def run_builds(request: RunRequest, registry: RegistryClient, watch: Watch) -> RunOutcome:
    """Carry a plan out.

    Raises:
        UsageError: a tag would be moved without --force; the builder that was asked for cannot do it.
        UndeterminedError: there is no builder, or a registry does not answer before anything is built.
    """
    builds = [
        build for build in request.plan.builds if any(one.platform in request.platforms for one in build.platforms)
    ]
    whole = all(one.platform in request.platforms for build in builds for one in build.platforms)
    complete = whole and request.merge
    with watch.stage("tags seen"):
        seen = _see_tags(builds, registry)
    there = frozenset() if request.fresh else resumable(builds, request.platforms, request.keys, request.folder)
    if refused := _refused(builds, seen, request, there):
        return refused
    with ExitStack() as stack:
        with watch.stage("builder"):
            builders = open_builders(request.builder, stack, watch)
        watch.tell(f"builder: {builders.said}")
        targets = _targets(builds, request, builders, seen)
        check_emulators([one for one in targets if (one.build.component, one.platform.platform) not in there])
        shop = Workshop(
            buildx=builders.buildx,
            folder=request.folder,
            version=request.plan.version,
            epoch=request.plan.epoch,
            seconds=request.seconds,
            jobs=request.jobs,
            fresh=request.fresh,
            find_manifest=_finder(registry, builds),
        )
        with watch.stage("build"):
            outcomes = build_targets(targets, shop, watch)
        press = Press(
            buildx=builders.buildx,
            builder=builders.nodes[0].builder,
            registry=registry,
            force=request.force,
            engine=request.engine,
        )
        if request.engine and not complete:
            outcomes = start_built(targets, outcomes, request.folder, request.engine, watch)
        released = _release(builds, outcomes, request, press, watch) if complete else ()
    return _outcome(request, builders.said, builds, outcomes, released, complete=complete)


def nothing_to_build(plan: Plan) -> RunOutcome:
    """What comes of a plan without builds, such as one of what changed where nothing did."""
    return RunOutcome(version=plan.version, builder=_NO_BUILDER, complete=False, components=())


def pushes_to_loopback(build: PlannedBuild) -> bool:
    """Whether its registry is on this machine."""
    return is_loopback(parse_authority(parse_reference(build.image).registry, "https").host)


def _see_tags(builds: Sequence[PlannedBuild], registry: RegistryClient) -> dict[str, TagSeen]:
    """What the tags stand for now."""
    names = [tag for build in builds for tag in build.tags]
    found = registry.resolve_all([parse_reference(name) for name in names])
    for name, now in zip(names, found, strict=True):
        if isinstance(now, Failure):
            raise UndeterminedError(
                f"{name}: what it stands for now is not known: {now.reason}",
                hint="Nothing was built. Is the registry there, and who are you to it (`docker login`)?",
            )
    return {name: TagSeen(tag=name, digest=str(now) if now else None) for name, now in zip(names, found, strict=True)}


def _refused(
    builds: Sequence[PlannedBuild], seen: Mapping[str, TagSeen], request: RunRequest, there: Collection[tuple[str, str]]
) -> RunOutcome | None:
    """What comes of a run that would move a tag without --force: nothing is built, unless all of it is there already.

    A build that is made again never gives the same index: its provenance says when it was made.
    """
    components = []
    for build in builds:
        taken = [seen[tag] for tag in build.tags if seen[tag].digest]
        here = [(build.component, one.platform) for one in build.platforms if one.platform in request.platforms]
        problem = None
        if taken and not request.force and not all(one in there for one in here):
            problem = f"{taken[0].tag} stands for {taken[0].digest} and is not moved without --force: nothing was built"
        tags = tuple(TagOutcome(tag=tag, state="kept", reason="nothing was built") for tag in build.tags)
        components.append(ComponentOutcome(component=build.component, image=build.image, tags=tags, problem=problem))
    if not any(one.problem for one in components):
        return None
    return RunOutcome(version=request.plan.version, builder=_NO_BUILDER, complete=False, components=tuple(components))


def _targets(
    builds: Sequence[PlannedBuild], request: RunRequest, builders: Builders, seen: Mapping[str, TagSeen]
) -> list[Target]:
    return [
        Target(
            build=build,
            platform=platform,
            node=builders.node(parse_platform(platform.platform)),
            key=request.keys.get((build.component, platform.platform)),
            seen=tuple(seen[tag] for tag in build.tags),
        )
        for build in builds
        for platform in build.platforms
        if platform.platform in request.platforms
    ]


def _finder(registry: RegistryClient, builds: Sequence[PlannedBuild]) -> FindManifest:
    """Reads back what one build pushed: that it is an image of its platform, whole, with what was attested."""
    attests = {build.image: attested(build.attest) for build in builds}

    def find(name: str, platform: str) -> str:
        reference = parse_reference(name)
        (contents,) = registry.contents([Wanted(reference=reference)])
        wanted = Expectation(
            platforms=(parse_platform(platform),),
            exact=True,
            index=reference.digest,
            attest=attests.get(reference.repository_name, frozenset()),
        )
        found = verify(contents, wanted)
        remarks = [remark for check in found.checks for remark in check.remarks]
        digest = next((row.digest for row in found.platforms if row.expected), None)
        if remarks or digest is None:
            said = "; ".join(remark.message for remark in remarks) or "there is no image in it"
            fix = remarks[0].fix if remarks else ""
            raise UndeterminedError(f"what was pushed is no {platform} image that serves: {said}", hint=fix)
        return digest

    return find


def _release(
    builds: Sequence[PlannedBuild], outcomes: Outcomes, request: RunRequest, press: Press, watch: Watch
) -> tuple[Released, ...]:
    """Merge and tag, where every platform of every component is there; else nothing is."""
    if any(one.state not in {"built", "resumed"} for one in outcomes.values()):
        return ()
    paths = [
        result_path(request.folder, build.component, platform.platform)
        for build in builds
        for platform in build.platforms
    ]
    found = read_results(paths)
    for file, document in found:
        for one in document.results:
            if one.digest != outcomes[one.component, one.platform].digest:
                raise UsageError(
                    f"{file}: another run has written there meanwhile",
                    hint="Give each run a folder of its own (--results); the same command again resumes.",
                )
    try:
        merges = plan_merges(found)
    except MergeError as error:
        raise UsageError(str(error), hint=error.hint) from error
    return release(merges, press, watch)


def _outcome(  # noqa: PLR0913  # one keyword per fact of a run
    request: RunRequest,
    builder: str,
    builds: Sequence[PlannedBuild],
    outcomes: Outcomes,
    released: Sequence[Released],
    *,
    complete: bool,
) -> RunOutcome:
    by_name = {one.component: one for one in released}
    results = [
        str(result_path(request.folder, component, platform))
        for (component, platform), one in sorted(outcomes.items())
        if one.state in {"built", "resumed"}
    ]
    return RunOutcome(
        version=request.plan.version,
        builder=builder,
        complete=complete,
        components=tuple(
            _component(build, outcomes, by_name.get(build.component), complete=complete) for build in builds
        ),
        results=tuple(results),
    )


def _component(
    build: PlannedBuild, outcomes: Outcomes, released: Released | None, *, complete: bool
) -> ComponentOutcome:
    platforms = tuple(
        outcomes[build.component, one.platform]
        for one in build.platforms
        if (build.component, one.platform) in outcomes
    )
    if released is None:
        reason = f"{_failed(outcomes)} failed" if complete else "merge sets it, when every platform is there"
        tags = tuple(TagOutcome(tag=tag, state="kept", reason=reason) for tag in build.tags)
        return ComponentOutcome(component=build.component, image=build.image, platforms=platforms, tags=tags)
    return released.as_outcome(build, platforms)


def _failed(outcomes: Outcomes) -> str:
    """The first of those that are in the way of every tag: `console linux/arm64`."""
    names = sorted(" ".join(key) for key, one in outcomes.items() if one.state in {"failed", "late"})
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else next(iter(names), "a platform")

"""`kfkit build plan`: catalogue -> components -> their files -> the plan. `build run` begins with the same."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.builds.contexts import from_folder, git_address, git_context, is_remote, split_git_context, web_address
from buildkit.builds.keys import content_key
from buildkit.builds.plan import CacheKind, Plan
from buildkit.builds.planning import DIRTY, Found, Settings, iso_time, narrow, plan_builds
from buildkit.builds.selection import select, with_related
from buildkit.builds.words import WordError, check_ref, check_registry, fill
from buildkit.edges.files import real_path
from buildkit.edges.git import find_commit, is_commit
from buildkit.errors import UsageError
from buildkit.flows.build_sources import (
    Checkout,
    Place,
    check_printable,
    check_used,
    checkout_of,
    parse_checkouts,
    place_of,
    read_catalogue,
    source_folder,
)
from buildkit.flows.build_trees import NO_COMMIT, Trees
from buildkit.model.platform import Platform
from buildkit.model.reference import is_tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.builds.component import Catalogue, Component
    from buildkit.builds.plan import PlannedBuild
    from buildkit.flows.watch import Watch

_NUMBER: Final = re.compile(r"\d{1,12}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRequest:
    """What is to be built.

    Attributes:
        version: becomes the tag.
        components: names, globs, OWNER/REPO; none: all.
        catalogue: file; None for the default one.
        tags: more tags.
        platforms: only these; none: all that each component knows.
        registry: host, and prefix, to push to instead of the catalogue's.
        sources: `OWNER/REPO[@BRANCH]=DIR` each.
        cache, cache_folder: what kind, and the folder of a local one.
        sbom: attach a software bill of materials.
        resolve: ask the hosts of remote sources which commit a ref is.
        changed_since: a git revision; only components whose files changed since.
    """

    version: str
    components: tuple[str, ...] = ()
    catalogue: Path | None = None
    tags: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    registry: str | None = None
    sources: tuple[str, ...] = ()
    cache: CacheKind = "none"
    cache_folder: Path | None = None
    sbom: bool = False
    resolve: bool = False
    changed_since: str | None = None


def make_plan(request: PlanRequest, watch: Watch) -> Plan:
    """Read the catalogue and what git says of the sources, and plan.

    Raises:
        UsageError: wrong arguments or a wrong catalogue, files that are not there.
        UndeterminedError: a remote source's commit could not be found out.
    """
    settings = _settings(request)
    checkouts = parse_checkouts(request.sources)
    with watch.stage("catalogue"):
        catalogue = read_catalogue(request.catalogue, checkouts, watch)
    check_used(checkouts, catalogue)
    chosen = select(catalogue, request.components)
    with watch.stage("sources"):
        places = {one.name: _place(one, checkouts, catalogue) for one in chosen}
        trees = Trees(places=tuple(dict.fromkeys(place for place in places.values() if place)))
        kept = _changed(chosen, places, trees, request.changed_since)
        commits = _resolved(kept, places, settings, watch) if request.resolve else {}
        found = {one.name: _find(one, places[one.name], trees, settings, commits) for one in kept}
    for root in trees.unread():
        watch.tell(f"{root}: git tells no commit of it, so images will not say what they are built from: {NO_COMMIT}")
    plan = plan_builds(kept, found, settings, catalogue.file)
    if request.platforms:
        plan = narrow(plan, kept, request.platforms)
    left_out = {one.name for one in chosen} - {one.name for one in kept}
    return replace(plan, unchanged=tuple(one.name for one in chosen if one.name in left_out))


def content_keys(plan: Plan) -> dict[tuple[str, str], str | None]:
    """A key of everything that goes into each platform of each component; None where that cannot be told.

    It can not of a git URL whose ref is no commit, nor of folders that are too large or cannot be read.
    """
    local = {one.component: _place_of_build(one) for one in plan.builds if not is_remote(one.context)}
    states = Trees(places=tuple(dict.fromkeys(local.values()))).states()
    return {
        (one.component, each.platform): content_key(one, each.platform, plan.epoch, state)
        for one in plan.builds
        for state in (states[local[one.component]] if one.component in local else _remote_state(one),)
        for each in one.platforms
    }


def read_epoch() -> int | None:
    """SOURCE_DATE_EPOCH (reproducible-builds.org); None where it is not set."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or iso_time(int(text)) is None:
        raise UsageError("SOURCE_DATE_EPOCH is no number of seconds since 1970.")
    return int(text)


def _settings(request: PlanRequest) -> Settings:
    for option, tags in (("--version", (request.version,)), ("--tag", request.tags)):
        for tag in tags:
            if not is_tag(tag):
                raise UsageError(
                    f"{option}: '{tag[:100]}' is no tag",
                    hint="letters, digits, and _ . - after the first, 128 characters at most",
                )
    if request.registry is not None:
        try:
            check_registry(request.registry)
        except WordError as error:
            raise UsageError(f"--registry: {error}", hint="HOST or HOST/PREFIX") from None
    if (request.cache == "local") != (request.cache_folder is not None):
        raise UsageError("--cache local and --cache-dir belong together")
    check_printable(str(request.cache_folder or ""), "--cache-dir")
    return Settings(
        version=request.version,
        tags=request.tags,
        registry=request.registry,
        cache=request.cache,
        cache_folder=str(request.cache_folder or ""),
        sbom=request.sbom,
        epoch=read_epoch(),
    )


def _place(component: Component, checkouts: Sequence[Checkout], catalogue: Catalogue) -> Place | None:
    folder = source_folder(component.source, checkout_of(component.source, checkouts, catalogue), catalogue)
    return None if folder is None else place_of(component, folder)


def _changed(
    components: Sequence[Component], places: Mapping[str, Place | None], trees: Trees, revision: str | None
) -> tuple[Component, ...]:
    """The components whose files changed since the revision, and what they are tied to; all without a revision."""
    if revision is None:
        return tuple(components)
    remote = next((one for one in components if places[one.name] is None), None)
    if remote is not None:
        name = remote.source.name
        raise UsageError(
            f"--changed-since: the files of {remote.name} are in {name}, of which no checkout is named",
            hint=f"--source {name}=DIR, or name other components",
        )
    changed = trees.changed_since(revision)
    kept = with_related(components, [one.name for one in components if places[one.name] in changed])
    return tuple(one for one in components if one.name in kept)


def _find(
    component: Component, place: Place | None, trees: Trees, settings: Settings, commits: Mapping[tuple[str, str], str]
) -> Found:
    if place is None:
        return _remote(component, settings, commits)
    tree = trees.tree_of(place)
    repository = component.source.repository
    address = web_address(repository) if repository else None
    if tree is None:
        return Found(context=place.context, dockerfile=place.dockerfile, repository=address)
    return Found(
        context=place.context,
        dockerfile=place.dockerfile,
        revision=tree.commit + (DIRTY if trees.is_dirty(place, tree) else ""),
        committed=tree.committed,
        repository=address or tree.origin,
    )


def _remote(component: Component, settings: Settings, commits: Mapping[tuple[str, str], str]) -> Found:
    repository, ref = _repository_and_ref(component, settings)
    dockerfile = from_folder(component.dockerfile, component.context)
    if dockerfile.startswith("../"):
        raise UsageError(
            f"{component.file}:{component.line}: dockerfile: outside the context, where builders that fetch it from "
            "git do not find it",
            hint=f"--source {component.source.name}=DIR",
        )
    ref = commits.get((repository, ref), ref)
    return Found(
        context=git_context(repository, ref, component.context),
        dockerfile=dockerfile,
        revision=ref if is_commit(ref) else None,
        repository=web_address(repository),
    )


def _repository_and_ref(component: Component, settings: Settings) -> tuple[str, str]:
    ref = fill(component.source.ref, {"version": settings.version})
    try:
        check_ref(ref)
    except WordError as error:
        raise UsageError(f"{component.file}:{component.line}: ref: {error}") from None
    return component.source.repository or "", ref


def _resolved(
    components: Sequence[Component], places: Mapping[str, Place | None], settings: Settings, watch: Watch
) -> dict[tuple[str, str], str]:
    """The commits of remote refs, asked once each."""
    remote = [_repository_and_ref(one, settings) for one in components if places[one.name] is None]
    found: dict[tuple[str, str], str] = {}
    for number, (repository, ref) in enumerate(wanted := sorted(set(remote))):
        watch.count("refs", number, len(wanted))
        found[repository, ref] = find_commit(git_address(repository), ref)
    return found


def _remote_state(build: PlannedBuild) -> str | None:
    address, ref = split_git_context(build.context)
    return f"commit:{address}#{ref}" if is_commit(ref) else None


def _place_of_build(build: PlannedBuild) -> Place:
    return Place(
        context=build.context,
        dockerfile=build.dockerfile,
        real_context=real_path(build.context),
        real_dockerfile=real_path(build.dockerfile),
    )

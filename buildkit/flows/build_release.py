"""From results to tags: compose each index, push it by digest, verify what the registry has, and only then set tags.

Tags are set when every component of the run is proven, one after another; what was set and what was not is told where
it is interrupted. A registry has no way to set a tag only if it still stands for what it did: it is asked just before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.builds.expectation import expect
from buildkit.builds.outcome import ComponentOutcome, PlatformOutcome, TagOutcome
from buildkit.builds.verification import Verification
from buildkit.edges.buildx import Buildx, compose_index, push_index
from buildkit.edges.process import worker_pool
from buildkit.edges.registry.client import RegistryClient
from buildkit.errors import UndeterminedError
from buildkit.flows.build_verify import Request, Starter, verify_tags
from buildkit.model.facts import Failure
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.merging import Merge
    from buildkit.builds.plan import PlannedBuild
    from buildkit.builds.result import TagSeen
    from buildkit.flows.watch import Watch

_AT_ONCE: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """What a release is made with.

    Attributes:
        buildx: pushes indexes and tags.
        builder: whose settings of registries it uses; empty for none.
        registry: reads back.
        force: whether a tag that stands for something else is moved.
        engine: starts each platform, which has to pass first; None where nothing is started.
    """

    buildx: Buildx
    builder: str
    registry: RegistryClient
    force: bool
    engine: Starter | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Released:
    """One component: its index, what was found out of it, and its tags."""

    component: str
    digest: str | None = None
    verification: Verification | None = None
    tags: tuple[TagOutcome, ...] = ()
    problem: str | None = None
    unknown: str | None = None

    @property
    def ready(self) -> bool:
        """Whether its tags may be set."""
        return self.digest is not None and not self.problem and not self.unknown

    def as_outcome(self, build: PlannedBuild, platforms: tuple[PlatformOutcome, ...]) -> ComponentOutcome:
        """What became of the component, with how its platforms were built."""
        return ComponentOutcome(
            component=build.component,
            image=build.image,
            digest=self.digest,
            platforms=platforms,
            verification=self.verification,
            tags=self.tags,
            problem=self.problem,
            unknown=self.unknown,
        )


def release(merges: Sequence[Merge], press: Press, watch: Watch) -> tuple[Released, ...]:
    """Everything up to the tags; of several components none is tagged unless all are proven."""
    with watch.stage("merge"), worker_pool(_AT_ONCE) as pool:
        pushed = list(pool.map(lambda merge: _push(merge, press, watch), merges))
    with watch.stage("verify"):
        proven = _verify(merges, pushed, press, watch)
    with watch.stage("tags"):
        checked = [_check_tags(merge, one, press) for merge, one in zip(merges, proven, strict=True)]
        if not all(one.ready for one in checked):
            return tuple(_keep_back(merge, one) for merge, one in zip(merges, checked, strict=True))
        return _set_tags(merges, checked, press, watch)


def _push(merge: Merge, press: Press, watch: Watch) -> Released:
    build = merge.build
    try:
        digest, _ = compose_index(press.buildx, press.builder, merge.sources, merge.annotations)
        target = f"{build.image}@{digest}"
        push_index(press.buildx, press.builder, target, merge.sources, merge.annotations)
    except UndeterminedError as error:
        return Released(component=build.component, unknown=f"its index could not be pushed: {error}")
    watch.tell(f"{build.component}: index {digest} of {', '.join(one.platform for one in merge.results)}")
    return Released(component=build.component, digest=digest)


def _verify(merges: Sequence[Merge], pushed: Sequence[Released], press: Press, watch: Watch) -> list[Released]:
    there = [(merge, one) for merge, one in zip(merges, pushed, strict=True) if one.digest]
    requests = [
        Request(
            reference=parse_reference(f"{merge.build.image}@{one.digest}"),
            expected=expect(merge.build, merge.results, index=one.digest),
        )
        for merge, one in there
    ]
    found = verify_tags(requests, press.registry, watch, press.engine)
    verified = {one.component: _judged(one, result) for (_, one), result in zip(there, found, strict=True)}
    return [verified.get(one.component, one) for one in pushed]


def _judged(one: Released, found: Verification) -> Released:
    remarks = [remark for check in found.checks for remark in check.remarks]
    problems = [_said(remark.platform, remark.message) for remark in remarks if remark.outcome == "problem"]
    unknown = [_said(remark.platform, remark.message) for remark in remarks if remark.outcome == "unknown"]
    return replace(one, verification=found, problem="; ".join(problems) or None, unknown="; ".join(unknown) or None)


def _said(platform: str | None, message: str) -> str:
    return f"{platform}: {message}" if platform else message


def _check_tags(merge: Merge, one: Released, press: Press) -> Released:
    """Whether each tag may be set, before the first one is."""
    if not one.ready:
        return one
    now = press.registry.resolve_all([parse_reference(seen.tag) for seen in merge.tags])
    outcomes = tuple(_may_set(seen, found, one.digest, press) for seen, found in zip(merge.tags, now, strict=True))
    refused = [(f"{tag.tag}: {tag.reason}", found) for tag, found in zip(outcomes, now, strict=True) if tag.reason]
    unknown = next((text for text, found in refused if isinstance(found, Failure)), None)
    problem = next((text for text, found in refused if not isinstance(found, Failure)), None)
    return replace(one, tags=outcomes, unknown=unknown, problem=problem)


def _may_set(seen: TagSeen, now: str | Failure | None, digest: str | None, press: Press) -> TagOutcome:
    """`there`, or `kept` until it is set, with the reason where it must not be."""
    if isinstance(now, Failure):
        return TagOutcome(tag=seen.tag, state="kept", reason=f"what it stands for is not known: {now.reason}")
    if now == digest:
        return TagOutcome(tag=seen.tag, state="there")
    if now is not None and now != seen.digest:
        reason = f"somebody moved it to {now} while this was built"
        return TagOutcome(tag=seen.tag, state="kept", reason=reason)
    if now is not None and not press.force:
        return TagOutcome(tag=seen.tag, state="kept", reason=f"it stands for {now} and is not moved without --force")
    return TagOutcome(tag=seen.tag, state="kept")


def _keep_back(merge: Merge, one: Released) -> Released:
    """No tag of this run is set: of a component that is fine, because another is not."""
    reason = "not every component of this run is proven" if one.ready else (one.problem or one.unknown)
    known = {tag.tag: tag for tag in one.tags}
    tags = []
    for name in merge.build.tags:
        tag = known.get(name, TagOutcome(tag=name, state="kept"))
        tags.append(tag if tag.state == "there" or tag.reason else replace(tag, reason=reason))
    return replace(one, tags=tuple(tags))


def _set_tags(merges: Sequence[Merge], checked: Sequence[Released], press: Press, watch: Watch) -> tuple[Released, ...]:
    """One after another; the first that fails ends it, and the rest are kept back."""
    todo = [
        (merge, one, tag)
        for merge, one in zip(merges, checked, strict=True)
        for tag in one.tags
        if tag.state != "there"
    ]
    done: dict[str, TagOutcome] = {}
    try:
        for merge, one, tag in todo:
            done[tag.tag] = _set(merge, one, tag, press)
            if done[tag.tag].state != "set":
                break
            watch.tell(f"{tag.tag}: set to {one.digest}")
    except KeyboardInterrupt:
        left = [tag.tag for _, _, tag in todo if tag.tag not in done]
        watch.tell(f"interrupted: set {', '.join(done) or 'no tag'}; not set {', '.join(left)}")
        raise
    return tuple(_with_tags(one, done) for one in checked)


def _with_tags(one: Released, done: dict[str, TagOutcome]) -> Released:
    failed = next((tag for tag in done.values() if tag.state != "set"), None)
    late = f"{failed.tag} could not be set" if failed else None
    tags = tuple(tag if tag.state == "there" else done.get(tag.tag, replace(tag, reason=late)) for tag in one.tags)
    unknown = next((f"{tag.tag}: {tag.reason}" for tag in tags if tag.state == "kept"), None)
    return replace(one, tags=tags, unknown=unknown)


def _set(merge: Merge, one: Released, tag: TagOutcome, press: Press) -> TagOutcome:
    """Set it, and read back that it stands for the index."""
    source = f"{merge.build.image}@{one.digest}"
    try:
        push_index(press.buildx, press.builder, tag.tag, [source])
        found = press.registry.resolve(parse_reference(tag.tag))
    except UndeterminedError as error:
        return replace(tag, reason=f"it could not be set: {error}")
    if found != one.digest:
        return replace(tag, reason=f"it was set, and stands for {found or 'nothing'}")
    return replace(tag, state="set")

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
    from collections.abc import Mapping, Sequence

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
        checked = _check_tags(merges, proven, press)
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


def _check_tags(merges: Sequence[Merge], proven: Sequence[Released], press: Press) -> list[Released]:
    """Whether each tag may be set, before the first one is: all of them are asked at once."""
    names = [seen.tag for merge in merges for seen in merge.tags]
    answers = press.registry.resolve_all([parse_reference(name) for name in names])
    now = dict(zip(names, answers, strict=True))
    return [_check(merge, one, now, press) if one.ready else one for merge, one in zip(merges, proven, strict=True)]


def _check(merge: Merge, one: Released, now: Mapping[str, str | Failure | None], press: Press) -> Released:
    outcomes = tuple(_may_set(seen, now[seen.tag], one.digest, press) for seen in merge.tags)
    refused = [(f"{tag.tag}: {tag.reason}", now[tag.tag]) for tag in outcomes if tag.reason]
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


@dataclass(frozen=True, slots=True)
class _Broken:
    """Where tagging ended: a tag that was moved meanwhile is a problem, what the registry refused is not known."""

    tag: str
    moved: bool


def _set_tags(merges: Sequence[Merge], checked: Sequence[Released], press: Press, watch: Watch) -> tuple[Released, ...]:
    """One after another; the first that fails ends it, and the rest are kept back."""
    todo = [
        (one, seen)
        for merge, one in zip(merges, checked, strict=True)
        for seen, tag in zip(merge.tags, one.tags, strict=True)
        if tag.state != "there"
    ]
    images = {merge.build.component: merge.build.image for merge in merges}
    done: dict[str, TagOutcome] = {}
    broken: _Broken | None = None
    try:
        for one, seen in todo:
            done[seen.tag], broken = _set(f"{images[one.component]}@{one.digest}", seen, press)
            if broken:
                break
            watch.tell(f"{seen.tag}: set to {one.digest}")
    except KeyboardInterrupt:
        watch.tell(_interrupted([seen.tag for _, seen in todo], done))
        raise
    return tuple(_with_tags(one, done, broken) for one in checked)


def _interrupted(tags: Sequence[str], done: Mapping[str, TagOutcome]) -> str:
    """The one that was being set may be set or not: who looks for it has to be told."""
    left = [tag for tag in tags if tag not in done]
    parts = [f"set {', '.join(done) or 'no tag'}"]
    parts += [f"perhaps {left[0]}"] if left else []
    parts += [f"not set {', '.join(left[1:])}"] if left[1:] else []
    return f"interrupted: {'; '.join(parts)}"


def _with_tags(one: Released, done: Mapping[str, TagOutcome], broken: _Broken | None) -> Released:
    late = f"{broken.tag} could not be set" if broken else None
    tags = tuple(tag if tag.state == "there" else done.get(tag.tag, replace(tag, reason=late)) for tag in one.tags)
    text = next((f"{tag.tag}: {tag.reason}" for tag in tags if tag.state == "kept"), None)
    moved = broken is not None and broken.moved
    return replace(one, tags=tags, problem=text if moved else None, unknown=None if moved else text)


def _set(source: str, seen: TagSeen, press: Press) -> tuple[TagOutcome, _Broken | None]:
    """Look once more what it stands for, set it, and read back that it stands for the index."""
    kept = TagOutcome(tag=seen.tag, state="kept")
    reference, digest = parse_reference(seen.tag), parse_reference(source).digest
    try:
        now = _may_set(seen, press.registry.resolve(reference), digest, press)
        if now.reason:
            return now, _Broken(seen.tag, moved=True)
        if now.state == "there":
            return now, None
        push_index(press.buildx, press.builder, seen.tag, [source])
        found = press.registry.resolve(reference)
    except UndeterminedError as error:
        return replace(kept, reason=f"it could not be set: {error}"), _Broken(seen.tag, moved=False)
    if found != digest:
        said = f"it was set, and stands for {found or 'nothing'}"
        return replace(kept, reason=said), _Broken(seen.tag, moved=False)
    return replace(kept, state="set"), None

"""References and what is expected of them -> contents of the registry, executions -> verifications.

`kfkit build verify` calls this for tags; `build run` and `build merge` for an index by its digest, before tags are set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from buildkit.builds.checks_executed import reported_executions
from buildkit.builds.expectation import Expectation
from buildkit.builds.judged import judge_contents
from buildkit.builds.verification import Verification, verify
from buildkit.errors import UndeterminedError
from buildkit.model.contents import Wanted
from buildkit.model.execution import Smoke, not_executed
from buildkit.model.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.containers import SmokeLimits
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.watch import Watch
    from buildkit.model.contents import TagContents
    from buildkit.model.execution import Execution

NETWORK, STARTING = "network", "starting"
NO_COMMAND = not_executed("no smoke command is known", hint="give one in the catalogue, or with --smoke")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One reference to verify: a tag, a tag that must stand for a digest, or a digest."""

    reference: Reference
    expected: Expectation


class Starter(Protocol):
    """What starts images: an engine, or what stands in for one that is not there."""

    def start(self, smokes: Sequence[Smoke], done: Callable[[int], None]) -> tuple[Execution, ...]:
        """What became of each, in their order."""


@dataclass(frozen=True, slots=True)
class NoEngine:
    """Nothing is executed, and this is why."""

    reason: str

    def start(self, smokes: Sequence[Smoke], done: Callable[[int], None]) -> tuple[Execution, ...]:
        del done
        hint = "start Docker, or name an engine with DOCKER_HOST"
        return tuple(not_executed(self.reason, hint=hint) for _ in smokes)


def open_starter(limits: SmokeLimits | None = None) -> Starter:
    """The engine, or why there is none."""
    from buildkit.edges import containers  # noqa: PLC0415  # only --run needs it

    try:
        return containers.open_containers(limits or containers.SmokeLimits())
    except UndeterminedError as error:
        return NoEngine(f"no engine: {error}")


def verify_tags(
    requests: Sequence[Request],
    registry: RegistryClient,
    watch: Watch,
    engine: Starter | None = None,
) -> tuple[Verification, ...]:
    """One verification for each request, in their order.

    With an engine (`open_starter`) each expected platform is started that was not where it was built; otherwise
    nothing is, and that is no fault.
    """
    pushed = _pushed(requests)
    wanted = [Wanted(reference=_asked(request.reference)) for request in requests]
    wanted += [Wanted(reference=reference, whole=False) for reference in pushed]
    with watch.stage(NETWORK):
        found = registry.contents(wanted, lambda done: watch.count(NETWORK, done, len(wanted)))
    contents, roots = found[: len(requests)], found[len(requests) :]
    by_digest = {reference.digest or "": root for reference, root in zip(pushed, roots, strict=True)}
    expectations = [_with_index(request) for request in requests]
    started = _start(contents, expectations, watch, engine) if engine else [None] * len(requests)
    return tuple(
        verify(one, expected, pushed=by_digest, executions=executions)
        for one, expected, executions in zip(contents, expectations, started, strict=True)
    )


def _asked(reference: Reference) -> Reference:
    """A tag is read as a tag, even where a digest stands beside it: the question is what it stands for."""
    if reference.tag and reference.digest:
        return Reference(registry=reference.registry, repository=reference.repository, tag=reference.tag)
    return reference


def _with_index(request: Request) -> Expectation:
    digest = request.reference.digest
    return replace(request.expected, index=digest) if digest and request.reference.tag else request.expected


def _pushed(requests: Sequence[Request]) -> list[Reference]:
    """What builds pushed, where their results do not name the image's own manifest: its root has to be read."""
    found = [
        Reference(registry=request.reference.registry, repository=request.reference.repository, digest=built.digest)
        for request in requests
        for built in request.expected.built or ()
        if built.manifest is None
    ]
    return list(dict.fromkeys(found))


def _start(
    contents: Sequence[TagContents], expectations: Sequence[Expectation], watch: Watch, engine: Starter
) -> list[dict[str, Execution]]:
    """By platform, what became of starting it; what several tags share is started once."""
    tasks: dict[Smoke, None] = {}
    plans: list[dict[str, Smoke | Execution]] = []
    for one, expected in zip(contents, expectations, strict=True):
        plan = _smokes(one, expected)
        plans.append(plan)
        tasks.update(dict.fromkeys(smoke for smoke in plan.values() if isinstance(smoke, Smoke)))
    with watch.stage(STARTING):
        answers = engine.start(list(tasks), lambda done: watch.count(STARTING, done, len(tasks)))
    known = dict(zip(tasks, answers, strict=True))
    return [
        {platform: known[one] if isinstance(one, Smoke) else one for platform, one in plan.items()} for plan in plans
    ]


def _smokes(contents: TagContents, expected: Expectation) -> dict[str, Smoke | Execution]:
    judged = judge_contents(contents, expected)
    reported = reported_executions(judged)
    found: dict[str, Smoke | Execution] = {}
    for platform in expected.platforms:
        child = judged.child(str(platform))
        if child is None:
            found[str(platform)] = not_executed("there is no image to start")
        elif str(platform) in reported:
            found[str(platform)] = reported[str(platform)]
        elif not expected.smoke:
            found[str(platform)] = NO_COMMAND
        else:
            found[str(platform)] = Smoke(
                repository=contents.place, digest=child.digest, platform=platform, command=expected.smoke
            )
    return found

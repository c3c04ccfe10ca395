"""What is read, what is started, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from buildkit.builds.check import Outcome
from buildkit.builds.expectation import BuiltDigest
from buildkit.flows.build_verify import NoEngine, Request, verify_tags
from buildkit.flows.watch import Watch
from buildkit.model.execution import Executed, Execution, Smoke
from buildkit.model.reference import parse_reference
from tests.unit.builds.contents import AMD64, ARM64, digest, expected, image, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.registry.client import RegistryClient
    from buildkit.model.contents import TagContents, Wanted

NAME = "ghcr.io/x/y"


@dataclass
class FakeRegistry:
    """Answers what it was given, by name; notes what it was asked."""

    known: dict[str, TagContents]
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def contents(self, wanted: Sequence[Wanted], done: Callable[[int], None]) -> tuple[TagContents, ...]:
        self.asked += [(one.reference.name, one.whole) for one in wanted]
        done(len(wanted))
        return tuple(self.known[one.reference.name] for one in wanted)


@dataclass
class FakeEngine:
    """Everything starts."""

    started: list[Smoke] = field(default_factory=list)

    def start(self, smokes: Sequence[Smoke], done: Callable[[int], None]) -> tuple[Execution, ...]:
        self.started += smokes
        done(len(smokes))
        return tuple(Execution(state=Executed.NATIVELY, exit_code=0) for _ in smokes)


def registry(**more: TagContents) -> tuple[FakeRegistry, RegistryClient]:
    fake = FakeRegistry({f"{NAME}:v1": tag(), f"{NAME}:v2": tag(), **more})
    return fake, cast("RegistryClient", fake)


def test_a_tag_beside_a_digest_is_read_as_a_tag_and_must_stand_for_it() -> None:
    fake, client = registry()
    for wanted, outcome in ((digest("index"), Outcome.OK), (digest("other"), Outcome.PROBLEM)):
        request = Request(reference=parse_reference(f"{NAME}:v1@{wanted}"), expected=expected())
        (found,) = verify_tags([request], client, Watch())
        assert found.outcome is outcome
    assert fake.asked == [(f"{NAME}:v1", True)] * 2


def test_a_digest_alone_is_read_as_it_is() -> None:
    name = f"{NAME}@{digest('index')}"
    fake, client = registry(**{name: tag()})
    verify_tags([Request(reference=parse_reference(name), expected=expected())], client, Watch())
    assert fake.asked == [(name, True)]


def test_of_what_builds_pushed_the_root_alone_is_read_and_only_where_it_has_to_be() -> None:
    told = BuiltDigest(platform=AMD64, digest=digest("a"), manifest=image("linux/amd64").digest)
    silent = BuiltDigest(platform=ARM64, digest=digest("b"))
    pushed = f"{NAME}@{digest('b')}"
    fake, client = registry(**{pushed: tag([image("linux/arm64")])})
    wanted = expected(built=(told, silent))
    requests = [Request(reference=parse_reference(f"{NAME}:{name}"), expected=wanted) for name in ("v1", "v2")]
    found = verify_tags(requests, client, Watch())
    assert [one.outcome for one in found] == [Outcome.OK, Outcome.OK]
    assert fake.asked == [(f"{NAME}:v1", True), (f"{NAME}:v2", True), (pushed, False)]


def test_what_tags_share_is_started_once_by_digest_where_it_was_read() -> None:
    _, client = registry()
    engine = FakeEngine()
    wanted = expected(smoke=("/x",))
    requests = [Request(reference=parse_reference(f"{NAME}:{name}"), expected=wanted) for name in ("v1", "v2")]
    found = verify_tags(requests, client, Watch(), engine)
    assert [(one.repository, one.digest, one.platform) for one in engine.started] == [
        (NAME, image("linux/amd64").digest, AMD64),
        (NAME, image("linux/arm64").digest, ARM64),
    ]
    assert {row.execution.state for one in found for row in one.platforms} == {Executed.NATIVELY}


def test_without_a_smoke_command_or_an_image_nothing_is_executed_and_that_is_no_pass() -> None:
    _, client = registry(**{f"{NAME}:v3": tag([image("linux/amd64")])})
    engine = FakeEngine()
    requests = [
        Request(reference=parse_reference(f"{NAME}:v1"), expected=expected()),
        Request(reference=parse_reference(f"{NAME}:v3"), expected=expected(smoke=("/x",))),
    ]
    silent, lacking = verify_tags(requests, client, Watch(), engine)
    assert silent.outcome is Outcome.UNKNOWN
    assert {row.execution.reason for row in silent.platforms} == {"no smoke command is known"}
    assert [row.execution.state for row in lacking.platforms] == [Executed.NATIVELY, Executed.NOT_EXECUTED]
    assert len(engine.started) == 1


def test_without_an_engine_the_reason_is_told() -> None:
    _, client = registry()
    request = Request(reference=parse_reference(f"{NAME}:v1"), expected=expected(smoke=("/x",)))
    (found,) = verify_tags([request], client, Watch(), NoEngine("no engine: gone"))
    assert found.outcome is Outcome.UNKNOWN
    assert {row.execution.reason for row in found.platforms} == {"no engine: gone"}


def test_what_was_started_where_it_was_built_is_not_started_again() -> None:
    _, client = registry()
    engine = FakeEngine()
    fine = Execution(state=Executed.NATIVELY, way="native", exit_code=0)
    told = BuiltDigest(platform=ARM64, digest=digest("b"), manifest=image("linux/arm64").digest, execution=fine)
    silent = BuiltDigest(platform=AMD64, digest=digest("a"), manifest=image("linux/amd64").digest)
    wanted = expected(built=(silent, told), smoke=("/x",))
    (found,) = verify_tags([Request(reference=parse_reference(f"{NAME}:v1"), expected=wanted)], client, Watch(), engine)
    assert [one.platform for one in engine.started] == [AMD64]
    assert [row.execution.state for row in found.platforms] == [Executed.NATIVELY, Executed.NATIVELY]

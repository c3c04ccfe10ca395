"""A run from plan to outcome, with a program that stands for buildx and a registry of answers: what decides before it
builds, and what it reads back. All of it with real ones: tests/integration/builds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.builds.nodes import ChosenNode
from buildkit.builds.plan import Plan, PlannedPlatform
from buildkit.edges.registries_conf import RegistriesConf
from buildkit.errors import Exit, UndeterminedError, UsageError
from buildkit.flows import build_run
from buildkit.flows.build_results import read_result, result_path, write_result
from buildkit.flows.build_run import RunRequest, pushes_to_loopback, run_builds
from buildkit.flows.build_scene import BuilderRequest, Builders
from buildkit.flows.watch import Watch
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict
from buildkit.model.platform import parse_platform
from tests.support.fake_buildx import FakeBuildx, make_buildx
from tests.unit.builds.contents import image, tag
from tests.unit.builds.results import AMD64, ARM64, build, digest, pushed, result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildkit.builds.outcome import RunOutcome
    from buildkit.model.contents import TagContents, Wanted
    from buildkit.model.reference import Reference

DOWN = Failure(verdict=Verdict.UNKNOWN, reason="no answer")


@dataclass
class Registry:
    """What stands behind each name; of digests it has an image of one platform."""

    tags: dict[str, str | Failure] = field(default_factory=dict)
    platform: str = ARM64
    asked: list[str] = field(default_factory=list)

    def resolve_all(self, references: Sequence[Reference]) -> tuple[str | Failure | None, ...]:
        self.asked += [one.name for one in references]
        return tuple(self.tags.get(one.name) for one in references)

    def contents(self, wanted: Sequence[Wanted]) -> tuple[TagContents, ...]:
        (one,) = wanted
        found = tag([image(self.platform)], name=one.reference.name, digest=one.reference.digest)
        return (found,)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeBuildx:
    """One node of each platform, that of arm64 without an emulator."""
    found = make_buildx(tmp_path)
    found.rules({"digest": digest("new")})

    def node(name: str, *, runs: bool) -> ChosenNode:
        facts = {"builder": "b", "endpoint": name, "reason": "so it is"}
        return ChosenNode(platform=parse_platform(name), way="native" if runs else "unknown", runs=runs, **facts)

    nodes = (node(AMD64, runs=True), node(ARM64, runs=False))
    monkeypatch.setattr(build_run, "open_builders", lambda *_: Builders(buildx=found.buildx, said="ours", nodes=nodes))
    return found


def run(fake: FakeBuildx, registry: Registry, *platforms: str, **facts: Any) -> RunOutcome:
    plan = facts.pop("plan", Plan(version="1", builds=(build(),)))
    request = RunRequest(
        plan=plan,
        platforms=platforms or (AMD64, ARM64),
        builder=BuilderRequest(platforms=(), cache=fake.folder, conf=RegistriesConf()),
        keys={("app", AMD64): "a", ("app", ARM64): "k"},
        folder=fake.folder / "results",
        seconds=20.0,
    )
    client: Any = registry
    return run_builds(replace(request, **facts), client, Watch())


def test_a_registry_that_does_not_say_what_a_tag_is_stops_it_before_anything_is_built(fake: FakeBuildx) -> None:
    with pytest.raises(UndeterminedError, match=r"ghcr\.io/x/app:1: what it stands for now is not known: no answer"):
        run(fake, Registry(tags={"ghcr.io/x/app:1": DOWN}))
    assert fake.calls() == []


def test_a_tag_that_is_taken_stops_it_before_anything_is_built(fake: FakeBuildx) -> None:
    registry = Registry(tags={"ghcr.io/x/app:latest": digest("old")})
    found = run(fake, registry)
    assert found.exit is Exit.PROBLEMS
    (component,) = found.components
    assert component.problem == (
        f"ghcr.io/x/app:latest stands for {digest('old')} and is not moved without --force: nothing was built"
    )
    assert {one.state for one in component.tags} == {"kept"}
    assert fake.calls() == []
    assert registry.asked == ["ghcr.io/x/app:1", "ghcr.io/x/app:latest"]


def test_with_force_it_is_built(fake: FakeBuildx) -> None:
    found = run(fake, Registry(tags={"ghcr.io/x/app:latest": digest("old")}), ARM64, force=True)
    assert (found.exit, found.complete) == (Exit.OK, False)


def test_a_part_leaves_results_and_sets_no_tag(fake: FakeBuildx) -> None:
    found = run(fake, Registry(), ARM64)
    (component,) = found.components
    assert [(one.platform, one.state) for one in component.platforms] == [(ARM64, "built")]
    assert {one.reason for one in component.tags} == {"merge sets it, when every platform is there"}
    path = result_path(fake.folder / "results", "app", ARM64)
    assert found.results == (str(path),)
    document = read_result(path)
    assert document is not None
    assert [one.manifest for one in document.results] == [image(ARM64).digest]
    assert [one.platform for one in document.builds[0].platforms] == [AMD64, ARM64]
    assert len(fake.calls()) == 1


def test_all_of_a_component_without_a_merge_is_a_part_too(fake: FakeBuildx) -> None:
    alone = build(platforms=(PlannedPlatform(platform=ARM64),))
    found = run(fake, Registry(), plan=Plan(version="1", builds=(alone,)), merge=False)
    assert (found.complete, found.exit) == (False, Exit.OK)


def test_what_was_pushed_and_is_of_another_platform_is_a_failure(fake: FakeBuildx) -> None:
    found = run(fake, Registry(platform=AMD64), ARM64)
    (component,) = found.components
    assert component.platforms[0].state == "failed"
    assert "what was pushed is no linux/arm64 image that serves" in (component.platforms[0].problem or "")
    assert (found.results, found.exit) == ((), Exit.PROBLEMS)


def test_what_is_resumed_needs_no_emulator_and_moves_no_tag(fake: FakeBuildx) -> None:
    """Its RUN could not run on this node, and its tag is taken: by what was built then."""
    dockerfile = fake.folder / "Dockerfile"
    dockerfile.write_text("FROM base\nRUN x\n")
    planned = build(dockerfile=str(dockerfile))
    plan = Plan(version="1", builds=(planned,))
    taken = Registry(tags={"ghcr.io/x/app:1": digest("then")})
    with pytest.raises(UndeterminedError, match="RUN x"):
        run(fake, Registry(), ARM64, plan=plan)
    earlier = result(of=planned, results=(pushed(ARM64, key="k"),))
    write_result(result_path(fake.folder / "results", "app", ARM64), earlier)
    found = run(fake, taken, ARM64, plan=plan)
    assert [one.state for one in found.components[0].platforms] == ["resumed"]
    assert fake.calls() == []
    refused = run(fake, taken, ARM64, plan=plan, fresh=True)
    assert refused.components[0].problem is not None


def test_a_result_that_another_run_wrote_meanwhile_is_not_merged(
    fake: FakeBuildx, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = build(platforms=(PlannedPlatform(platform=ARM64),))

    def other_run_first(paths: Sequence[Path]) -> object:
        return [(str(path), result(of=alone, results=(pushed(ARM64, digest=digest("theirs")),))) for path in paths]

    monkeypatch.setattr(build_run, "read_results", other_run_first)
    with pytest.raises(UsageError, match="another run has written there meanwhile"):
        run(fake, Registry(), plan=Plan(version="1", builds=(alone,)))


def test_a_component_that_fails_keeps_the_others_tags_back(fake: FakeBuildx) -> None:
    fake.rules({"words": ["x/bad"], "code": 1}, {"digest": digest("new")})
    alone = (PlannedPlatform(platform=ARM64),)
    plan = Plan(version="1", builds=(build("bad", platforms=alone), build("good", platforms=alone)))
    found = run(fake, Registry(), ARM64, plan=plan)
    assert [[one.state for one in part.platforms] for part in found.components] == [["failed"], ["built"]]
    assert {one.reason for part in found.components for one in part.tags} == {"bad linux/arm64 failed"}
    assert found.exit is Exit.PROBLEMS


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1:5000", True), ("localhost:5000", True), ("[::1]:5000", True), ("ghcr.io", False), ("10.0.0.1", False)],
)
def test_a_registry_on_this_machine_is_known_by_its_address(host: str, local: bool) -> None:  # noqa: FBT001
    assert pushes_to_loopback(build(image=f"{host}/x/app")) is local

"""What was built is started by its digest, and its result file says what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit.builds.nodes import ChosenNode
from buildkit.builds.outcome import ComponentOutcome, PlatformOutcome, RunOutcome
from buildkit.builds.plan import PlannedBuild, PlannedPlatform
from buildkit.builds.result import BuildResult, PlatformResult
from buildkit.errors import Exit
from buildkit.flows.build_board import Target
from buildkit.flows.build_results import read_result, result_path, write_result
from buildkit.flows.build_started import start_built
from buildkit.flows.watch import Watch
from buildkit.model.execution import Executed, Execution
from buildkit.model.platform import parse_platform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from buildkit.flows.build_board import Outcomes
    from buildkit.model.execution import Smoke

ARM64 = "linux/arm64"
DIGEST, MANIFEST = "sha256:" + "a" * 64, "sha256:" + "b" * 64
FINE = Execution(state=Executed.NATIVELY, way="native", exit_code=0)
BROKEN = Execution(state=Executed.FAILED, way="native", reason="exit 1", log=("no /lib",), hint="mend it")


@dataclass
class Engine:
    """Everything ends so."""

    ends: Execution = FINE
    started: list[Smoke] = field(default_factory=list)

    def start(self, smokes: Sequence[Smoke], done: Callable[[int], None]) -> tuple[Execution, ...]:
        self.started += smokes
        done(len(smokes))
        return tuple(self.ends for _ in smokes)


def target(folder: Path, name: str, *smoke: str) -> Target:
    """A target that was built, with its result in the folder."""
    platform = PlannedPlatform(platform=ARM64)
    build = PlannedBuild(
        component=name,
        image=f"ghcr.io/x/{name}",
        tags=(f"ghcr.io/x/{name}:1",),
        context=".",
        dockerfile="Dockerfile",
        platforms=(platform,),
        smoke=smoke,
    )
    node = ChosenNode(
        platform=parse_platform(ARM64), builder="b", endpoint="here", way="native", reason="this machine's"
    )
    result = PlatformResult(component=name, platform=ARM64, digest=DIGEST, manifest=MANIFEST, way="native")
    write_result(result_path(folder, name, ARM64), BuildResult(version="1", builds=(build,), results=(result,)))
    return Target(build=build, platform=platform, node=node, key=None, seen=())


def started(folder: Path, targets: Sequence[Target], engine: Engine, state: str = "built") -> Outcomes:
    outcomes: Outcomes = {
        (one.build.component, ARM64): PlatformOutcome(platform=ARM64, state=state, digest=DIGEST)  # type: ignore[arg-type]
        for one in targets
    }
    return start_built(targets, outcomes, folder, engine, Watch())


def recorded(folder: Path, name: str) -> Execution | None:
    document = read_result(result_path(folder, name, ARM64))
    assert document is not None
    return document.results[0].execution


def exit_of(outcomes: Outcomes) -> Exit:
    part = ComponentOutcome(component="x", image="i", platforms=tuple(outcomes.values()))
    return RunOutcome(version="1", builder="b", complete=False, components=(part,)).exit


def test_the_image_itself_is_started_by_its_digest_and_the_result_says_so(tmp_path: Path) -> None:
    engine = Engine()
    found = started(tmp_path, [target(tmp_path, "one", "/one", "-v")], engine)
    (smoke,) = engine.started
    assert (smoke.repository, smoke.digest, smoke.command) == ("ghcr.io/x/one", MANIFEST, ("/one", "-v"))
    assert recorded(tmp_path, "one") == found["one", ARM64].execution == FINE
    assert exit_of(found) is Exit.OK


def test_one_that_does_not_start_is_a_problem_with_its_last_lines(tmp_path: Path) -> None:
    found = started(tmp_path, [target(tmp_path, "one", "/one")], Engine(BROKEN))["one", ARM64]
    assert (found.problem, found.hint, found.lines) == ("it does not start: exit 1", "mend it", ("no /lib",))
    assert recorded(tmp_path, "one") == BROKEN
    assert exit_of({("one", ARM64): found}) is Exit.PROBLEMS


def test_without_a_smoke_command_it_is_not_executed_which_is_no_pass(tmp_path: Path) -> None:
    engine = Engine()
    found = started(tmp_path, [target(tmp_path, "mute"), target(tmp_path, "one", "/one")], engine)
    assert [one.repository for one in engine.started] == ["ghcr.io/x/one"]
    assert recorded(tmp_path, "one") == FINE
    assert found["mute", ARM64].problem == "not executed: no smoke command is known"
    assert exit_of(found) is Exit.UNDETERMINED


def test_what_was_not_pushed_is_not_started(tmp_path: Path) -> None:
    engine = Engine()
    found = started(tmp_path, [target(tmp_path, "one", "/one")], engine, "failed")
    assert not engine.started
    assert found["one", ARM64].execution is None
    assert recorded(tmp_path, "one") is None

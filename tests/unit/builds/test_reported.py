"""What builds reported of starting their images: shown, counted where it is an answer, and of these very images."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit.builds.check import Outcome
from buildkit.builds.expectation import BuiltDigest, expect
from buildkit.builds.plan import PlannedBuild, PlannedPlatform
from buildkit.builds.result import PlatformResult
from buildkit.builds.verification import Verification, verify
from buildkit.model.execution import Executed, Execution, not_executed
from tests.unit.builds.contents import BOTH, digest, expected, image, tag

FINE = Execution(state=Executed.NATIVELY, way="native", exit_code=0)
BROKEN = Execution(state=Executed.FAILED, way="native", reason="exit 1", exit_code=1)


def verified(*executions: Execution | None, manifest: str | None = None) -> Verification:
    """Verify an index whose amd64 and arm64 were started where they were built, as far as there is an execution."""
    built = tuple(
        BuiltDigest(
            platform=platform,
            digest=digest(f"pushed {platform}"),
            manifest=manifest or image(str(platform)).digest,
            execution=execution,
        )
        for platform, execution in zip(BOTH, executions, strict=True)
    )
    return verify(tag(), expected(built=built))


def outcome(found: Verification) -> Outcome:
    return next(check.outcome for check in found.checks if check.name == "executed")


def test_every_platform_started_where_it_was_built_is_executed() -> None:
    found = verified(FINE, FINE)
    assert outcome(found) is Outcome.OK
    assert [row.execution for row in found.platforms] == [FINE, FINE]


def test_one_that_does_not_start_is_a_problem_whatever_is_known_of_others() -> None:
    found = verified(None, BROKEN)
    assert outcome(found) is Outcome.PROBLEM
    assert [row.execution.state for row in found.platforms] == [Executed.NOT_EXECUTED, Executed.FAILED]


def test_a_part_of_the_platforms_is_shown_and_no_pass() -> None:
    found = verified(FINE, None)
    assert outcome(found) is Outcome.NOT_ASKED
    assert [row.execution.state for row in found.platforms] == [Executed.NATIVELY, Executed.NOT_EXECUTED]


def test_asked_for_and_not_executed_is_not_known() -> None:
    assert outcome(verified(FINE, not_executed("no engine"))) is Outcome.UNKNOWN


def test_what_was_reported_of_another_image_is_nothing() -> None:
    found = verified(FINE, FINE, manifest=digest("another"))
    assert outcome(found) is Outcome.NOT_ASKED
    assert {row.execution.state for row in found.platforms} == {Executed.NOT_EXECUTED}


@pytest.mark.parametrize("execution", [None, FINE, BROKEN])
def test_it_comes_from_the_result(execution: Execution | None) -> None:
    result = PlatformResult(component="x", platform="linux/arm64", digest="d", manifest="m", way="native")
    build = PlannedBuild(
        component="x",
        image="ghcr.io/x",
        tags=(),
        context=".",
        dockerfile="Dockerfile",
        platforms=(PlannedPlatform(platform="linux/arm64"),),
    )
    found = expect(build, [replace(result, execution=execution)])
    assert found.built is not None
    assert found.built[0].execution == execution

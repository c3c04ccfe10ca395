"""Which tags are verified, and what files say of them; wrong files are one clear message."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.builds.plan import Plan, PlannedBuild, PlannedPlatform
from buildkit.builds.result import BuildResult, PlatformResult
from buildkit.errors import UsageError
from buildkit.flows.build_expected import VerifyOptions, plan_requests
from buildkit.model.platform import parse_platform
from buildkit.report.json import encode

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.flows.build_verify import Request

BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))
DIGEST = "sha256:" + "a" * 64


def build(name: str, **facts: Any) -> PlannedBuild:
    planned = PlannedBuild(
        component=name,
        image=f"ghcr.io/x/{name}",
        tags=(f"ghcr.io/x/{name}:v1", f"ghcr.io/x/{name}:latest"),
        context=".",
        dockerfile="Dockerfile",
        labels=(("a", name),),
        platforms=(PlannedPlatform(platform="linux/arm64"),),
        smoke=(f"/{name}",),
    )
    return replace(planned, **facts)


PLAN = Plan(version="v1", builds=(build("one"), build("two", smoke=())))
RESULT = BuildResult(
    version="v1",
    builds=(build("one"),),
    results=(PlatformResult(component="one", platform="linux/arm64", digest=DIGEST, way="native"),),
)


def write(path: Path, schema: str, document: object) -> Path:
    path.write_bytes(encode(schema, document))
    return path


def ask(*tags: str, **more: Any) -> tuple[Request, ...]:
    return plan_requests(VerifyOptions(tags=tags, platforms=BOTH, **more))


def test_without_a_plan_the_platforms_and_the_smoke_command_are_those_of_the_options() -> None:
    one, two = ask("x:1", "ghcr.io/x/y", "docker.io/library/x:1", smoke=("/x",))
    assert [one.reference.name, two.reference.name] == ["docker.io/library/x:1", "ghcr.io/x/y:latest"]
    assert (one.expected.platforms, one.expected.smoke, one.expected.exact) == (BOTH, ("/x",), False)
    assert (one.expected.labels, one.expected.built) == (None, None)


def test_of_a_plan_every_tag_is_verified_in_its_order(tmp_path: Path) -> None:
    found = ask(plan=write(tmp_path / "plan.json", "build-plan", PLAN), smoke=("/other",))
    assert [one.reference.name for one in found] == [
        "ghcr.io/x/one:v1",
        "ghcr.io/x/one:latest",
        "ghcr.io/x/two:v1",
        "ghcr.io/x/two:latest",
    ]
    assert [one.expected.smoke for one in found][::2] == [("/one",), ("/other",)]
    assert (found[0].expected.exact, found[0].expected.built) == (True, None)
    assert [str(one) for one in found[0].expected.platforms] == ["linux/arm64"]


@pytest.mark.parametrize(
    ("tag", "component"),
    [
        ("ghcr.io/x/two:v1", "two"),
        (f"ghcr.io/x/one@{DIGEST}", "one"),
        (f"ghcr.io/x/one:v1@{DIGEST}", "one"),
        ("ghcr.io/x/one", "one"),
    ],
)
def test_a_tag_of_the_plan_is_held_against_its_build(tag: str, component: str, tmp_path: Path) -> None:
    (found,) = ask(tag, plan=write(tmp_path / "plan.json", "build-plan", PLAN))
    assert found.expected.labels == (("a", component),)


@pytest.mark.parametrize(
    "tag", ["ghcr.io/x/one:v2", f"ghcr.io/x/one:v2@{DIGEST}", "ghcr.io/x/three:v1", f"ghcr.io/x/three@{DIGEST}"]
)
def test_a_tag_that_is_not_in_the_plan_is_an_error(tag: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no tag of .*plan\.json"):
        ask(tag, plan=write(tmp_path / "plan.json", "build-plan", PLAN))


def test_two_builds_of_one_repository_are_told_apart_by_their_tags(tmp_path: Path) -> None:
    same = replace(build("three"), image="ghcr.io/x/one", tags=("ghcr.io/x/one:debug",))
    plan = write(tmp_path / "plan.json", "build-plan", replace(PLAN, builds=(build("one"), same)))
    assert ask("ghcr.io/x/one:debug", plan=plan)[0].expected.labels == (("a", "three"),)
    with pytest.raises(UsageError, match="several builds"):
        ask(f"ghcr.io/x/one@{DIGEST}", plan=plan)


def test_results_bring_their_plan_and_what_was_built(tmp_path: Path) -> None:
    write(tmp_path / "one.linux-arm64.json", "build-result", RESULT)
    found = ask(results=(tmp_path,))
    assert [one.reference.name for one in found] == ["ghcr.io/x/one:v1", "ghcr.io/x/one:latest"]
    assert found[0].expected.built is not None
    assert [(str(one.platform), one.digest) for one in found[0].expected.built] == [("linux/arm64", DIGEST)]


def test_what_no_result_tells_of_is_expected_and_not_known(tmp_path: Path) -> None:
    plan = write(tmp_path / "plan.json", "build-plan", PLAN)
    found = ask(plan=plan, results=(write(tmp_path / "one.json", "build-result", RESULT),))
    assert [len(one.expected.built or ()) for one in found] == [1, 1, 0, 0]
    assert all(one.expected.built is not None for one in found)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (replace(RESULT, version="v2"), "it is of version 'v2'"),
        (replace(RESULT, builds=(build("one", image="ghcr.io/z/one", tags=()),)), "pushes to ghcr.io/z/one"),
    ],
)
def test_results_of_another_plan_are_an_error(result: BuildResult, words: str, tmp_path: Path) -> None:
    plan = write(tmp_path / "plan.json", "build-plan", PLAN)
    with pytest.raises(UsageError, match=words):
        ask(plan=plan, results=(write(tmp_path / "r.json", "build-result", result),))


def test_a_platform_that_was_built_twice_is_an_error(tmp_path: Path) -> None:
    again = replace(RESULT.results[0], digest="sha256:" + "b" * 64)
    first = write(tmp_path / "a.json", "build-result", RESULT)
    second = write(tmp_path / "b.json", "build-result", replace(RESULT, results=(again,)))
    with pytest.raises(UsageError, match=r"b\.json: one was built twice for linux/arm64"):
        ask(results=(first, second))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "not JSON"),
        ('{"schema": "kfkit/build-result/v1"}', "not 'kfkit/build-plan/v1'"),
        ('{"schema": "kfkit/build-plan/v1", "version": 3}', "version"),
        ('{"schema": "kfkit/build-plan/v1", "version": "v1"}', "builds"),
    ],
)
def test_a_file_that_is_no_plan_is_an_error(document: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(document)
    with pytest.raises(UsageError, match=r"plan\.json") as raised:
        ask(plan=path)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"tags": ["no tag"]}, "is no image reference"),
        ({"image": "https://x/y"}, "scheme"),
        ({"platforms": [{"platform": "arm64"}]}, "is no platform"),
    ],
)
def test_a_plan_that_names_nonsense_is_an_error(spoilt: dict[str, object], words: str, tmp_path: Path) -> None:
    document = json.loads(encode("build-plan", PLAN))
    document["builds"][0] |= spoilt
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=words):
        ask(plan=path)


def test_nothing_to_verify_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no tag was given"):
        ask()
    with pytest.raises(UsageError, match="no tag was given"):
        ask(plan=write(tmp_path / "plan.json", "build-plan", replace(PLAN, builds=())))

"""What a result file may say: it is another job's, and its words become arguments and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from buildkit.builds.plan import PlannedPlatform
from buildkit.builds.result import TagSeen
from buildkit.builds.result_words import check_result
from buildkit.builds.words import WordError
from tests.unit.builds.results import AMD64, ARM64, build, digest, pushed, result

if TYPE_CHECKING:
    from buildkit.builds.result import BuildResult


def refused(found: BuildResult) -> str:
    with pytest.raises(WordError) as error:
        check_result(found)
    return str(error.value)


def test_what_a_run_writes_is_fine() -> None:
    check_result(result(AMD64, ARM64))
    check_result(result(AMD64, results=(pushed(AMD64, manifest=digest("m")),)))
    check_result(result(AMD64, of=build(image="127.0.0.1:5000/x/app")))
    check_result(result(AMD64, tags=(TagSeen(tag="ghcr.io/x/app:1", digest=digest("t")),)))


@pytest.mark.parametrize(
    "image",
    [
        "--append",
        "-x",
        "",
        "ghcr.io/x/app:latest",  # buildx would set that tag before anything is verified
        f"ghcr.io/x/app@{digest('x')}",
        "app",  # Docker Hub's, by its short name
        "https://ghcr.io/x/app",
        "me:secret@ghcr.io/x",
        "ghcr.io/X/app",
        'ghcr.io/x/app",push=false',
        "oci-layout:///etc",
        "ghcr.io/x/app\n",
    ],
)
def test_an_image_is_a_repository_in_full_and_nothing_else(image: str) -> None:
    assert refused(result(AMD64, of=build(image=image, tags=()))).startswith("builds: ")


@pytest.mark.parametrize(
    "tag",
    [
        "ghcr.io/victim/app:1",
        "ghcr.io/x/app",
        f"ghcr.io/x/app:1@{digest('x')}",
        f"ghcr.io/x/app@{digest('x')}",
        "--file",
        "",
        "ghcr.io/x/app:",
        "ghcr.io/x/app:a b",
        "ghcr.io/x/app/more:1",
        "ghcr.io/x/app:" + "x" * 129,
    ],
)
def test_a_tag_is_one_of_the_image_that_was_pushed(tag: str) -> None:
    assert refused(result(AMD64, of=build(tags=(tag,)))).startswith("builds: ")


def of_platforms(*names: str) -> BuildResult:
    return result(of=build(platforms=tuple(PlannedPlatform(platform=name) for name in names)))


@pytest.mark.parametrize(
    "platform", ["--help", "linux", "", "linux/arm64/v8", "LINUX/ARM64", "linux/x86_64", "a/b/c/d"]
)
def test_a_platform_is_one_and_written_as_plans_write_it(platform: str) -> None:
    assert refused(of_platforms(platform)).startswith("builds: ")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"version": "--x"}, "version: '--x' is no tag"),
        ({"version": "\x1b[2J"}, "version: '\\x1b[2J' is no tag"),
        ({"results": (pushed("linux/s390x"),)}, "results: 'linux/s390x' is not among the platforms of app"),
        ({"results": (pushed(AMD64, "other"),)}, "results: 'other' is not among its builds"),
        ({"results": (pushed(AMD64, digest="--progress"),)}, "results: '--progress' is no digest"),
        ({"results": (pushed(AMD64, digest="sha256:0"),)}, "results: 'sha256:0' is no digest"),
        ({"results": (pushed(AMD64, manifest="x"),)}, "results: 'x' is no digest"),
        ({"results": (pushed(AMD64), pushed(AMD64))}, "results: 'app linux/amd64' stands there twice"),
        ({"builds": (build(), build())}, "builds: 'app' stands there twice"),
        ({"tags": (TagSeen(tag="ghcr.io/victim/x:1"),)}, "tags: 'ghcr.io/victim/x:1' is not among those of its builds"),
        ({"tags": (TagSeen(tag="ghcr.io/x/app:1", digest="x"),)}, "tags: 'x' is no digest"),
        ({"tags": (TagSeen(tag="ghcr.io/x/app:1"),) * 2}, "tags: 'ghcr.io/x/app:1' stands there twice"),
    ],
)
def test_what_does_not_fit_is_named(facts: dict[str, Any], said: str) -> None:
    assert refused(result(AMD64, **facts)) == said


def test_a_platform_or_a_tag_of_a_plan_stands_there_once() -> None:
    assert "twice" in refused(of_platforms(AMD64, AMD64))
    assert "twice" in refused(result(AMD64, of=build(tags=("ghcr.io/x/app:1",) * 2)))


@pytest.mark.parametrize("name", ["", "../x", "-x", "a/b", "a b", "x" * 101])
def test_a_component_has_a_name_that_files_can_have(name: str) -> None:
    assert refused(result(AMD64, of=build(name, image="ghcr.io/x/app"))).startswith("builds: ")


def test_no_message_is_as_long_as_what_it_is_about() -> None:
    assert len(refused(result(AMD64, version="x" * 10_000))) < 200
    assert len(refused(result(AMD64, of=build(image="X" * 10_000, tags=())))) < 400

"""What a build needs: stages, images with their platforms, RUNs that another platform's programs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.dockerfile.arguments import Setting, global_arguments
from buildkit.dockerfile.errors import DockerfileError
from buildkit.dockerfile.foreign import foreign_runs
from buildkit.dockerfile.stages import resolve
from buildkit.model.platform import parse_platform
from tests.unit.dockerfile.parsing import dockerfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.dockerfile.dockerfile import Dockerfile, Stage
    from buildkit.dockerfile.stages import BaseImage
    from buildkit.model.platform import Platform

AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
CROSS = dockerfile(
    """
    ARG GO=1.26
    FROM --platform=$BUILDPLATFORM golang:${GO} AS build
    RUN go build
    FROM debian:12 AS runtime
    RUN apt-get install x
    FROM build AS lint
    RUN golint
    FROM runtime
    COPY --from=build /x /x
    COPY --from=example.org/tools:1 /tool /tool
    RUN --mount=type=bind,from=busybox,target=/b chmod +x /x
    """
)


def stages_needed(read: Dockerfile, target: str | None = None) -> list[Stage]:
    setting = Setting(target=target, args={}, build_platform=AMD64, target_platform=AMD64)
    return [stage.stage for stage in resolve(read, setting).needed]


def base_images(
    read: Dockerfile, *, args: Mapping[str, str], build_platform: Platform, target_platform: Platform
) -> list[BaseImage]:
    setting = Setting(args=args, build_platform=build_platform, target_platform=target_platform)
    return [image for stage in resolve(read, setting).needed for image in stage.images]


def images(text: str, **args: str) -> list[str]:
    found = base_images(dockerfile(text), args=args, build_platform=AMD64, target_platform=ARM64)
    return [f"{one.line} {one.use} {one.name} {one.platform}" for one in found]


def test_only_stages_that_the_target_is_made_of_are_needed() -> None:
    assert [stage.name for stage in stages_needed(CROSS)] == ["build", "runtime", None]
    assert [stage.name for stage in stages_needed(CROSS, "LINT")] == ["build", "lint"]


def test_images_are_pulled_for_the_platform_of_their_stage() -> None:
    found = base_images(CROSS, args={"GO": "1.27"}, build_platform=AMD64, target_platform=ARM64)
    assert [f"{one.line} {one.use} {one.name} {one.platform}" for one in found] == [
        "2 from golang:1.27 linux/amd64",
        "4 from debian:12 linux/arm64",
        "10 copy example.org/tools:1 linux/arm64",
        "11 mount busybox linux/arm64",
    ]


def test_runs_of_another_platform_are_foreign() -> None:
    found = foreign_runs(CROSS, args={}, build_platform=AMD64, target_platform=ARM64)
    assert [(one.line, str(one.platform)) for one in found] == [(5, "linux/arm64"), (11, "linux/arm64")]
    assert found[0].text == "RUN apt-get install x"


def test_on_a_machine_of_the_target_s_platform_no_run_is_foreign() -> None:
    assert foreign_runs(CROSS, args={}, build_platform=ARM64, target_platform=ARM64) == ()


def test_a_stage_of_a_third_platform_is_foreign_wherever_it_is_built() -> None:
    text = "FROM --platform=linux/amd64 node AS ui\nRUN npm\nFROM a\nCOPY --from=ui /d /d\n"
    (found,) = foreign_runs(dockerfile(text), args={}, build_platform=ARM64, target_platform=ARM64)
    assert (found.line, str(found.platform)) == (2, "linux/amd64")


def test_a_stage_has_the_platform_of_the_stage_it_begins_from() -> None:
    text = "FROM --platform=linux/amd64 a AS one\nFROM --platform=linux/arm/v7 one AS two\nFROM two\nRUN x\n"
    read = resolve(dockerfile(text), Setting(args={}, build_platform=AMD64, target_platform=ARM64))
    assert [str(stage.platform) for stage in read.stages] == ["linux/amd64"] * 3


def test_nothing_is_of_the_target_s_platform_whatever_from_says() -> None:
    text = "FROM --platform=linux/amd64 scratch\nCOPY x /x\n"
    read = resolve(dockerfile(text), Setting(args={}, build_platform=AMD64, target_platform=ARM64))
    assert (read.target.platform, read.target.images) == (ARM64, ())


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        ("$BUILDPLATFORM", "linux/amd64"),
        ("${TARGETPLATFORM}", "linux/arm64"),
        ("linux/$TARGETARCH", "linux/arm64"),
        ("$TARGETOS/${BUILDARCH}", "linux/amd64"),
        ("arm64", "linux/arm64"),
        ("linux", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("${P:-linux/riscv64}", "linux/riscv64"),
        ("windows/amd64", "windows/amd64"),
    ],
)
def test_platforms_are_expanded(written: str, platform: str) -> None:
    read = dockerfile(f"FROM --platform={written} a\n")
    assert [str(one.platform) for one in base_images(read, args={}, build_platform=AMD64, target_platform=ARM64)] == [
        platform
    ]


def test_arguments_before_from_take_values_from_each_other_and_from_the_build() -> None:
    text = "ARG A=1\nARG B=${A}-x C\nARG D=${C:-none}\nARG TARGETARCH=mine\nARG E\nFROM a\n"
    setting = Setting(args={"A": "2", "E": "given"}, build_platform=AMD64, target_platform=ARM64)
    values = global_arguments(dockerfile(text), setting)
    assert {name: values.get(name) for name in "ABCDE"} == {"A": "2", "B": "2-x", "C": None, "D": "none", "E": "given"}
    assert (values["TARGETARCH"], values["BUILDARCH"], values["TARGETPLATFORM"]) == ("mine", "amd64", "linux/arm64")


def test_an_argument_of_a_stage_is_not_in_scope_in_a_from_line() -> None:
    assert images("FROM a AS x\nARG V=1\nFROM b:${V:-none}\nCOPY --from=x /a /a\n") == [
        "1 from a linux/arm64",
        "3 from b:none linux/arm64",
    ]


def test_a_name_with_an_argument_that_has_no_value_is_not_known() -> None:
    found = base_images(dockerfile("ARG B\nFROM ${B}x\n"), args={}, build_platform=AMD64, target_platform=ARM64)
    assert [(one.written, one.name) for one in found] == [("${B}x", None)]
    assert images("ARG B\nFROM ${B}x\n", B="y/") == ["2 from y/x linux/arm64"]


def test_a_stage_is_meant_before_an_image_and_by_its_number_in_copy_alone() -> None:
    text = "FROM a AS Busybox\nFROM b\nCOPY --from=BUSYBOX /a /a\nCOPY --from=0 /a /a\nRUN --mount=from=0,target=/x y\n"
    assert images(text) == ["1 from a linux/arm64", "2 from b linux/arm64", "5 mount 0 linux/arm64"]


def test_a_stage_that_an_argument_names() -> None:
    text = "FROM a AS base-amd64\nFROM b AS base-arm64\nFROM base-${TARGETARCH}\nRUN x\n"
    assert images(text) == ["2 from b linux/arm64"]


def test_what_onbuild_holds_back_belongs_to_the_stage_built_on_it() -> None:
    text = "FROM a AS base\nONBUILD RUN held\nONBUILD COPY --from=c /x /x\nFROM base\nRUN own\n"
    read = dockerfile(text)
    assert images(text) == ["1 from a linux/arm64", "3 copy c linux/arm64"]
    assert [one.line for one in foreign_runs(read, args={}, build_platform=AMD64, target_platform=ARM64)] == [2, 5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM a\nCOPY --from=1 /a /b\n", "Dockerfile:2: stage '1' cannot be taken from here"),
        ("FROM a AS x\nCOPY --from=x /a /b\n", "Dockerfile:2: stage 'x' cannot be taken from here"),
        ("FROM --platform=$NOPE a\n", "Dockerfile:1: empty platform value from expression $NOPE"),
        ("FROM --platform=a/b/c/d a\n", "Dockerfile:1: --platform: 'a/b/c/d' is no platform"),
        ("ARG A=${\nFROM a\n", "Dockerfile:1: syntax error: missing '}'"),
        ("FROM $\\\n{\n", "Dockerfile:1: syntax error: missing '}'"),
    ],
)
def test_what_cannot_be_built_is_said_with_its_line(text: str, said: str) -> None:
    setting = Setting(args={}, build_platform=AMD64, target_platform=ARM64)
    with pytest.raises(DockerfileError) as caught:
        resolve(dockerfile(text), setting)
    assert str(caught.value).startswith(said)


def test_a_stage_that_comes_too_late_matters_only_where_it_is_needed() -> None:
    read = dockerfile("FROM a AS x\nCOPY --from=y /a /b\nFROM b AS y\nRUN x\n")
    with pytest.raises(DockerfileError, match="2: stage 'y' needs to be defined before"):
        stages_needed(read, "x")
    assert [stage.name for stage in stages_needed(read)] == ["y"]


def test_a_target_that_is_not_there_is_said() -> None:
    with pytest.raises(DockerfileError, match="target stage 'nope' could not be found"):
        stages_needed(CROSS, "nope")

"""`kfkit build lint` against a real registry: what the base images serve, for the platforms that stages need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.fault_proxy import Reply, run_faults
from tests.support.kfkit import Run, run_kfkit
from tests.support.push import Entry, Image, Index, build, index, push_image
from tests.support.registry_process import Registry, run_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration
AMD64, ARM64 = "linux/amd64", "linux/arm64"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with run_registry(tmp_path_factory.mktemp("registry")) as running:
        push_image(running.host, "both", "1", index(AMD64, ARM64, salt="both"))
        push_image(running.host, "amd64", "1", Image(platform=AMD64, salt="single"))
        wrong = Entry(content=Image(platform=AMD64, salt="wrong"), platform=ARM64)
        right = Entry(content=Image(platform=AMD64, salt="right"), platform=AMD64)
        push_image(running.host, "mislabelled", "1", Index(entries=(right, wrong)))
        yield running


def lint(work: Path, host: str, text: str, *arguments: str) -> Run:
    (work / "Dockerfile").write_text(text.replace("HOST", host))
    return run_kfkit("build", "lint", "Dockerfile", *arguments, work=work)


def told(work: Path, host: str, text: str, *arguments: str) -> list[str]:
    found: dict[str, Any] = lint(work, host, text, "--format", "json", *arguments).document()
    return [f"{one['line']} {one['rule']} {','.join(one['platforms'])}" for one in found["findings"]]


def test_images_that_serve_what_is_needed_are_no_findings(tmp_path: Path, registry: Registry) -> None:
    text = (
        "ARG TAG=1\nFROM --platform=linux/amd64 HOST/amd64:1 AS ui\n"
        "FROM --platform=$BUILDPLATFORM HOST/both:$TAG AS build\n"
        "FROM HOST/both:1\nCOPY --from=ui /u /u\nCOPY --from=build /x /x\nCOPY --from=HOST/both:1 /y /y\n"
    )
    run = lint(tmp_path, registry.host, text)
    assert (run.code, run.err) == (0, "")
    assert run.out == "1 Dockerfile for linux/amd64, linux/arm64: nothing that breaks on a required platform\n"


def test_a_platform_that_an_image_lacks_is_found_where_it_is_needed(tmp_path: Path, registry: Registry) -> None:
    text = (
        "FROM --platform=$BUILDPLATFORM HOST/amd64:1 AS build\nFROM HOST/amd64:1 AS unused\nFROM HOST/amd64:1\n"
        "COPY --from=build /x /x\nCOPY --from=HOST/amd64:1 /y /y\n"
        "RUN --mount=type=bind,from=HOST/amd64:1,target=/z true\n"
    )
    assert told(tmp_path, registry.host, text) == [
        "1 base-image linux/arm64",
        "3 base-image linux/arm64",
        "5 base-image linux/arm64",
        "6 base-image linux/arm64",
    ]
    assert told(tmp_path, registry.host, text, "--platform", AMD64) == []


def test_a_digest_of_one_platform_s_image_is_told_from_that_of_an_index(tmp_path: Path, registry: Registry) -> None:
    whole = build(index(AMD64, ARM64, salt="both")).digest
    single = build(Image(platform=AMD64, salt="both")).digest
    assert told(tmp_path, registry.host, f"FROM HOST/both:1@{whole}\n") == []
    run = lint(tmp_path, registry.host, f"FROM HOST/both:1@{single}\n")
    assert run.code == 1
    assert "no linux/arm64, only linux/amd64 (the digest is that of one platform's image, not of an index)" in run.out


def test_mislabelled_and_absent_images_are_found(tmp_path: Path, registry: Registry) -> None:
    run = lint(tmp_path, registry.host, "FROM HOST/mislabelled:1 AS a\nFROM HOST/nothing:9\nCOPY --from=a /x /x\n")
    assert run.code == 1
    assert ":1: base-image: " in run.out
    assert "is mislabelled for linux/arm64" in run.out
    assert "is absent for linux/amd64, linux/arm64" in run.out


def test_a_name_that_only_looks_like_an_architecture_s_is_left_where_the_registry_knows(
    tmp_path: Path, registry: Registry
) -> None:
    push_image(registry.host, "cross-x86_64", "1", index(AMD64, ARM64, salt="cross"))
    text = "FROM HOST/cross-x86_64:1\nRUN true\n"
    assert told(tmp_path, registry.host, text) == []
    assert told(tmp_path, registry.host, text, "--offline") == ["1 base-image-name linux/arm64"]


def test_what_cannot_be_asked_is_not_asked(tmp_path: Path, registry: Registry) -> None:
    text = "ARG BASE\nFROM ${BASE} AS a\nFROM a AS b\nFROM scratch\nCOPY --from=b /x /x\n"
    found = lint(tmp_path, registry.host, text, "--format", "json")
    assert found.code == 0
    (base,) = found.document()["bases"]
    assert (base["image"], base["reason"], "verdict" in base) == ("${BASE}", "${BASE}: an argument has no value", False)


def test_a_name_that_is_none_is_a_finding(tmp_path: Path, registry: Registry) -> None:
    assert told(tmp_path, registry.host, "ARG A=B\nFROM HOST/Upper$A\n") == ["2 base-image linux/amd64,linux/arm64"]


def test_a_registry_that_fails_is_three_and_findings_outrank_it(tmp_path: Path, registry: Registry) -> None:
    def down(_seen: object) -> Reply:
        return Reply(status=500)

    with run_faults((down,), upstream=registry.host) as faults:
        run = lint(tmp_path, faults.host, "FROM HOST/both:1\nRUN true\n")
        assert run.code == 3
        assert "warning: base-image-unknown: " in run.out
        assert "nothing is known to break; 1 could not be found out" in run.out
        assert lint(tmp_path, faults.host, "FROM HOST/both:1\nRUN ls /lib/x86_64-linux-gnu\n").code == 1


def test_a_comment_takes_a_verdict_back(tmp_path: Path, registry: Registry) -> None:
    text = "# kfkit: ignore=base-image there is no other\nFROM HOST/amd64:1\nRUN true\n"
    run = lint(tmp_path, registry.host, text)
    assert run.code == 0
    assert "Dockerfile:2: base-image: there is no other" in run.out


def test_images_are_found_where_registries_conf_says(tmp_path: Path, registry: Registry) -> None:
    conf = tmp_path / "registries.conf"
    conf.write_text(f'[[registry]]\nprefix = "quay.example"\nlocation = "{registry.host}"\ninsecure = true\n')
    text = "FROM quay.example/both:1 AS a\nFROM quay.example/amd64:1\nCOPY --from=a /x /x\n"
    assert told(tmp_path, registry.host, text, "--registries-conf", str(conf)) == ["2 base-image linux/arm64"]


def test_each_image_is_asked_for_once(tmp_path: Path, registry: Registry) -> None:
    with run_faults((), upstream=registry.host) as faults:
        text = "FROM HOST/both:1 AS a\nFROM HOST/both:1\nCOPY --from=HOST/both:1 /x /x\nCOPY --from=a /x /x\n"
        assert lint(tmp_path, faults.host, text).code == 0
        asked = [seen.path for seen in faults.seen if "/manifests/1" in seen.path]
        assert len(asked) == 1

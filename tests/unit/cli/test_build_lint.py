"""`kfkit build lint` as a user runs it, without a registry: what it prints, what its exit code says."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.kfkit import Run, environment, run_kfkit
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "FROM --platform=linux/amd64 debian:12\nRUN curl -LO https://x.org/tool-amd64\n"
RIGHT = "FROM debian:12\nARG TARGETARCH\nRUN curl -LO https://x.org/tool-$TARGETARCH\n"


def lint(work: Path, *arguments: str | Path, online: bool = False) -> Run:
    return run_kfkit("build", "lint", *arguments, *([] if online else ["--offline"]), work=work)


def write(work: Path, **files: str) -> None:
    for name, text in files.items():
        file = work / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def test_findings_are_one_and_nothing_is_zero(tmp_path: Path) -> None:
    write(tmp_path, a__Dockerfile=WRONG, b__Dockerfile=RIGHT)
    wrong = lint(tmp_path, ".")
    assert wrong.code == 1
    assert wrong.err == ""
    assert wrong.out.startswith("a/Dockerfile:1: fixed-platform: The final stage is for linux/amd64")
    assert wrong.out.endswith("2 findings in 1 Dockerfile of 2; --patch mends 1 of them\n")
    right = lint(tmp_path, "b")
    assert (right.code, right.out) == (
        0,
        "1 Dockerfile for linux/amd64, linux/arm64: nothing that breaks on a required platform\n",
    )


def test_the_sample_platform_has_its_two_traps_and_no_other(tmp_path: Path) -> None:
    found = lint(tmp_path, ROOT / "examples" / "platform", "--format", "json").document()
    assert found["files"] == 4
    assert [
        (one["file"].split("/apps/")[1], one["line"], one["rule"], one["certain"]) for one in found["findings"]
    ] == [
        ("runs/image/Dockerfile", 4, "fixed-platform", True),
        ("serving/image/Dockerfile", 5, "fixed-argument", False),
    ]


def test_a_path_is_shown_as_it_leads_to_the_file(tmp_path: Path) -> None:
    write(tmp_path, tree__a__Dockerfile=WRONG, here__x="")
    for path, shown in (
        ("../tree", "../tree/a/Dockerfile"),
        ("../tree/a/Dockerfile", "../tree/a/Dockerfile"),
        (str(tmp_path / "tree"), str(tmp_path / "tree" / "a" / "Dockerfile")),
    ):
        (first, _) = lint(tmp_path / "here", path, "--format", "json").document()["findings"]
        assert first["file"] == shown


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a__Dockerfile=WRONG)
    assert lint(tmp_path, ".", "a", "./a/Dockerfile", "--format", "json").document()["files"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "nothing: no such file or directory"),
        (["empty"], "no Dockerfile in empty"),
        ([], "Missing argument 'PATH...'"),
        (["d", "--platform", "x"], "--platform: 'x' is no platform"),
        (["d", "--format", "html"], "'html' is not one of"),
        (["d", "--report", "json"], "is not FORMAT=FILE"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_two(tmp_path: Path, arguments: list[str], said: str) -> None:
    write(tmp_path, d__Dockerfile=RIGHT, empty__Makefile="")
    run = lint(tmp_path, *arguments)
    assert (run.code, run.out) == (2, "")
    assert said in run.err


def test_a_file_that_cannot_be_read_is_three_and_findings_outrank_it(tmp_path: Path) -> None:
    write(tmp_path, a__Dockerfile="FROM a\nRUNN x\n", b__Dockerfile="F\0", c__Dockerfile=RIGHT)
    run = lint(tmp_path, ".")
    assert run.code == 3
    assert "  a/Dockerfile:2: unknown instruction: RUNN\n  b/Dockerfile: holds NUL bytes" in run.out
    write(tmp_path, d__Dockerfile=WRONG)
    assert lint(tmp_path, ".").code == 1


def test_other_platforms_can_be_required(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=WRONG)
    assert lint(tmp_path, ".", "--platform", "linux/amd64").code == 0
    found = lint(tmp_path, ".", "--platform", "linux/s390x", "--format", "json").document()
    assert {one["platforms"][0] for one in found["findings"]} == {"linux/s390x"}
    write(tmp_path, Dockerfile="FROM a\nRUN if [ $(uname -m) != aarch64 ]; then exit 1; fi\nRUN echo x86_64\n")
    assert lint(tmp_path, ".", "--platform", "linux/arm64").code == 0
    assert lint(tmp_path, ".", "--platform", "linux/amd64").code == 1


def test_a_file_for_another_platform_is_listed_and_counts_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, **{"Dockerfile.ppc64le": "FROM ppc64le/debian\n", "arm64__Dockerfile": "FROM arm64v8/debian\n"})
    run = lint(tmp_path, ".")
    assert run.code == 0
    assert "Dockerfile.ppc64le: by its name it is for another platform alone" in run.out


def test_the_patch_is_what_git_applies_and_nothing_is_written(tmp_path: Path) -> None:
    text = "# é\r\nFROM --platform=linux/amd64 a AS x\r\nRUN GOARCH=amd64 make\r\n"
    write(tmp_path, sub__Dockerfile=text, other__Dockerfile=WRONG)
    before = (tmp_path / "sub" / "Dockerfile").read_bytes()
    argv = [sys.executable, "-m", "buildkit.cli", "build", "lint", ".", "--offline", "--patch"]
    # Bytes, not text: reading text turns line ends into the system's own.
    run = subprocess.run(argv, cwd=tmp_path, env=environment(tmp_path), capture_output=True, check=False)
    assert (run.returncode, (tmp_path / "sub" / "Dockerfile").read_bytes()) == (1, before)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply"], cwd=tmp_path, input=run.stdout, check=True)
    assert (tmp_path / "sub" / "Dockerfile").read_bytes().decode() == (
        "# é\r\nFROM a AS x\r\nARG TARGETARCH\r\nRUN GOARCH=$TARGETARCH make\r\n"
    )
    assert lint(tmp_path, "sub").code == 0
    assert (lint(tmp_path, "sub", "--patch").code, lint(tmp_path, "sub", "--patch").out) == (0, "")


def test_a_patch_of_a_tree_elsewhere_is_applied_there(tmp_path: Path) -> None:
    write(tmp_path, tree__a__Dockerfile=WRONG, here__x="")
    run = lint(tmp_path / "here", "../tree", "--patch")
    assert run.out.startswith("--- a/a/Dockerfile\n+++ b/a/Dockerfile\n")


def test_annotations_and_sarif_name_files_as_the_repository_has_them(tmp_path: Path) -> None:
    write(tmp_path, tree__a__Dockerfile=WRONG, here__x="")
    run = lint(tmp_path / "here", "../tree", "--format", "github", "--sarif-root", "docker", "--report", "sarif=s.json")
    assert run.out.startswith("::error file=docker/a/Dockerfile,line=1,title=kfkit build lint%3A fixed-platform::")
    document = json.loads((tmp_path / "here" / "s.json").read_text())
    place = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "docker/a/Dockerfile"


def test_a_kfkit_toml_that_lies_in_the_tree_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=WRONG, **{"kfkit.toml": 'format = "json"\n'})
    run = lint(tmp_path, ".")
    assert "kfkit.toml lies inside PATHS and is not read unless --config names it" in run.err
    assert run.out.startswith("Dockerfile:1: fixed-platform")
    assert lint(tmp_path, ".", "--config", "kfkit.toml").out.startswith("{")


def test_timings_are_told(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=RIGHT)
    assert "timing files: " in lint(tmp_path, ".", "--timings").err

from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.probe import probe, read_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v5.8.1\n", "5.8.1"),
        ("v3.18.1+gabc1234", "3.18.1"),
        ("git version 2.50.1 (Apple Git-155)", "2.50.1"),
        ("go version go1.26.8 linux/amd64", "1.26.8"),
        ("go version go1.27 darwin/arm64", "1.27"),
        ("github.com/docker/buildx v0.37.2 9dcf1d1", "0.37.2"),
        ("Docker version 28.2.2, build e6534b4", "28.2.2"),
        ("{Version:kustomize/v4.5.7 GitCommit:56d82a8}", "4.5.7"),
        ("v0.0.0+unknown", ""),
        ("(devel)", ""),
        ("", ""),
    ],
)
def test_the_version_is_read_from_what_real_programs_print(text: str, version: str) -> None:
    assert read_version(text) == version


def test_every_program_of_the_name_is_asked_in_path_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, script in enumerate(("echo 1.0.0", "exit 1", "echo 3.0.0")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "thing").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "thing").chmod(0o755)
    monkeypatch.setenv("PATH", ":".join(str(tmp_path / str(number)) for number in range(3)))
    assert [one.version for one in probe("thing", ("--version",), seconds=5)] == ["1.0.0", "3.0.0"]

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from buildkit.cli.main import guarded
from buildkit.edges import tools
from buildkit.errors import Exit
from buildkit.model.installation import Installation
from buildkit.report.json import json_schema


@pytest.fixture
def path_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tools, "checkout_tools", lambda: None)
    return folder


def add(folder: Path, name: str, output: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\necho '{output}'\n")
    (folder / name).chmod(0o755)


def test_what_is_missing_and_needed_ends_with_exit_3(path_of: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(path_of, "git", "git version 2.50.1")
    assert guarded(["doctor"]) == Exit.UNDETERMINED
    output = capsys.readouterr()
    assert "kustomize is missing: `make tools` builds the pinned one" in output.out
    assert output.err == ""


def test_json_follows_its_schema_and_exit_0_means_ready(path_of: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(path_of, "git", "git version 2.50.1")
    add(path_of, "kustomize", "v5.8.1")
    assert guarded(["doctor", "--format", "json"]) == Exit.OK
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(json_schema("doctor", Installation)))
    assert document["schema"] == "kfkit/doctor/v1"
    assert document["ready"] is True
    kustomize = next(item for item in document["items"] if item["name"] == "kustomize")
    assert kustomize == {
        "name": "kustomize",
        "state": "ok",
        "required": True,
        "needed_for": ["audit", "images", "diff", "pins", "overlay"],
        "version": "5.8.1",
        "accepted": "5.8.x",
        "path": str(path_of / "kustomize"),
    }

"""`kfkit trend` on reports that real audits wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.support.kfkit import run_kfkit

if TYPE_CHECKING:
    from tests.integration.sample.conftest import Sample

CONTROLLER = "registry.quarry.example/runs/controller"


@pytest.fixture(scope="module")
def history(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give three nights of the sample: the second is offline, in the third the release has moved on."""
    folder = tmp_path_factory.mktemp("history") / "platform"
    folder.mkdir()
    old = ("--install", "releases/1.0")
    nights = {"2026-11-22": old, "2026-11-23": (*old, "--offline"), "2026-11-24": ()}
    data = sample.tree.parent / "quarry.yaml"
    for day, more in nights.items():
        report = f"json={folder / day}.json"
        run = sample.run(
            "audit", sample.tree, "--no-suggest", "--data", data, "--today", day, "--report", report, *more
        )
        assert run.code in {0, 1, 3}, run.err
    return folder.parent


def test_a_release_that_lost_a_platform_shows_when(sample: Sample, history: Path) -> None:
    run = run_kfkit("trend", history, "--format", "json", work=sample.work)
    assert run.code == 0, run.err
    document = run.document()
    schema = run_kfkit("schema", "trend", work=sample.work)
    Draft202012Validator(json.loads(schema.out)).validate(document)
    (release,) = document["releases"]
    assert (release["release"], release["platforms"]) == ("platform", ["linux/amd64", "linux/arm64"])
    assert [(one["date"], one["result"], one["file"]) for one in release["nights"]] == [
        ("2026-11-22", "no-go", "platform/2026-11-22.json"),
        ("2026-11-23", "undetermined", "platform/2026-11-23.json"),
        ("2026-11-24", "no-go", "platform/2026-11-24.json"),
    ]
    first, blind, now = (one["coverage"]["Runs"]["linux/arm64"] for one in release["nights"])
    assert blind["supported"] == 0
    assert blind["unknown"] == blind["total"] > 0
    assert first["total"] == now["total"] > first["supported"] > now["supported"] > 0
    (step,) = release["steps"]
    assert (step["since"], step["date"]) == ("2026-11-23", "2026-11-24")
    lost = {"name": f"{CONTROLLER}:1.1.0", "verdict": "missing", "was": f"{CONTROLLER}:1.0.0", "component": "Runs"}
    assert lost in step["regressed"]


@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
def test_every_format_names_the_release_and_its_nights(sample: Sample, history: Path, output_format: str) -> None:
    run = run_kfkit("trend", history, "--format", output_format, work=sample.work)
    assert run.code == 0, run.err
    for word in ("platform", "2026-11-22", "2026-11-24", "Runs"):
        assert word in run.out


def test_a_folder_without_reports_and_a_file_that_is_none_end_with_2(sample: Sample, tmp_path: Path) -> None:
    run = run_kfkit("trend", tmp_path, work=sample.work)
    assert (run.code, run.out) == (2, "")
    assert f"{tmp_path}: no report in it" in run.err
    (tmp_path / "package.json").write_text('{"name": "x"}')
    run = run_kfkit("trend", tmp_path, work=sample.work)
    assert (run.code, run.out) == (2, "")
    assert f"{tmp_path / 'package.json'}: it names no schema" in run.err
    assert run_kfkit("trend", tmp_path / "nowhere", work=sample.work).code == 2

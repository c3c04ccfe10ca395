"""The sample platform's chart, kept as it is generated: a change of the generator shows as a change of templates.

After a change that is meant: `UPDATE_GOLDEN=1 pytest tests/integration/charts/test_sample.py`, and read the difference.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from buildkit.edges.tools import Program
from buildkit.flows.chart_equality import check_profiles
from buildkit.flows.chart_installs import check_installs
from buildkit.flows.chart_scene import Scene
from buildkit.flows.charts import GenerateRequest, generate
from buildkit.flows.watch import Watch
from tests.integration.charts.yard import SAMPLE
from tests.support.kfkit import run_kfkit
from tests.support.tools import ROOT

pytestmark = pytest.mark.integration
GOLDEN = ROOT / "tests" / "golden" / "charts"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
REMEDY = "UPDATE_GOLDEN=1 pytest tests/integration/charts/test_sample.py, and read git diff"
OPTIONS = ("--manifests", SAMPLE.manifests, "--specs", SAMPLE.specs, "--version", SAMPLE.version)


def files_of(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_the_chart_of_the_sample_is_the_one_that_was_reviewed(tmp_path: Path) -> None:
    output = GOLDEN if UPDATE else tmp_path / "charts"
    run = run_kfkit("charts", "generate", *OPTIONS, "--output", output, work=tmp_path / "work")
    assert (run.code, run.err) == (0, "")
    found, wanted = files_of(output), files_of(GOLDEN)
    assert found.keys() == wanted.keys(), REMEDY
    for path, text in wanted.items():
        assert found[path] == text, f"{path}: {REMEDY}"


def test_a_chart_is_the_same_bytes_each_time_and_in_any_order_of_the_work(sample: Scene, tmp_path: Path) -> None:
    generate(GenerateRequest(charts=SAMPLE, output=tmp_path), Watch())
    for part in sample.parts:
        again = files_of(tmp_path / part.chart.name)
        again.pop(".kfkit-chart")
        assert again == dict(part.chart.files)


def test_both_profiles_render_as_kustomize_has_them_and_install_with_both_helms(sample: Scene, helm3: Program) -> None:
    profiles, problems = check_profiles(sample, Watch())
    assert [(one.profile, one.differences, one.accepted) for one in profiles] == [
        ("multi-user", 0, ()),
        ("edge", 0, ()),
    ]
    assert problems == []
    profiles, problems = check_installs(sample, profiles, helm3, None, Watch())
    assert problems == []
    assert all(0 < (one.release_bytes or 0) < 200_000 for one in profiles)


def test_what_helm_would_install_is_said_with_the_notes_and_the_test_of_the_services(
    sample: Scene, program: Program
) -> None:
    """Helm 3 asks a cluster before any install, a dry one too: `helm template` is as near as it comes without."""
    part = sample.parts[0]
    verb = ("install", "--dry-run=client") if program.version.startswith("4") else ("template",)
    argv = [str(program.path), *verb, "quarry", str(part.folder), "--namespace", "quarry"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={"HOME": str(sample.folder)})
    assert "helm.sh/hook: test" in done.stdout
    assert done.stdout.count("\nkind: ") == 44, "45 objects of multi-user without 2 definitions, and the test's pod"
    assert ("NOTES:" in done.stdout) == (verb[0] == "install")

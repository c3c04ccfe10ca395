"""Every specification of helm-charts/ on the shared releases: each profile is what its kustomization renders."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.flows.chart_renders import SPEC
from buildkit.flows.charts import ChartsRequest, GenerateRequest, generate
from buildkit.flows.charts_check import CheckRequest, check
from buildkit.flows.options import RemoteOptions
from buildkit.flows.watch import Watch
from buildkit.report.charts_words import exit_of_check
from tests.integration.charts.yard import said
from tests.support.tools import ROOT, release, remotes, tool

pytestmark = pytest.mark.release
RELEASES = ("26.03", "v1.11.0")
SPECS = ROOT / "helm-charts"
# Checked with all their values too: one of many profiles, and one with a webhook and definitions.
WHOLE = ("katib", "notebook-controller")


def request(name: str, folder: Path, *names: str) -> ChartsRequest:
    for program in ("kustomize", "helm", "helm3"):
        tool(program)
    where = RemoteOptions(remotes=(remotes(),), offline=True, lock=folder / "kfkit.lock")
    return ChartsRequest(manifests=str(release(name)), names=names, specs=SPECS, remotes=where)


@pytest.mark.parametrize("name", RELEASES)
def test_every_profile_of_every_chart_is_as_kustomize_has_it(name: str, tmp_path: Path) -> None:
    outcome = check(CheckRequest(charts=request(name, tmp_path), equality_only=True), Watch())
    assert said(outcome) == ""
    assert [(one.chart, one.profile) for one in outcome.profiles if one.differences] == []
    assert {one.chart for one in outcome.profiles} == {file.parent.name for file in SPECS.glob(f"*/{SPEC}")}
    assert all(one.reason for profile in outcome.profiles for one in profile.accepted)


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("chart", WHOLE)
def test_every_value_does_what_it_says_and_both_helms_install_it(name: str, chart: str, tmp_path: Path) -> None:
    outcome = check(CheckRequest(charts=request(name, tmp_path, chart), helms=("3", "4")), Watch())
    assert said(outcome) == ""
    assert [(one.value, one.profile) for one in outcome.values if one.differences] == []
    assert exit_of_check(outcome) == 0


def test_the_same_release_gives_the_same_charts_and_the_next_one_says_what_changes(tmp_path: Path) -> None:
    def made(name: str, folder: str) -> list[object]:
        wanted = GenerateRequest(charts=request(name, tmp_path, "katib", "pipelines"), output=tmp_path / folder)
        return [one.changes for one in generate(wanted, Watch()).charts]

    def files(folder: str) -> dict[str, bytes]:
        root = tmp_path / folder
        return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}

    made("v1.11.0", "one")
    made("v1.11.0", "two")
    assert files("one") == files("two")
    assert None not in made("26.03", "one")

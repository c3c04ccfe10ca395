from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.charts.packages import Publication, Published, PublishState
from buildkit.report.json import encode
from tests.support.tools import ROOT
from tools.chart_jobs import ChartJobsError, diff, fenced, images_of, main, plan, registry_host

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_tree_of_the_callers_is_the_only_one() -> None:
    assert plan("deploy", "", "pull_request") == [{"release": "own", "manifests": "deploy"}]


def test_the_night_has_every_release_and_a_pull_request_those_that_do_not_move() -> None:
    night, request = plan("", "", "schedule"), plan("", "", "pull_request")
    assert {"master", "26.03"} <= {one["release"] for one in night}
    assert {one["release"] for one in request} == {"26.03", "v1.11.0"}
    assert all(one in night for one in request)


def test_releases_that_are_asked_for_are_taken_as_they_are() -> None:
    assert [one["release"] for one in plan("", '["master"]', "pull_request")] == ["master"]
    with pytest.raises(ChartJobsError):
        plan("", "[", "workflow_dispatch")


def test_the_registry_that_is_logged_in_to() -> None:
    assert registry_host("oci://ghcr.io/kubeflow/charts", has_token=False) == "ghcr.io"
    assert registry_host("oci://x.example:5000", has_token=True) == "x.example:5000"


@pytest.mark.parametrize(
    "registry",
    [
        "",
        "ghcr.io/x",
        "https://ghcr.io",
        "oci://",
        "oci://me:secret@ghcr.io/x",
        "oci://ghcr.io/X",
        "oci://ghcr.io/x\ny",
    ],
)
def test_what_is_no_registry(registry: str) -> None:
    with pytest.raises(ChartJobsError, match="registry must be oci://"):
        registry_host(registry, has_token=True)


def test_githubs_token_is_for_githubs_registry() -> None:
    with pytest.raises(ChartJobsError, match=r"quay\.io needs the secret registry-token"):
        registry_host("oci://quay.io/x", has_token=False)


def document(state: PublishState = "pushed", digest: str | None = DIGEST) -> dict[str, Any]:
    one = Published(
        chart="demo",
        version="1.0.0",
        file="x",
        reference="oci://localhost:5000/a/demo:1.0.0",
        sha256="0" * 64,
        digest=digest,
        state=state,
    )
    made: dict[str, Any] = json.loads(encode("chart-publish", Publication(registry="oci://x", charts=(one,))))
    return made


def test_what_is_signed_is_what_is_there() -> None:
    signed = [{"image": "localhost:5000/a/demo", "digest": DIGEST}]
    assert images_of(document()) == images_of(document("there")) == signed
    with pytest.raises(ChartJobsError, match="not published: demo"):
        images_of(document("refused"))
    with pytest.raises(ChartJobsError, match="not published: no chart"):
        images_of({"charts": []})
    with pytest.raises(ChartJobsError, match="digest is not known"):
        images_of(document(digest=None))


def charts(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / "demo").mkdir(parents=True, exist_ok=True)
        (folder / "demo" / name).write_text(text)
    return folder


def test_a_diff_shows_files_and_lines(tmp_path: Path) -> None:
    old, new = charts(tmp_path / "1", a="x\n", b="y\n"), charts(tmp_path / "2", a="z\n", b="y\n")
    text = diff(old, new)
    assert "1 file changed" in text
    assert "\n-x\n+z\n" in text
    assert "+++ b/demo/a" in text
    assert str(tmp_path) not in text
    assert "No template changes" in diff(old, old)


def test_a_diff_that_is_long_is_cut_and_says_so(tmp_path: Path) -> None:
    old, new = charts(tmp_path / "1", a=""), charts(tmp_path / "2", a="y" * 99 + "\n" + ("z" * 99 + "\n") * 5000)
    text = diff(old, new)
    assert len(text) < 210_000
    assert "more lines: the artifact has them" in text


def test_nothing_in_a_diff_ends_its_fence(tmp_path: Path) -> None:
    old, new = charts(tmp_path / "1", a="x\n"), charts(tmp_path / "2", a="````\n<script>\x1b[31m\n")
    text = diff(old, new)
    assert "`````diff\n" in text
    assert "\x1b" not in text
    assert fenced("``") == "```\n``\n```\n"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(tmp_path / "none"), str(tmp_path)]) == 2
    assert "no folder of charts" in capsys.readouterr().err


def test_outputs_are_given_to_the_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output, file = tmp_path / "output", tmp_path / "publish.json"
    output.touch()
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    monkeypatch.setenv("MANIFESTS", "deploy")
    monkeypatch.setenv("REGISTRY", "oci://ghcr.io/x")
    file.write_text(json.dumps(document()))
    assert [main([*words]) for words in (["plan"], ["registry"], ["images", str(file)])] == [0, 0, 0]
    assert output.read_text().splitlines() == [
        'matrix=[{"release": "own", "manifests": "deploy"}]',
        "host=ghcr.io",
        f'images=[{{"image": "localhost:5000/a/demo", "digest": "{DIGEST}"}}]',
    ]
    file.write_text("{}")
    assert main(["images", str(file)]) == 2

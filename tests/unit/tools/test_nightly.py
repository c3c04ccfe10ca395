"""Which releases a night audits, what of it is recorded, and what the summary says has changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.tools import ROOT
from tools import nightly
from tools.nightly import PlanError, code, parse_input, parse_list, plan

LISTED = parse_list(
    "# a comment\ngithub.com/x/y@master # another\n\ngithub.com/x/y@26.03\n",
    "releases.txt",
)


def test_the_list_that_is_committed_can_be_used() -> None:
    listed = parse_list((ROOT / nightly.RELEASES).read_text(), "releases.txt")
    assert {one.manifests.partition("@")[0] for one in listed} == {nightly.COMMUNITY}
    assert "master" in {one.release for one in listed}


def test_every_night_audits_the_list_and_records_it() -> None:
    outputs = plan(LISTED, "", "", default_branch=True)
    assert json.loads(outputs["matrix"]) == [
        {"release": "master", "manifests": "github.com/x/y@master"},
        {"release": "26.03", "manifests": "github.com/x/y@26.03"},
    ]
    assert outputs["record"] == "true"


@pytest.mark.parametrize(
    ("asked", "platforms", "branch", "record"),
    [
        ('["github.com/x/y@26.03"]', "", "main", "true"),
        ('["26.03"]', "", "main", "false"),  # kubeflow's, which this list does not name
        ("", "linux/arm64", "main", "false"),
        ("", "", "a-branch", "false"),
        ("  ", " ", "main", "true"),
    ],
)
def test_only_what_the_list_asks_for_is_recorded(asked: str, platforms: str, branch: str, record: str) -> None:
    assert plan(LISTED, asked, platforms, default_branch=branch == "main")["record"] == record


def test_a_bare_ref_is_kubeflows() -> None:
    (one,) = parse_input('["feature/x"]')
    assert (one.release, one.manifests) == ("feature-x", f"{nightly.COMMUNITY}@feature/x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("github.com/x/y\n", r"releases\.txt:1"),
        ("\n../manifests\n", r"releases\.txt:2"),
        ("github.com/x/y@a;b\n", r"releases\.txt:1"),
        ("github.com/x/y@--upload-pack=x\n", r"releases\.txt:1"),
        ("github.com/x/y@v1\ngithub.com/a/b@V1\n", "stands there twice"),
        ("# nothing\n", "names 0 releases"),
        ("".join(f"github.com/x/y@v{number}\n" for number in range(51)), "names 51 releases"),
    ],
)
def test_a_wrong_list_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(PlanError, match=told):
        parse_list(text, "releases.txt")


@pytest.mark.parametrize("text", ["x", "{}", "[1]", "[]", '["../x"]', '["a b"]', '["x@y@z"]', '["a", "a"]'])
def test_a_wrong_input_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match="releases"):
        parse_input(text)


def test_the_plan_reaches_the_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "audits").mkdir()
    (tmp_path / "audits" / "releases.txt").write_text("github.com/x/y@master\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("DEFAULT_BRANCH", "main")
    monkeypatch.setenv("GITHUB_REF_NAME", "main")
    monkeypatch.delenv("RELEASES", raising=False)
    assert nightly.main(["plan"]) == 0
    assert (tmp_path / "output").read_text() == (
        'matrix=[{"release": "master", "manifests": "github.com/x/y@master"}]\nrecord=true\n'
    )


def test_a_missing_list_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nightly.main(["plan"]) == 2
    assert "audits/releases.txt" in capsys.readouterr().err


def test_a_committed_baseline_needs_no_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "audits" / "baselines").mkdir(parents=True)
    (tmp_path / "audits" / "baselines" / "26.03.json").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    assert nightly.main(["baseline", "26.03", str(tmp_path / "out.json")]) == 0
    assert capsys.readouterr().out == "origin=committed\n"
    assert not (tmp_path / "out.json").exists()


def image(name: str, kind: str, status: str, was: str | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "platforms": {},
        "change": {"kind": kind, "was": was, "platforms": ["linux/arm64"]},
        "uses": [{"file": "x.yaml", "line": 1}],
    }


def changes(tmp_path: Path, *images: dict[str, Any], day: str = "2026-11-20") -> str:
    document = {
        "schema": "kfkit/audit/v1",
        "release": "26.03",
        "date": "2026-11-24",
        "compared": {"against": "x", "date": day, "gone": [{"name": "left:1"}]},
        "findings": [],
        "images": images,
        "problems": [],
    }
    (tmp_path / "changes.json").write_text(json.dumps(document))
    return nightly.changes_markdown(tmp_path / "changes.json")


def test_the_summary_says_what_changed_worst_first(tmp_path: Path) -> None:
    text = changes(
        tmp_path,
        image("same:1", "same", "fails"),
        image("mended:2", "fixed", "ok", "mended:1"),
        image("added:1", "new", "fails"),
        image("added-and-fine:1", "new", "ok"),
        image("lost:2", "regressed", "excepted", "lost:1"),
        image("elsewhere:1", "regressed", "not-counted"),
    )
    assert text.splitlines()[3:] == [
        "- regressed: `lost:2`, was `lost:1`",
        "- new: `added:1`",
        "- fixed: `mended:2`, was `mended:1`",
        "- gone: `left:1`",
    ]


def test_the_baselines_day_is_told_where_it_is_one(tmp_path: Path) -> None:
    assert "## What changed since 2026-11-20\n" in changes(tmp_path)
    assert "## What changed\n" in changes(tmp_path, day="2026-11-20 @everyone <img src=x>")


def test_a_summary_is_short_whatever_changed(tmp_path: Path) -> None:
    text = changes(tmp_path, *(image(f"x{'y' * 1000}:{number}", "new", "fails") for number in range(5000)))
    assert len(text) < 20_000
    assert "and 4961 more" in text


@pytest.mark.parametrize("text", ["a`b", "a\nb", "<!-- x -->", "", " ", "\x1b[31m", "x" * 1000])
def test_foreign_text_is_one_code_span(text: str) -> None:
    shown = code(text)
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert shown.isprintable()
    assert "<!--" not in shown
    assert len(shown) <= 302


@pytest.mark.parametrize("module", ["fix_request", "nightly", "tracking_issue"])
def test_it_needs_nothing_but_python(module: str) -> None:
    command = [sys.executable, "-S", "-m", f"tools.{module}", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""The job that may write, against a patch and a report that lie: only what both say, and the tree has, goes in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workflows.conftest import git
from tests.support.github_api import run_github
from tests.support.tools import ROOT
from tools.fix_commit import FixError, branch_of, stage
from tools.fix_report import FixReport, FixReportError, read_fix
from tools.fix_request import MOST_BODY, body_of

TOKEN = "token-of-the-job"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for name, content in {"deploy/a.yaml": "a: 1\n", "deploy/b.yaml": "b: 1\n", ".github/c.yml": "c: 1\n"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "deploy" / "link").symlink_to("a.yaml")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "begin")
    return folder


def patch_of(checkout: Path, shell: str) -> Path:
    """The patch that a command makes of the work tree; the tree is then as it was."""
    subprocess.run(["bash", "-euc", shell], cwd=checkout, check=True)
    git(checkout, "add", "--all", "--intent-to-add")
    patch = checkout.parent / "fix.patch"
    patch.write_text(git(checkout, "diff", "--binary", "--no-renames", "HEAD"))
    git(checkout, "reset", "--quiet", "--hard")
    return patch


def test_a_patch_goes_into_the_index_and_writes_no_file(checkout: Path) -> None:
    patch = patch_of(checkout, "echo 'a: 2' > deploy/a.yaml")
    tree = stage(checkout, patch, "deploy", ["a.yaml"])
    assert git(checkout, "show", f"{tree}:deploy/a.yaml") == "a: 2\n"
    assert (checkout / "deploy" / "a.yaml").read_text() == "a: 1\n"


@pytest.mark.parametrize(
    ("shell", "files", "says"),
    [
        ("echo x > deploy/b.yaml; echo x > deploy/a.yaml", ["a.yaml"], "name different files: 'deploy/b.yaml'"),
        ("echo x > deploy/a.yaml", ["a.yaml", "b.yaml"], "name different files: 'deploy/b.yaml'"),
        ("echo x > deploy/new.yaml", ["new.yaml"], "does more to 'deploy/new.yaml' than to change its content"),
        ("rm deploy/a.yaml", ["a.yaml"], "does more to 'deploy/a.yaml'"),
        ("chmod +x deploy/a.yaml; echo x > deploy/a.yaml", ["a.yaml"], "does more to 'deploy/a.yaml'"),
        ("ln -sf /etc/passwd deploy/a.yaml", ["a.yaml"], "does more to 'deploy/a.yaml'"),
        ("ln -sfn b.yaml deploy/link", ["link"], "does more to 'deploy/link'"),
        ("echo x > .github/c.yml", ["../.github/c.yml"], "'.github/c.yml' is no manifest"),
    ],
)
def test_what_is_more_than_the_content_of_reported_files_is_refused(
    checkout: Path, shell: str, files: list[str], says: str
) -> None:
    with pytest.raises(FixError, match=says.replace(".", r"\.")):
        stage(checkout, patch_of(checkout, shell), "deploy", files)


@pytest.mark.parametrize("text", ["", "no patch\n", "--- a/../../x\n+++ b/../../x\n@@ -0,0 +1 @@\n+x\n"])
def test_a_patch_that_is_none_or_leads_out_is_refused(checkout: Path, text: str) -> None:
    patch = checkout.parent / "fix.patch"
    patch.write_text(text)
    with pytest.raises(FixError, match="the patch does not apply"):
        stage(checkout, patch, "deploy", ["a.yaml"])


def report(folder: Path, **changed: Any) -> Path:
    pin = {"file": "a.yaml", "edit": "done"}
    proof = {"kustomizations": 2, "changed": [], "unintended": [], "unproven": []}
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text(
        json.dumps({"schema": "kfkit/pins/v1", "pins": [pin], "proof": proof} | changed)
    )
    (folder / "report.md").write_text("the proof\n")
    return folder / "report.json"


@pytest.mark.parametrize("file", ["/etc/passwd", "../x", "a/../../x", "./a.yaml", ".."])
def test_a_report_that_names_a_file_outside_of_the_tree_is_none(tmp_path: Path, file: str) -> None:
    with pytest.raises(FixReportError, match="is no file of the tree"):
        read_fix(report(tmp_path, pins=[{"file": file, "edit": "done"}]))


@pytest.mark.parametrize(
    "content", ["", "[]", '{"schema": "kfkit/audit/v1"}', '{"schema": "kfkit/pins/v1"}', "[" * 9999]
)
def test_what_is_no_report_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(FixReportError, match=r"report\.json"):
        read_fix(tmp_path / "report.json")


def test_a_branch_is_the_same_at_every_run_and_another_for_another_folder() -> None:
    names = {branch_of(base, folder) for base in ("main", "v1") for folder in (".", "deploy", "deploy-", "Ü ~^:?*[\\")}
    assert len(names) == 8
    assert branch_of("main", "deploy") in names
    for name in names:
        assert subprocess.run(["git", "check-ref-format", "--branch", name], check=False).returncode == 0


def test_a_text_is_cut_to_what_github_takes_and_says_so() -> None:
    done = FixReport(freed=1, files=("a.yaml",), kustomizations=1, unintended=0)
    text = body_of(done, "deploy", "a line of the proof\n" * 10_000)
    assert len(text) <= MOST_BODY
    assert text.endswith("the artifact of the run has the whole report.\n")
    assert "`@someone <b>`" in body_of(done, "@someone <b>", "")


def publish(tmp_path: Path, checkout: Path, api: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "GITHUB_API_URL": api, "GITHUB_REPOSITORY": "x/y", "GITHUB_TOKEN": TOKEN}
    return subprocess.run(
        [sys.executable, "-S", "-m", "tools.fix_request", "publish", str(tmp_path / "out"), str(checkout)],
        cwd=ROOT,
        env=env | {"MANIFESTS": "deploy", "GITHUB_REF_NAME": "main"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_not_proven_is_not_published(tmp_path: Path, checkout: Path) -> None:
    report(tmp_path / "out", proof={"kustomizations": 1, "unintended": [{}]})
    done = publish(tmp_path, checkout, "http://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (2, "error: there is nothing that was proven\n")


def test_a_repository_that_allows_no_pull_requests_is_told_where_to_allow_them(tmp_path: Path, checkout: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(checkout, "remote", "add", "origin", str(tmp_path / "remote.git"))
    report(tmp_path / "out")
    patch_of(checkout, "echo 'a: 2' > deploy/a.yaml").rename(tmp_path / "out" / "fix.patch")
    with run_github("x/y", {TOKEN: {"pull-requests": "write"}}) as github:
        said = b'{"message": "GitHub Actions is not permitted to create or approve pull requests."}'
        github.answer_with = (403, said, {})
        done = publish(tmp_path, checkout, github.address)
        assert done.returncode == 3
        assert "allow GitHub Actions to create pull requests" in done.stderr
        github.answer_with = None
        done = publish(tmp_path, checkout, github.address)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "https://github.com/x/y/pull/1"
    assert TOKEN not in done.stdout + done.stderr
    assert git(tmp_path / "remote.git", "log", "--format=%an", branch_of("main", "deploy")).startswith("github-actions")

"""The branch `audit-history` on a real remote: begun, kept, never lost."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workflows.conftest import git
from tests.support.fault_proxy import Reply, Seen, run_faults
from tests.support.tools import ROOT
from tools import audit_history
from tools.audit_history import BRANCH, HistoryError, read_baseline, record_night

SUPPORTED = {"linux/amd64": "supported", "linux/arm64": "supported"}


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "pushed.git")
    return tmp_path / "pushed.git"


@pytest.fixture
def checkout(tmp_path: Path, remote: Path) -> Path:
    return make_checkout(tmp_path / "checkout", str(remote))


def make_checkout(folder: Path, remote: str) -> Path:
    """A work tree with our remote, and kfkit where `make` puts it."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    program = folder / ".venv" / "bin" / "kfkit"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m buildkit.cli "$@"\n')
    program.chmod(0o755)
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", remote)
    return folder


def document(release: str, date: str, *, arm64: str = "supported", compared: bool = True, change: str = "same") -> Any:
    image = {
        "name": "quay.io/x/y:1",
        "reference": "quay.io/x/y:1",
        "pinned": "tag",
        "default_install": True,
        "depth": "config",
        "verdict": arm64,
        "status": {"supported": "ok", "unknown": "unknown"}.get(arm64, "fails"),
        "platforms": {name: {"verdict": verdict} for name, verdict in (SUPPORTED | {"linux/arm64": arm64}).items()},
        "uses": [{"file": "x.yaml", "line": 1}],
        "change": {"kind": change, "platforms": ["linux/arm64"]} if compared else None,
    }
    return {
        "schema": "kfkit/audit/v1",
        "source": release,
        "release": release,
        "date": date,
        "result": {"supported": "go", "unknown": "undetermined"}.get(arm64, "no-go"),
        "required": sorted(SUPPORTED),
        "scope": "default",
        "compared": {"against": "x", "date": "2026-11-01", "gone": []} if compared else None,
        "findings": [],
        "images": [image],
        "problems": [],
    }


def night(folder: Path, *documents: dict[str, Any]) -> Path:
    for one in documents:
        target = folder / f"audit-{one['release']}"
        target.mkdir(parents=True, exist_ok=True)
        (target / "report.json").write_text(json.dumps(one))
    return folder


def shown(remote: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(git(remote, "show", f"{BRANCH}:{name}"))
    return content


def names(remote: Path) -> set[str]:
    return set(git(remote, "ls-tree", "-r", "--name-only", BRANCH).splitlines())


def test_the_branch_begins_without_the_projects_own_past(checkout: Path, remote: Path, tmp_path: Path) -> None:
    record_night(
        checkout, night(tmp_path / "a", document("26.03", "2026-11-20", compared=False)), tmp_path / "trend.md"
    )
    assert git(remote, "rev-list", "--count", BRANCH).strip() == "1"
    assert "reports/26.03/2026-11-20.json" in names(remote)
    assert (tmp_path / "trend.md").read_text()


def test_runs_at_once_lose_nothing(remote: Path, tmp_path: Path) -> None:
    def one(number: int) -> None:
        mine = make_checkout(tmp_path / f"checkout-{number}", str(remote))
        record_night(
            mine, night(tmp_path / f"a{number}", document(f"r{number}", "2026-11-20")), tmp_path / f"t{number}"
        )

    with ThreadPoolExecutor(4) as runs:
        list(runs.map(one, range(4)))
    assert {f"reports/r{number}/2026-11-20.json" for number in range(4)} <= names(remote)
    assert git(remote, "rev-list", "--count", BRANCH).strip() == "4"
    page = git(remote, "show", f"{BRANCH}:index.html")
    assert all(f"r{number}" in page for number in range(4)), "the last push has the trend of all"


def test_a_remote_that_cannot_be_asked_is_not_a_remote_without_history(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "remote", "set-url", "origin", str(tmp_path / "nowhere.git"))
    with pytest.raises(HistoryError, match="could not be asked"):
        read_baseline(checkout, "26.03")
    with pytest.raises(HistoryError, match="could not be asked"):
        record_night(checkout, night(tmp_path / "a", document("26.03", "2026-11-20")), tmp_path / "trend.md")


def test_a_night_without_any_report_is_an_error(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no report"):
        record_night(checkout, tmp_path / "nothing", tmp_path / "trend.md")


def test_a_second_run_of_the_day_with_a_registry_down_spoils_nothing(
    checkout: Path, remote: Path, tmp_path: Path
) -> None:
    def record(name: str, arm64: str) -> Any:
        record_night(checkout, night(tmp_path / name, document("26.03", "2026-11-20", arm64=arm64)), tmp_path / "t")
        return shown(remote, "reports/26.03/2026-11-20.json")["result"]

    assert record("early", "unknown") == "undetermined"
    assert record("day", "supported") == "go"
    assert record("evening", "unknown") == "go"
    assert record("night", "missing") == "no-go"


@pytest.mark.parametrize(
    ("second", "day"),
    [
        ({}, "2026-11-21"),
        ({"arm64": "missing", "change": "same"}, "2026-11-21"),
        ({"arm64": "missing", "change": "regressed"}, "2026-11-20"),
        ({"arm64": "unknown"}, "2026-11-20"),
        ({"compared": False}, "2026-11-20"),
    ],
    ids=["all well", "an old problem", "regressed", "unknown", "not compared"],
)
def test_the_baseline_moves_on_only_past_a_night_that_lost_nothing(
    checkout: Path, remote: Path, tmp_path: Path, second: dict[str, Any], day: str
) -> None:
    record_night(checkout, night(tmp_path / "a", document("26.03", "2026-11-20", compared=False)), tmp_path / "t")
    record_night(checkout, night(tmp_path / "b", document("26.03", "2026-11-21", **second)), tmp_path / "t")
    assert shown(remote, "baselines/26.03.json")["date"] == day
    kept = read_baseline(checkout, "26.03")
    assert kept is not None
    assert json.loads(kept) == shown(remote, "baselines/26.03.json")


def test_a_night_that_could_not_tell_is_no_first_baseline(checkout: Path, remote: Path, tmp_path: Path) -> None:
    first = document("26.03", "2026-11-20", arm64="unknown", compared=False)
    record_night(checkout, night(tmp_path / "a", first), tmp_path / "t")
    assert "baselines/26.03.json" not in names(remote)
    assert read_baseline(checkout, "26.03") is None


def test_the_comparison_says_what_moved_back_and_the_report_is_kept(
    checkout: Path, remote: Path, tmp_path: Path
) -> None:
    record_night(checkout, night(tmp_path / "a", document("26.03", "2026-11-20", compared=False)), tmp_path / "t")
    folder = night(tmp_path / "b", document("26.03", "2026-11-21", arm64="missing", compared=False))
    compared = document("26.03", "2026-11-21", arm64="missing", change="regressed")
    (folder / "audit-26.03" / "changes.json").write_text(json.dumps(compared))
    record_night(checkout, folder, tmp_path / "t")
    assert shown(remote, "reports/26.03/2026-11-21.json")["compared"] is None
    assert shown(remote, "baselines/26.03.json")["date"] == "2026-11-20"


def test_the_newest_commit_does_not_grow_for_ever(
    checkout: Path, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_history, "RECENT_NIGHTS", 2)
    for day in ("10-30", "10-31", "11-20", "11-21"):
        record_night(checkout, night(tmp_path / day, document("26.03", f"2026-{day}")), tmp_path / "t")
    days = {"2026-10-30", "2026-11-20", "2026-11-21"}
    assert {name for name in names(remote) if name.startswith("reports/")} == {
        f"reports/26.03/{day}.json" for day in days
    }
    assert git(remote, "show", f"{BRANCH}~2:reports/26.03/2026-10-31.json")


def test_reports_are_kept_even_when_the_trend_cannot_be_made(checkout: Path, remote: Path, tmp_path: Path) -> None:
    (checkout / ".venv" / "bin" / "kfkit").write_text("#!/bin/sh\necho broken >&2\nexit 70\n")
    with pytest.raises(HistoryError, match="trend could not be made: kfkit trend ended with 70: broken"):
        record_night(checkout, night(tmp_path / "a", document("26.03", "2026-11-20")), tmp_path / "t")
    assert "reports/26.03/2026-11-20.json" in names(remote)


def test_the_token_goes_to_githubs_server_only_and_into_no_message(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_request: Seen) -> Reply:
        return Reply(status=403, body=b"no")

    monkeypatch.setenv("GITHUB_TOKEN", "the-token")
    with run_faults([refuse]) as server, run_faults([refuse]) as other:
        monkeypatch.setenv("GITHUB_SERVER_URL", f"http://{server.host}")
        for host, header in ((server, "basic "), (other, None)):
            git(checkout, "remote", "set-url", "origin", f"http://{host.host}/x/y")
            with pytest.raises(HistoryError) as raised:
                read_baseline(checkout, "26.03")
            assert "the-token" not in str(raised.value)
            sent = [seen.headers.get("authorization") for seen in host.seen]
            assert sent
            assert all(one is None if header is None else (one or "").startswith(header) for one in sent)
    assert "the-token" not in "".join(path.read_text() for path in (checkout / ".git").glob("config"))


def test_a_name_that_is_no_release_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.nightly", "baseline", "../../etc/passwd", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "is no name of a release" in done.stderr

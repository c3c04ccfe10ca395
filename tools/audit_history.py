"""The branch `audit-history`: every night's reports, the baselines that nobody had to commit, and the trend page.

    reports/<release>/<YYYY-MM-DD>.json   the report of that night (kfkit trend reads this folder)
    baselines/<release>.json              what the next night is compared with, outside of the trend's folder
    index.html                            the trend; the branch can be served as it is (GitHub Pages)

The baseline moves on only to a night that is whole and lost nothing: a regression stays one until it is mended or a
maintainer accepts it, and what was mended once and breaks again is a regression again.

The branch is never forced. A push that another run was faster than is done again on what that run left.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.bot_git import NO_SUCH_BRANCH, GitError, git, run_git
from tools.nightly_report import Report, ReportError, read_report

if TYPE_CHECKING:
    from collections.abc import Sequence

BRANCH: Final = "audit-history"
RECENT_NIGHTS: Final = 90  # per release, in the newest commit: half a megabyte each, checked out every night
ATTEMPTS: Final = 8
_TREND_SECONDS: Final = 900
_README: Final = """# Nightly audits

Written by the workflow `audit-nightly.yml`; edits by hand are kept, but read by nobody.

- `reports/<release>/<date>.json`: each night's report (`kfkit schema audit`)
- `baselines/<release>.json`: what the next night is compared with where no baseline is committed
- `index.html`: the trend (`kfkit trend reports`)
"""


class HistoryError(GitError):
    """The branch could not be read or written; the message says what git said."""


def read_baseline(checkout: Path, release: str) -> bytes | None:
    """The history's baseline of a release; None where there is no branch or no such file.

    Raises:
        HistoryError: the remote could not be asked. That is not the same as "none".
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "history")
        if not _open(checkout, folder):
            return None
        file = folder / "baselines" / f"{release}.json"
        return file.read_bytes() if file.is_file() else None


def record_night(checkout: Path, artifacts: Path, trend: Path) -> None:
    """Put a night's reports into the branch; `trend` receives the trend's Markdown.

    Raises:
        HistoryError: nothing to record, the push failed, or (after the push) the trend could not be made.
    """
    nights = read_artifacts(artifacts)
    if not nights:
        raise HistoryError(f"no report in {artifacts}: no audit of this night came to an end")
    for attempt in range(ATTEMPTS):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch, "history")
            if not _open(checkout, folder):
                print(f"{BRANCH}: there is none yet, it begins here")
            for path, report, compared in nights:
                store(folder, path, report, compared)
            failed = _make_trend(checkout, folder, trend)
            if _push(folder, nights):
                if failed:
                    raise HistoryError(f"the reports are in {BRANCH}, but the trend could not be made: {failed}")
                return
        print(f"{BRANCH}: another run was faster, once more on what it left", file=sys.stderr)
        time.sleep(random.uniform(0.2, 1.0) * (attempt + 1))  # noqa: S311  # no secret: runs must not march in step
    raise HistoryError(f"{BRANCH}: not pushed after {ATTEMPTS} attempts")


def read_artifacts(artifacts: Path) -> list[tuple[Path, Report, Report]]:
    """Each audit's report file, its content, and the report that was compared (the same where a baseline is committed).

    Raises:
        ReportError: a file is none.
    """
    found = []
    # An artifact that is alone gets no folder of its own from actions/download-artifact.
    for path in sorted([*artifacts.glob("*/report.json"), *artifacts.glob("report.json")]):
        report, changes = read_report(path), path.with_name("changes.json")
        compared = read_report(changes, advice=path) if changes.is_file() else report
        if compared.release != report.release:
            raise ReportError(f"{changes}: of release {compared.release}, not {report.release}")
        found.append((path, report, compared))
    return found


def store(folder: Path, source: Path, report: Report, compared: Report) -> None:
    """Put one report into the branch's folder, and move its baseline on where this night is a better one."""
    target = folder / "reports" / report.release / f"{report.date}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    if report.whole or not _is_whole(target):  # a second run of the day, with a registry down, spoils nothing
        shutil.copyfile(source, target)
    names = sorted(path.name for path in target.parent.glob("*.json"))
    for old in set(names) - kept(names):
        (target.parent / old).unlink()
    baseline = folder / "baselines" / f"{report.release}.json"
    first = not baseline.exists() and not compared.compared
    if report.whole and (first or (compared.says_what_regressed and not compared.moved_back)):
        baseline.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, baseline)


def kept(names: Sequence[str]) -> set[str]:
    """Which nights stay in the newest commit: the recent ones, before them the first of each month; names in order.

    The others stay in the branch's past.
    """
    recent, older = names[-RECENT_NIGHTS:], names[:-RECENT_NIGHTS]
    first_of_month = {name[:7]: name for name in reversed(older)}
    return {*recent, *first_of_month.values()}


def _is_whole(path: Path) -> bool:
    try:
        return path.is_file() and read_report(path).whole
    except ReportError:
        return False


def _make_trend(checkout: Path, folder: Path, markdown: Path) -> str:
    """Write the trend page; what went wrong, or nothing: reports are kept even when no page can be made of them."""
    program = str(checkout / ".venv" / "bin" / "kfkit")
    page = folder / "index.html"
    reports = ("--report", f"html={page}", "--report", f"markdown={markdown.absolute()}")
    try:
        done = subprocess.run(
            [program, "trend", str(folder / "reports"), *reports],
            env={name: value for name, value in os.environ.items() if name != "GITHUB_TOKEN"},
            capture_output=True,
            text=True,
            timeout=_TREND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return f"kfkit trend ended with {done.returncode}: {done.stderr[-1000:].strip()}" if done.returncode else ""


def _open(checkout: Path, folder: Path) -> bool:
    """Make `folder` a work tree of the branch's newest commit; False, and an empty one, where there is no branch."""
    url = git(checkout, "config", "--get", "remote.origin.url").strip()
    git(checkout, "init", "--quiet", "--template=", str(folder))
    git(folder, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    git(folder, "remote", "add", "origin", url)
    code, _, said = run_git(folder, "ls-remote", "--exit-code", "--heads", "origin", f"refs/heads/{BRANCH}")
    if code == NO_SUCH_BRANCH:
        return False
    if code:
        raise HistoryError(f"{BRANCH} could not be asked for: {said}")
    git(folder, "fetch", "--quiet", "--depth=1", "--no-tags", "origin", f"refs/heads/{BRANCH}")
    git(folder, "reset", "--quiet", "--hard", "FETCH_HEAD")
    return True


def _push(folder: Path, nights: list[tuple[Path, Report, Report]]) -> bool:
    """Commit and push; False where somebody else was faster."""
    (folder / "README.md").write_text(_README, encoding="utf-8")
    (folder / ".nojekyll").touch()
    git(folder, "add", "--all")
    if not git(folder, "status", "--porcelain"):
        return True
    told = ", ".join(f"{report.release} {report.date}" for _, report, _ in nights)
    git(folder, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", f"Audit of {told}")
    code, _, said = run_git(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")
    if code:
        print(said, file=sys.stderr)
    return code == 0

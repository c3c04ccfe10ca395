"""The steps of `pins-fix.yml` that are more than a command: `python -m tools.fix_request outcome|publish FOLDER`.

FOLDER holds what `kfkit pins fix` left: `report.json`, `report.md` (the proof) and `fix.patch`. `outcome` says what
came of it, without any rights; `publish` makes the commit and the pull request of them, and reads no manifests.
Standard library only.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from tools.bot_git import GitError
from tools.fix_commit import FixError, branch_of, push, stage
from tools.fix_report import FixReport, FixReportError, read_fix
from tools.github_client import GitHubError
from tools.github_pulls import Pull, Pulls
from tools.nightly import code, put_outputs

MOST_BODY: Final = 65_536  # GitHub's limit, in characters
TITLE: Final = "Free the manifests from one architecture"
_CUT: Final = "\n\nCut here: the artifact of the run has the whole report.\n"
_NOT_ALLOWED: Final = "not permitted to create"


def outcome(folder: Path) -> None:
    """Give the outputs `changed` and `proven`; a fix that was not proven has changed nothing."""
    report = read_fix(folder / "report.json")
    patch = folder / "fix.patch"
    changed = patch.is_file() and patch.stat().st_size > 0
    if changed and not (report.proven and report.freed):
        raise FixError("files were edited although nothing was proven")
    put_outputs({"changed": str(changed).lower(), "proven": str(report.proven).lower()})


def publish(folder: Path, checkout: Path, manifests: str, base: str) -> Pull:
    """Commit the fix to its branch, and open its pull request, or bring the open one up to date."""
    report = read_fix(folder / "report.json")
    if not (report.proven and report.files):
        raise FixError("there is nothing that was proven")
    env = os.environ
    pulls = Pulls(env.get("GITHUB_API_URL", ""), env.get("GITHUB_REPOSITORY", ""), env.get("GITHUB_TOKEN", ""))
    tree = stage(checkout, folder / "fix.patch", manifests, report.files)
    branch = branch_of(base, manifests)
    moved = push(checkout, tree, branch, f"{TITLE}\n\nBy kfkit pins fix, in {manifests}: {_done(report)}.")
    print(f"{branch}: {'pushed' if moved else 'is as it should be'}")
    return _bring_up_to_date(pulls, branch, base, body_of(report, manifests, (folder / "report.md").read_text("utf-8")))


def _bring_up_to_date(pulls: Pulls, branch: str, base: str, body: str) -> Pull:
    found = pulls.open_from(branch, base)
    if found is None:
        found = pulls.create(branch, base, TITLE, body)
        print(f"pull request #{found.number}: opened")
    elif found.body.replace("\r\n", "\n").strip() != body.strip():
        pulls.edit(found.number, TITLE, body)
        print(f"pull request #{found.number}: updated")
    else:
        print(f"pull request #{found.number}: stays as it is")
    return found


def body_of(report: FixReport, manifests: str, proof: str) -> str:
    """The pull request's text: what was done, and the report with the proof as it is."""
    head = (
        f"`kfkit pins fix` in {code(manifests)}: {_done(report)}. Only the characters of those values were edited. "
        f"Every kustomization that they reach, {report.kustomizations} in all, was rendered before and after: what "
        "differs is what was meant, and it is listed below.\n\n"
        "A workflow writes this text and its branch over at each run: comments stay, edits do not.\n\n"
    )
    room = MOST_BODY - len(head) - len(_CUT)
    return head + (proof if len(proof) <= room else proof[:room].rpartition("\n")[0] + _CUT)


def _done(report: FixReport) -> str:
    pins, files = report.freed, len(report.files)
    return f"{pins} pin{'s' * (pins != 1)} freed in {files} file{'s' * (files != 1)}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.fix_request", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    asked = commands.add_parser("outcome", help="outputs changed and proven")
    asked.add_argument("folder", type=Path)
    asked = commands.add_parser("publish", help="commit, branch and pull request")
    asked.add_argument("folder", type=Path)
    asked.add_argument("checkout", type=Path, help="clone of the repository, at the commit that the fix was made on")
    given = parser.parse_args(arguments)
    try:
        if given.command == "outcome":
            outcome(given.folder)
        else:
            env = os.environ
            pull = publish(given.folder, given.checkout, env.get("MANIFESTS", "."), env.get("GITHUB_REF_NAME", ""))
            print(pull.url)
    except (FixReportError, FixError, OSError, UnicodeDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (GitError, GitHubError) as error:
        print(f"error: {error}", file=sys.stderr)
        if _NOT_ALLOWED in str(error):
            print("Settings, Actions, General: allow GitHub Actions to create pull requests.", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())

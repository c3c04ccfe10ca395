"""The steps of `charts.yml` and `charts-publish.yml` that are more than a command.

`plan` makes the matrix of releases that charts are checked on: the caller's own tree, else the list that the nightly
audit reads (audits/releases.txt), of which a pull request has the tags alone: what moved upstream must not turn it red.
`diff OLD NEW` shows in Markdown what differs between two folders of charts. `registry` says which host is logged in to,
and `images FILE` makes the matrix of what is signed from `kfkit charts publish --report json=FILE`. Standard library
only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tools.build_jobs import GITHUB_REGISTRY
from tools.nightly import PlanError, parse_input, put_outputs, read_list

MOST_DIFF: Final = 200_000  # characters of a summary, which may have a million bytes
MOST_SECONDS: Final = 120
_TAG: Final = re.compile(r"v?\d+(?:\.\d+)*(?:-rc\.\d+)?")
_REGISTRY: Final = re.compile(r"oci://(?P<host>[A-Za-z0-9.-]+(?::\d+)?)(?:/[a-z0-9._-]+)*/?")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


class ChartJobsError(Exception):
    """What no job can be made of; the message says why, and what to do."""


def plan(manifests: str, releases: str, event: str) -> list[dict[str, str]]:
    """Which trees are checked: the caller's own where it names a folder, else releases.

    Raises:
        ChartJobsError: the list is missing or wrong, or there is nothing in it.
    """
    if manifests:
        return [{"release": "own", "manifests": manifests}]
    try:
        planned = parse_input(releases) if releases.strip() else read_list()
    except PlanError as error:
        raise ChartJobsError(str(error)) from error
    kept = [one for one in planned if event != "pull_request" or releases.strip() or _TAG.fullmatch(one.release)]
    if not kept:
        raise ChartJobsError("no release to check charts on: audits/releases.txt has no tag")
    return [{"release": one.release, "manifests": one.manifests} for one in kept]


def registry_host(registry: str, *, has_token: bool) -> str:
    """The host that is logged in to.

    Raises:
        ChartJobsError: no registry, or one that needs a token of its own.
    """
    found = _REGISTRY.fullmatch(registry)
    if found is None:
        raise ChartJobsError("registry must be oci://HOST or oci://HOST/PREFIX, in lower case")
    if found["host"] != GITHUB_REGISTRY and not has_token:
        raise ChartJobsError(f"{found['host']} needs the secret registry-token: GitHub's own is for {GITHUB_REGISTRY}")
    return found["host"]


def images_of(publication: dict[str, Any]) -> list[dict[str, str]]:
    """Each chart that is there, by repository and digest.

    Raises:
        ChartJobsError: one of them is not.
    """
    charts = publication["charts"]
    lacking = [one["chart"] for one in charts if one["state"] not in {"pushed", "there"}]
    if lacking or not charts:
        raise ChartJobsError(f"not published: {', '.join(lacking) or 'no chart at all'}")
    return [{"image": _repository(one["reference"]), "digest": _digest(one)} for one in charts]


def _repository(reference: str) -> str:
    return reference.removeprefix("oci://").rpartition(":")[0]


def _digest(chart: dict[str, Any]) -> str:
    digest = str(chart.get("digest", ""))
    if not _DIGEST.fullmatch(digest):
        raise ChartJobsError(f"{chart['chart']}: its digest is not known")
    return digest


def diff(old: Path, new: Path) -> str:
    """What differs between two folders of charts, for a summary: files first, then as much of the text as it holds.

    Raises:
        ChartJobsError: git cannot compare them.
    """
    files = (
        _git_diff(old, new, "--stat=120", "--stat-count=200")
        .replace("{a => b}/", "")
        .replace("/dev/null => b/", "new: ")
    )
    if not files.strip():
        return "## Templates\n\nNo template changes.\n"
    lines = _git_diff(old, new, "--no-prefix").splitlines()
    kept: list[str] = []
    room = MOST_DIFF
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    cut = f"\n{len(lines) - len(kept)} more lines: the artifact has them.\n" if len(kept) < len(lines) else ""
    shown = fenced("\n".join(kept), "diff")
    summary = "<details><summary>What changes in templates</summary>"
    return f"## Templates that change\n\n{fenced(files)}\n{summary}\n\n{shown}{cut}\n</details>\n"


def fenced(text: str, language: str = "") -> str:
    """A text as code that it cannot end: the fence is longer than any in it."""
    plain = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", plain)), default=0))
    return f"{fence}{language}\n{plain.rstrip()}\n{fence}\n"


def _git_diff(old: Path, new: Path, *options: str) -> str:
    """Compare as `a` and `b`; no setting of git's, of the user or a repository, has a say."""
    for folder in (old, new):
        if not folder.is_dir():
            raise ChartJobsError(f"{folder}: no folder of charts")
    argv = ("git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", *options)
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as scratch:
        for name, folder in (("a", old), ("b", new)):
            Path(scratch, name).symlink_to(folder.resolve())
        done = subprocess.run(
            (*argv, "--", "a/", "b/"), cwd=scratch, capture_output=True, env=env, timeout=MOST_SECONDS, check=False
        )
    if done.returncode not in {0, 1}:
        raise ChartJobsError(f"git cannot compare them: {done.stderr.decode('utf-8', 'replace').strip()[:2000]}")
    return done.stdout.decode("utf-8", "replace")


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ChartJobsError(f"{file}: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != "kfkit/chart-publish/v1":
        raise ChartJobsError(f"{file}: is no chart-publish of kfkit")
    return document


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.chart_jobs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("plan")
    commands.add_parser("registry")
    commands.add_parser("images").add_argument("file", type=Path)
    between = commands.add_parser("diff")
    between.add_argument("old", type=Path)
    between.add_argument("new", type=Path)
    asked = parser.parse_args(arguments)
    given = os.environ.get
    try:
        if asked.command == "plan":
            matrix = plan(given("MANIFESTS", ""), given("RELEASES", ""), given("GITHUB_EVENT_NAME", ""))
            put_outputs({"matrix": json.dumps(matrix)})
        elif asked.command == "registry":
            put_outputs({"host": registry_host(given("REGISTRY", ""), has_token=given("HAS_TOKEN") == "true")})
        elif asked.command == "images":
            put_outputs({"images": json.dumps(images_of(_read(asked.file)))})
        else:
            print(diff(asked.old, asked.new), end="")
    except ChartJobsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

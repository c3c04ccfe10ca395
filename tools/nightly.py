"""The steps of the nightly audit that are more than a command: `python -m tools.nightly plan|baseline|changes|history`.

Standard library only; the workflow (.github/workflows/audit-nightly.yml) calls them, and so can a person.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.audit_history import read_baseline, record_night
from tools.bot_git import GitError
from tools.nightly_report import RELEASE, ReportError, read_report

ROOT: Final = Path(__file__).resolve().parents[1]
RELEASES: Final = Path("audits/releases.txt")
COMMUNITY: Final = "github.com/kubeflow/community-distribution"
MOST_RELEASES: Final = 50
MOST_CHANGES: Final = 40
_SOURCE: Final = re.compile(r"github\.com/[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*@(?P<ref>[A-Za-z0-9_][\w./+-]*)")


class PlanError(Exception):
    """A list of releases that cannot be used; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A release to audit: its name in reports, and what `kfkit audit` is given."""

    release: str
    manifests: str


def parse_source(text: str, where: str) -> Planned:
    """Read one line of the list.

    Raises:
        PlanError: not github.com/OWNER/REPO@REF.
    """
    found = _SOURCE.fullmatch(text)
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", found["ref"]).lstrip(".-") if found else ""
    if not RELEASE.fullmatch(name):
        raise PlanError(f"{where}: {text[:100]!r} is not github.com/OWNER/REPO@REF")
    return Planned(release=name, manifests=text)


def parse_list(text: str, source: str) -> tuple[Planned, ...]:
    """Read the list that maintainers keep.

    Raises:
        PlanError: a line is wrong, a release stands there twice, or none does.
    """
    lines = [(number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), start=1)]
    return _checked([parse_source(line, f"{source}:{number}") for number, line in lines if line], source)


def parse_input(text: str) -> tuple[Planned, ...]:
    """Read the list of a manual run: JSON, each REF or github.com/OWNER/REPO@REF.

    Raises:
        PlanError: no JSON list of texts, or one is no REF.
    """
    try:
        asked = json.loads(text)
    except ValueError as error:
        raise PlanError(f"releases: no JSON: {error}") from error
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise PlanError('releases: must be a JSON list of texts: ["master", "26.03"]')
    sources = [one if "@" in one else f"{COMMUNITY}@{one}" for one in asked]
    return _checked([parse_source(one, "releases") for one in sources], "releases")


def _checked(planned: list[Planned], source: str) -> tuple[Planned, ...]:
    names = [one.release.lower() for one in planned]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PlanError(f"{source}: {', '.join(twice)} stands there twice")
    if not planned or len(planned) > MOST_RELEASES:
        raise PlanError(f"{source}: names {len(planned)} releases, 1 to {MOST_RELEASES} can be audited")
    return tuple(planned)


def plan(listed: tuple[Planned, ...], asked: str, platforms: str, *, default_branch: bool) -> dict[str, str]:
    """Outputs of the plan job.

    Only what the maintainers' list asks for, on the default branch, goes into the history and the tracking issue:
    a run by hand with other releases or platforms is an experiment.
    """
    planned = parse_input(asked) if asked.strip() else listed
    record = default_branch and not platforms.strip() and set(planned) <= set(listed)
    matrix = [{"release": one.release, "manifests": one.manifests} for one in planned]
    return {"matrix": json.dumps(matrix), "record": "true" if record else "false"}


def read_list() -> tuple[Planned, ...]:
    """Read `audits/releases.txt` of the current directory.

    Raises:
        PlanError: it is missing or wrong.
    """
    try:
        return parse_list(RELEASES.read_text(encoding="utf-8"), str(RELEASES))
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{RELEASES}: {error}") from error


def changes_markdown(file: Path) -> str:
    """What changed since the baseline of the history, for the job summary; names in code, cut where there are many.

    Raises:
        ReportError: no report.
    """
    report = read_report(file)
    since = f" since {report.against_day}" if report.against_day else ""
    lines = [f"- {kind}: {code(name)}" + (f", was {code(was)}" if was else "") for kind, name, was in report.changes]
    more = [f"- and {len(lines) - MOST_CHANGES} more"] if len(lines) > MOST_CHANGES else []
    body = "\n".join([*lines[:MOST_CHANGES], *more]) or "Nothing."
    return f"\n## What changed{since}\n\n{body}\n"


def code(text: str, most: int = 300) -> str:
    """Foreign text as a Markdown code span: one line, no mention, no link, no HTML, not longer than `most`."""
    plain = "".join(c if c.isprintable() else " " for c in text).replace("`", "'").replace("<!--", "<! --").strip()
    return f"`{plain[: most - 1] + '…' if len(plain) > most else plain or ' '}`"


def put_outputs(values: dict[str, str]) -> None:
    """Give outputs to the workflow, or print them where there is none."""
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    file = os.environ.get("GITHUB_OUTPUT")
    if file:
        with Path(file).open("a", encoding="utf-8") as sink:
            sink.write(text)
    print(text, end="")


def _plan() -> None:
    default = os.environ.get("DEFAULT_BRANCH", "") == os.environ.get("GITHUB_REF_NAME", "")
    asked, platforms = os.environ.get("RELEASES", ""), os.environ.get("PLATFORMS", "")
    put_outputs(plan(read_list(), asked, platforms, default_branch=default))


def _baseline(release: str, target: Path) -> None:
    """Put the history's baseline of a release into `target`, where the maintainers have committed none."""
    if not RELEASE.fullmatch(release):
        raise PlanError(f"{release[:60]!r} is no name of a release")
    if Path("audits/baselines", f"{release}.json").is_file():
        put_outputs({"origin": "committed"})
        return
    content = read_baseline(Path.cwd(), release)
    if content is not None:
        target.write_bytes(content)
    put_outputs({"origin": "none" if content is None else "history"})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.nightly", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("plan", help="outputs matrix and record, from RELEASES, PLATFORMS, DEFAULT_BRANCH")
    baseline = commands.add_parser("baseline", help="output origin; the history's baseline into TARGET")
    baseline.add_argument("release")
    baseline.add_argument("target", type=Path)
    changes = commands.add_parser("changes", help="Markdown of what changed, from a report")
    changes.add_argument("report", type=Path)
    history = commands.add_parser("history", help="put the reports into the branch audit-history")
    history.add_argument("reports", type=Path)
    history.add_argument("trend", type=Path, help="where the Markdown of the trend goes")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "plan":
            _plan()
        elif asked.command == "baseline":
            _baseline(asked.release, asked.target)
        elif asked.command == "changes":
            print(changes_markdown(asked.report), end="")
        else:
            record_night(Path.cwd(), asked.reports, asked.trend)
    except (PlanError, ReportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except GitError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())

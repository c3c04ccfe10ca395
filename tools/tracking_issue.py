"""One issue, open as long as an image of any release has lost a platform: `python -m tools.tracking_issue REPORTS`.

What to do is decided by a pure function from the issue as it stands and the reports of the night; only then is GitHub
asked to do it. The issue's own body remembers what was told: a comment (which notifies people) is written only for a
regression that the body does not know yet.

A night that could not find everything out takes nothing away: what the issue lists of that release stays, and the
issue is not closed. An open regression is mended, or a maintainer accepts it (an exception, a new baseline).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tools.audit_history import BRANCH, read_artifacts
from tools.github_client import GitHubError
from tools.github_issues import Issue, Issues
from tools.nightly import PlanError, code, read_list
from tools.nightly_report import DAY, RELEASE, Regression, Report, ReportError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

LABEL: Final = "arm64-regression"
TITLE: Final = "Nightly audit: images that have lost a platform"
MARKER: Final = "<!-- kfkit:tracking-issue -->"
BOT: Final = "github-actions[bot]"
MOST_BODY: Final = 65_536  # GitHub's limit, in characters
MOST_STATE: Final = 500
_STATE: Final = re.compile(r"<!-- kfkit:state (\{[^<>]*\}) -->")
_ITEM: Final = re.compile(r"^(- .*) <!-- kfkit:item ([0-9a-f]{16}) -->$", re.MULTILINE)
_KEY: Final = re.compile(r"[0-9a-f]{16}")
_ROOM: Final = 2_000  # for the last lines

Action = Literal["open", "comment", "edit", "close", "reopen"]


@dataclass(frozen=True, kw_only=True)
class Item:
    """A regression that the issue lists: `line` is its Markdown, empty where there was no room for it."""

    release: str
    key: str
    since: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do about the issue; `text` is a body or a comment."""

    action: Action
    text: str


@dataclass(frozen=True, kw_only=True)
class Tonight:
    """What the night found.

    Attributes:
        listed: releases that the maintainers' list names.
        reports: by release; one whose audit came to no end is missing.
        where: the repository's address, for links that are the same every night.
    """

    listed: tuple[str, ...]
    reports: Mapping[str, Report] = field(default_factory=dict)
    where: str = ""

    def knows(self, release: str) -> bool:
        report = self.reports.get(release)
        return report is not None and report.says_what_regressed

    @property
    def knows_all(self) -> bool:
        return all(map(self.knows, self.listed))


def decide(issue: Issue | None, night: Tonight) -> tuple[Step, ...]:
    """What to do about the issue, in this order. Nothing where it says already what is to be said."""
    told = parse_items(issue.body) if issue and issue.is_open else ()
    items = merge(told, night)
    known = {item.key for item in told}
    fresh = [item for item in items[:MOST_STATE] if item.key not in known]
    body = body_of(items, night)
    if issue is None or not issue.is_open:
        return _begin(issue, body, fresh)
    if not items and night.knows_all:
        return (Step(action="comment", text=_all_mended(told)), Step(action="close", text=body))
    # The comment goes first: if the edit fails, it is told twice, never not at all.
    news = (Step(action="comment", text=_news(fresh)),) if fresh else ()
    return (*news, *(() if _same(issue.body, body) else (Step(action="edit", text=body),)))


def _begin(closed: Issue | None, body: str, fresh: Sequence[Item]) -> tuple[Step, ...]:
    if not fresh:
        return ()
    if closed is None:
        return (Step(action="open", text=body),)
    return (Step(action="reopen", text=body), Step(action="comment", text=_news(fresh)))


def merge(told: Sequence[Item], night: Tonight) -> tuple[Item, ...]:
    """The regressions to list: tonight's, and those of releases that tonight says nothing certain about."""
    since = {item.key: item.since for item in told}
    found: dict[str, Item] = {}
    for release in sorted({*night.listed, *night.reports}):
        report = night.reports.get(release)
        if not night.knows(release):
            found |= {item.key: item for item in told if item.release == release and release in night.listed}
        for regression in report.regressions if report else ():
            key = key_of(regression)
            day = since.get(key) or (report.date if report else "")
            found[key] = Item(release=release, key=key, since=day, line=line_of(regression, day))
    return tuple(sorted(found.values(), key=lambda item: (item.release, not item.line, item.since, item.line)))


def key_of(regression: Regression) -> str:
    """The same from night to night, also when the tag moves on and the platform is still missing."""
    repository = regression.name.partition("@")[0]
    head, slash, last = repository.rpartition("/")
    text = "\n".join([regression.release, head + slash + last.partition(":")[0], *sorted(regression.platforms)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def line_of(regression: Regression, since: str) -> str:
    """One regression in one line; everything that others wrote stands in code, where it pings and links nobody."""
    parts = [f"{code(regression.name)} has no working {code(', '.join(regression.platforms), 100)}, since {since}"]
    if regression.was:
        parts.append(f"{code(regression.was)} had it")
    parts.append(code(f"{regression.file}:{regression.line}"))
    if regression.owner:
        parts.append(f"owner {code(regression.owner, 100)}")
    if regression.fix:
        parts.append(f"next: {code(regression.fix, 400)}")
    return "- " + "; ".join(parts)


def parse_items(body: str) -> tuple[Item, ...]:
    """What the issue's body lists, so far as it is of our form."""
    found = _STATE.findall(body)
    try:
        state = json.loads(found[-1]) if found else {}
    except (ValueError, RecursionError):
        state = {}
    lines = {key: line for line, key in _ITEM.findall(body.replace("\r\n", "\n"))}
    return tuple(
        Item(release=release, key=key, since=day, line=lines.get(key, ""))
        for release, keys in state.items()
        if RELEASE.fullmatch(release) and isinstance(keys, dict)
        for key, day in keys.items()
        if _KEY.fullmatch(key) and isinstance(day, str) and DAY.fullmatch(day)
    )


def body_of(items: Sequence[Item], night: Tonight) -> str:
    """The issue's body: no run, no day of writing, so that it changes only when the list does."""
    kept = items[:MOST_STATE]
    state: dict[str, dict[str, str]] = {}
    for item in sorted(kept, key=lambda item: item.key):
        state.setdefault(item.release, {})[item.key] = item.since
    tail = f"\n{_footer(night)}\n<!-- kfkit:state {json.dumps(state, separators=(',', ':'))} -->\n{MARKER}\n"
    intro = "The nightly audit found images that had a platform in the baseline and have it no more.\n"
    if not items:
        return f"No regression is known any more.\n{tail}"
    lines = [intro]
    room = MOST_BODY - _ROOM - len(intro) - len(tail)
    shown = 0
    for release in dict.fromkeys(item.release for item in kept):
        here = [item for item in kept if item.release == release and item.line]
        block = [f"\n## {release}\n", *(f"{item.line} <!-- kfkit:item {item.key} -->" for item in here)]
        for line in block:
            if len(line) + 1 > room:
                break
            room -= len(line) + 1
            shown += line.startswith("- ")
            lines.append(line)
    if shown < len(kept):
        least = "" if len(items) < MOST_STATE else "at least "
        lines.append(f"\nAnd {least}{len(kept) - shown} more: see the reports.")
    return "\n".join(lines) + "\n" + tail


def _footer(night: Tonight) -> str:
    reports = f"{night.where}/tree/{BRANCH}/reports" if night.where else f"branch {BRANCH}"
    runs = f"{night.where}/actions/workflows/audit-nightly.yml" if night.where else "audit-nightly.yml"
    return (
        f"Reports: {reports}. Runs: {runs}.\n\n"
        "A workflow writes this text over each night: comments stay, edits do not. The issue closes by itself when "
        "every release was judged and nothing is lost any more. To accept a regression, write an exception "
        "(`audits/exceptions.yaml`) or a new baseline: docs/how-to/nightly-audit.md. Do not remove the label.\n"
    )


def _news(fresh: Sequence[Item]) -> str:
    shown = "\n".join(f"{item.line} ({item.release})" for item in fresh[:30])
    more = f"\n- and {len(fresh) - 30} more" if len(fresh) > 30 else ""  # noqa: PLR2004  (as above)
    return f"New tonight:\n\n{shown}{more}\n"


def _all_mended(told: Sequence[Item]) -> str:
    what = "that was listed here" if told else "at all"
    return f"Every release was judged tonight, and no regression {what} is left.\n"


def _same(one: str, other: str) -> bool:
    """GitHub gives carriage returns back where somebody edited in a browser."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def choose(issues: Iterable[Issue], author: str) -> Issue | None:
    """Our issue: by its marker, its label and who wrote it; anybody can write a marker. An open one goes first."""
    ours = [one for one in issues if one.author == author and LABEL in one.labels and MARKER in one.body]
    opened = [one for one in ours if one.is_open]
    return min(opened, key=lambda one: one.number) if opened else max(ours, key=lambda one: one.number, default=None)


def carry_out(issues: Issues, issue: Issue | None, steps: Collection[Step]) -> None:
    """Do it."""
    number = issue.number if issue else 0
    for step in steps:
        if step.action == "open":
            issues.ensure_label(LABEL, "An image has lost a platform (nightly audit)")
            number = issues.create(TITLE, step.text, LABEL)
        elif step.action == "comment":
            issues.comment(number, step.text)
        elif step.action == "edit":
            issues.edit(number, {"title": TITLE, "body": step.text})
        elif step.action == "close":
            issues.edit(number, {"body": step.text, "state": "closed", "state_reason": "completed"})
        else:
            issues.edit(number, {"body": step.text, "state": "open"})
        print(f"issue #{number}: {step.action}")
    if not steps:
        print("nothing to say" if issue is None else f"issue #{number}: stays as it is")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.tracking_issue", description=__doc__)
    parser.add_argument("reports", type=Path, help="folder of the night's artifacts: audit-RELEASE/report.json")
    folder = parser.parse_args(arguments).reports
    env = os.environ
    try:
        repository = env.get("GITHUB_REPOSITORY", "")
        issues = Issues(env.get("GITHUB_API_URL", "https://api.github.com"), repository, env.get("GITHUB_TOKEN", ""))
        night = Tonight(
            listed=tuple(one.release for one in read_list()),
            reports={report.release: compared for _, report, compared in read_artifacts(folder)},
            where=f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}",
        )
        issue = choose(issues.labelled(LABEL), env.get("TRACKING_ISSUE_AUTHOR") or BOT)
        for release in night.listed:
            if not night.knows(release):
                print(f"{release}: undetermined; what the issue lists of it stays")
        carry_out(issues, issue, decide(issue, night))
    except (ReportError, PlanError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except GitHubError as error:
        print(f"error: GitHub: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())

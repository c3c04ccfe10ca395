"""A comparison as Markdown, for a pull request's comment: at most 60,000 characters, whatever differs.

Values stand in fenced `diff` blocks: nothing in them is markup, and GitHub colours them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.report.diff_lines import Line, lines_of, shown
from buildkit.report.diff_words import (
    groups_of,
    kustomizations_summary,
    listed_of,
    result_of,
    state_words,
    summary_of,
    told,
)
from buildkit.report.markdown import Block, code, join_blocks, prose
from buildkit.report.text import clipped, count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.compare.outcome import Outcome
    from buildkit.report.diff_words import Group

_SIGNS: Final = {"EQUAL": "🟢", "DIFFERENT": "🔴", "NOT KNOWN": "🟡"}
_LINES: Final = 16
_GROUP: Final = 5_000
_PATH: Final = 200
_NAMED: Final = 3
_LISTED_SHARE: Final = 4_000
_GROUPS_SHARE: Final = 30_000


def diff_markdown(outcome: Outcome) -> bytes:
    """UTF-8 Markdown as GitHub reads it; nothing in it notifies anybody."""
    return join_blocks((_head(outcome), *_blocks(outcome)))


def _head(outcome: Outcome) -> Block:
    result, summary = result_of(outcome), summary_of(outcome)
    lines = [f"## {_SIGNS[result]} {result.capitalize()}{f': {summary}' if summary else ''}", ""]
    lines += [f"- A: {code(outcome.a)}", f"- B: {code(outcome.b)}"]
    if outcome.kustomizations:
        lines.append(f"- {kustomizations_summary(outcome)}")
    return Block(head="\n".join(lines), share=2_000)


def _blocks(outcome: Outcome) -> Iterator[Block]:
    if outcome.problems:
        rows = tuple(f"- {prose(one)}" for one in outcome.problems)
        yield Block(head="### Not known\n", rows=rows, share=_LISTED_SHARE)
    for listed in listed_of(outcome):
        rows = tuple(f"- {code(name)}{_beside(folders)}" for name, folders in listed.objects)
        title = f"### {listed.title}: {count_of(len(rows), 'object')}\n"
        yield Block(head=title, rows=rows, share=_LISTED_SHARE)
    groups = tuple(group_row(one) for one in groups_of(outcome))
    if groups:
        yield Block(head="### Values\n", rows=groups, share=_GROUPS_SHARE)
    rows = tuple(f"- {code(one.path)}: {prose(one.why or state_words(one))}" for one in told(outcome))
    if rows:
        yield Block(head="### Kustomizations\n", rows=rows, share=_LISTED_SHARE)


def _beside(folders: tuple[str, ...]) -> str:
    if not folders:
        return ""
    more = f" and {len(folders) - _NAMED} more" if len(folders) > _NAMED else ""
    return f" in {', '.join(code(one) for one in folders[:_NAMED])}{more}"


def group_row(group: Group) -> str:
    """An object's values, whole or cut: what begins in it ends in it, so that a report can be cut between groups."""
    parts: list[str] = []
    room = _GROUP
    for number, change in enumerate(group.changes):
        path = clipped(shown(change.path), _PATH) or "(the whole object)"
        part = "\n".join((f"@@ {path} @@", *(_line(line) for line in lines_of(change, _LINES))))
        if parts and len(part) > room:
            parts.append(f"… and {count_of(len(group.changes) - number, 'more value')}, see the JSON report.")
            break
        parts.append(part)
        room -= len(part)
    text = "\n".join(parts)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{_named(group)}{_beside(group.kustomizations)}\n\n{fence}diff\n{text}\n{fence}\n"


def _named(group: Group) -> str:
    more = f" and {count_of(len(group.objects) - _NAMED, 'more object')}" if len(group.objects) > _NAMED else ""
    return f"{', '.join(code(one) for one in group.objects[:_NAMED])}{more}"


def _line(line: Line) -> str:
    return f"  {line.text}" if line.sign == "~" else f"{line.sign} {line.text}".rstrip()

"""A lint as text: one line a finding with its place, what to do below it; the result last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.lint_words import head_words, verdict_words
from buildkit.report.text import bold, clipped, count_of, green, printable, red

if TYPE_CHECKING:
    from buildkit.builds.lint.result import Lint, LintFinding

_LONGEST: Final = 400
_LISTED: Final = 20


def lint_text(lint: Lint, *, colour: bool = False) -> bytes:
    """UTF-8 text ending in the result line."""
    blocks = [_findings(lint, colour=colour), _ignored(lint, colour=colour), _skipped(lint, colour=colour)]
    blocks += [_problems(lint, colour=colour), _result(lint, colour=colour)]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode("utf-8", "replace") + b"\n"


def _findings(lint: Lint, *, colour: bool) -> list[str]:
    lines: list[str] = []
    for one in lint.findings:
        lines += _finding(one, colour=colour)
    return lines


def _finding(one: LintFinding, *, colour: bool) -> list[str]:
    rule = red(one.rule, colour=colour) if one.level == "error" else one.rule
    level = "" if one.level == "error" else f"{one.level}: "
    where = ", ".join(one.platforms)
    fix = f"{one.fix} (--patch does it.)" if one.certain else one.fix
    return [
        f"{printable(one.file)}:{one.line}: {level}{rule}: {printable(clipped(one.message, _LONGEST))}",
        f"    {f'[{where}] ' if where else ''}{printable(clipped(fix, _LONGEST))}",
    ]


def _ignored(lint: Lint, *, colour: bool) -> list[str]:
    if not lint.ignored:
        return []
    rows = [
        f"  {printable(one.finding.file)}:{one.finding.line}: {one.finding.rule}: "
        f"{printable(clipped(one.reason, _LONGEST))}"
        for one in lint.ignored
    ]
    return [bold(f"Ignored by a comment: {count_of(len(rows), 'finding')}", colour=colour), *rows]


def _skipped(lint: Lint, *, colour: bool) -> list[str]:
    rows = [f"  {printable(one.file)}: {one.reason}" for one in lint.skipped]
    return [bold(f"Not looked at: {count_of(len(rows), 'Dockerfile')}", colour=colour), *rows] if rows else []


def _problems(lint: Lint, *, colour: bool) -> list[str]:
    rows = [f"  {printable(clipped(one, _LONGEST))}" for one in lint.problems[:_LISTED]]
    more = len(lint.problems) - _LISTED
    rows += [f"  and {more} more"] if more > 0 else []
    return [bold("What could not be read:", colour=colour), *rows] if rows else []


def _result(lint: Lint, *, colour: bool) -> list[str]:
    paint = green if not lint.exit else bold
    return [paint(f"{head_words(lint)}: {verdict_words(lint)}", colour=colour)]

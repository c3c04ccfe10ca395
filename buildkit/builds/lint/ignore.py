"""`# kfkit: ignore=RULE reason`: findings that a comment of the file takes back.

Above an instruction (in the comment lines right above it) it holds for that instruction; inside a continued one for
the next line; above the first instruction, with a blank line between, for the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.known import BASE_IMAGE, BASE_UNKNOWN, KNOWN, UNUSED, WITHOUT_REASON
from buildkit.builds.lint.result import Ignored, LintFinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.dockerfile.dockerfile import Comment, Dockerfile, Instruction

_COMMENT: Final = re.compile(r"kfkit:\s{0,9}ignore\s{0,9}=\s{0,9}([A-Za-z0-9,-]+)(?:\s+(.*))?")
_ASKED: Final = frozenset({BASE_IMAGE, BASE_UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ignore:
    """A comment: the lines it holds for."""

    line: int
    rules: tuple[str, ...]
    reason: str
    lines: range


def apply_ignores(
    dockerfile: Dockerfile, findings: Sequence[LintFinding], *, asked: bool
) -> tuple[tuple[LintFinding, ...], tuple[Ignored, ...]]:
    """Findings that stay, with what is to be said of the comments themselves, and those that are taken back.

    Where no registry was asked, a comment about base images cannot be called unused.
    """
    comments = tuple(_ignores(dockerfile))
    kept: list[LintFinding] = []
    ignored: list[Ignored] = []
    used: set[tuple[int, str]] = set()
    for finding in findings:
        matching = [one for one in comments if finding.rule in one.rules and finding.line in one.lines]
        used |= {(one.line, finding.rule) for one in matching}
        reasons = [one.reason for one in matching if one.reason]
        if reasons:
            ignored.append(Ignored(finding=finding, reason=reasons[0]))
        else:
            kept.append(finding)
    kept += _about(dockerfile.name, comments, used, asked=asked)
    return tuple(sorted(kept, key=lambda one: (one.line, one.rule, one.subject))), tuple(ignored)


def _about(file: str, comments: Iterable[_Ignore], used: set[tuple[int, str]], *, asked: bool) -> Iterable[LintFinding]:
    for one in comments:
        if not one.reason:
            yield LintFinding(
                file=file,
                line=one.line,
                rule=WITHOUT_REASON,
                message=f"Ignores {', '.join(one.rules)} without a reason.",
                fix=KNOWN[WITHOUT_REASON].help,
                subject=",".join(one.rules),
            )
        for rule in one.rules:
            if rule not in KNOWN:
                yield _unused(file, one, rule, f"There is no rule {rule[:60]} that could be ignored.")
            elif (one.line, rule) not in used and (asked or rule not in _ASKED):
                yield _unused(file, one, rule, f"Ignores {rule}, which is not found here.")


def _unused(file: str, one: _Ignore, rule: str, message: str) -> LintFinding:
    fix = KNOWN[UNUSED].help
    return LintFinding(file=file, line=one.line, rule=UNUSED, level="note", message=message, fix=fix, subject=rule)


def _ignores(dockerfile: Dockerfile) -> Iterable[_Ignore]:
    found = [(comment, match) for comment in dockerfile.comments if (match := _COMMENT.match(comment.text))]
    if not found:
        return
    scopes = _Scopes(dockerfile)
    for comment, match in found:
        rules, reason = _told(match[1], (match[2] or "").strip())
        yield _Ignore(line=comment.line, rules=rules, reason=reason, lines=scopes.lines_of(comment))


def _told(names: str, rest: str) -> tuple[tuple[str, ...], str]:
    """The rules and the reason: behind a comma and a space stands a rule where there is one of that name."""
    while names.endswith(","):
        word, _, behind = rest.partition(" ")
        if word.rstrip(",") not in KNOWN:
            break
        names, rest = names + word, behind.strip()
    return tuple(dict.fromkeys(filter(None, names.split(",")))), rest


class _Scopes:
    """Which lines a comment is about."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        bodies = (one for stage in dockerfile.stages for one in (stage.start, *stage.instructions))
        self._instructions: dict[int, Instruction] = {one.line: one for one in (*dockerfile.arguments, *bodies)}
        self._first = min(self._instructions)
        self._comments = {comment.line for comment in dockerfile.comments}
        self._text = dockerfile.text.split("\n")
        self._inside = {
            line
            for one in self._instructions.values()
            for line in range(one.line + 1, one.end_line + 1)
            if line in self._comments
        }

    def lines_of(self, comment: Comment) -> range:
        line = comment.line + 1
        if comment.line in self._inside:
            while line in self._comments or not self._text[line - 1].strip():
                line += 1
            return range(line, line + 1)
        while line in self._comments:
            line += 1
        instruction = self._instructions.get(line)
        if instruction is not None:
            return range(line, instruction.end_line + 1)
        return range(1, len(self._text) + 1) if line < self._first else range(0)

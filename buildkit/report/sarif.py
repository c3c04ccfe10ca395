"""SARIF 2.1.0 of findings, as GitHub code scanning takes it (its page "SARIF support for code scanning").

One result for each line to change: GitHub shows a result at its first location only. A result without a location ends
the whole upload, so what stands in no file of the repository is a notification of the run.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

import msgspec

from buildkit.audit.compare import stable_object
from buildkit.model.finding import Finding, Level, Place
from buildkit.report.json import without_nulls
from buildkit.report.text import clipped, count_of, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# GitHub takes 25,000 results of a run and keeps the first 5,000; a file has 10 MB at most, compressed.
RESULTS: Final = 5000
_MESSAGE_LIMIT: Final = 1000
_NAME_LIMIT: Final = 500
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_REMOTE: Final = "remote:"
_LEVELS: Final = ("error", "warning", "note")
_SEVERITIES: Final[Mapping[Level, str]] = {"error": "error", "warning": "warning", "note": "recommendation"}
# Square brackets make links in a message (SARIF 3.11.6).
_LINK: Final = re.compile(r"([\\\[\]])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A kind of finding: `short` and `full` say what it is, `help` what to do about it (Markdown that is text too)."""

    id: str
    short: str
    full: str
    help: str
    level: Level
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What SARIF can say of a finding beyond it.

    Attributes:
        identity: what stays the same of it from run to run; its subject where that is all.
        suppressed: why it does not count, where it does not.
        baseline: how it stands to an earlier run, where all of this run are compared with one.
    """

    identity: str | None = None
    suppressed: str | None = None
    baseline: Literal["new", "unchanged", "updated"] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something to say about the run; `configuration` where a file of decisions is wrong, not the tree."""

    level: Level
    text: str
    rule: str | None = None
    configuration: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What a run of a verb is about, beside its findings.

    Attributes:
        version: the tool's, semantic.
        rules: all that the verb knows; every finding's rule is among them.
        root: where the tree lies in the repository that the file is uploaded to.
    """

    version: str
    rules: tuple[Rule, ...]
    root: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """A finding at one of its places."""

    finding: Finding
    place: Place
    uri: str
    line: int
    first: bool


def sarif(findings: Iterable[Finding], run: Run, about: Callable[[Finding], About]) -> bytes:
    """One run: errors before warnings before notes, each finding's first line before the others."""
    listed = tuple(findings)
    lines = _sorted_lines(listed, run.root)
    index = {rule.id: number for number, rule in enumerate(run.rules)}
    notices = (*run.notices, *_unplaced(listed, lines), *_cut(len(lines)))
    body = {
        "tool": {"driver": _driver(run)},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(notices, index)],
        "columnKind": "unicodeCodePoints",
        "results": _results(lines[:RESULTS], index, about),
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [body]}
    return msgspec.json.format(msgspec.json.encode(without_nulls(document)), indent=1) + b"\n"


def _driver(run: Run) -> dict[str, Any]:
    return {
        "name": "kfkit",
        "semanticVersion": run.version,
        "rules": [
            {
                "id": rule.id,
                "name": rule.id,
                "shortDescription": {"text": rule.short},
                "fullDescription": {"text": rule.full},
                "help": {"text": rule.help, "markdown": rule.help},
                "defaultConfiguration": {"level": rule.level},
                "properties": {
                    "tags": list(rule.tags),
                    "precision": "very-high",
                    "problem.severity": _SEVERITIES[rule.level],
                },
            }
            for rule in run.rules
        ],
    }


def _unplaced(findings: Iterable[Finding], lines: Iterable[_Line]) -> Iterable[Notice]:
    """What is known of findings that stand in no file of the repository."""
    placed = {id(one.finding) for one in lines}
    for finding in findings:
        if id(finding) not in placed:
            yield Notice(level=finding.level, text=_said(finding, finding.places[0]), rule=finding.rule)


def _cut(number: int) -> Iterable[Notice]:
    if number > RESULTS:
        left_out = f"{count_of(number - RESULTS, 'result')} of {number} left out"
        yield Notice(level="warning", text=f"{left_out}: GitHub shows {RESULTS} of a run. The JSON report has all.")


def _invocation(notices: Sequence[Notice], index: Mapping[str, int]) -> dict[str, Any]:
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [_notification(one, index) for one in notices if not one.configuration],
        "toolConfigurationNotifications": [_notification(one, index) for one in notices if one.configuration],
    }


def _notification(one: Notice, index: Mapping[str, int]) -> dict[str, Any]:
    return {
        "level": one.level,
        "message": {"text": message_text(one.text)},
        "associatedRule": {"id": one.rule, "index": index[one.rule]} if one.rule else None,
    }


def _sorted_lines(findings: Iterable[Finding], root: str) -> list[_Line]:
    lines: dict[tuple[str, str, str, int], _Line] = {}
    for finding in findings:
        first = True
        for place in finding.places:
            uri, line = located(place, root)
            key = (finding.rule, finding.subject, uri, line)
            # Several lines of a remote base are one line of the kustomization that names it.
            if uri and key not in lines:
                lines[key] = _Line(finding=finding, place=place, uri=uri, line=line, first=first)
                first = False
    return sorted(lines.values(), key=lambda one: (_LEVELS.index(one.finding.level), not one.first))


def located(place: Place, root: str) -> tuple[str, int]:
    """The URI and line in the repository, empty where there is none.

    A remote base is not in it; a kustomization that brings it in is. Of several the deepest: the one nearest to what
    names the base.
    """
    file, line = place.file, max(1, place.line)
    if file.startswith(_REMOTE):
        folders = sorted(place.kustomizations, key=lambda name: (-name.count("/"), name == ".", name))
        if not folders:
            return "", line
        file, line = posixpath.join(folders[0], "kustomization.yaml"), 1
    path = posixpath.normpath(posixpath.join(root.strip("/"), file.lstrip("/")))
    try:
        return quote(path.encode("utf-8", "surrogateescape")), line
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "replace")), line


def _results(
    lines: Iterable[_Line], index: Mapping[str, int], about: Callable[[Finding], About]
) -> list[dict[str, Any]]:
    seen: Counter[tuple[str, str, str]] = Counter()
    results = []
    for one in lines:
        more = about(one.finding)
        identity = _fingerprint(more.identity or one.finding.subject, one.place)
        key = (one.finding.rule, one.uri, identity)
        seen[key] += 1
        results.append(_result(one, index, more, f"{identity}:{seen[key]}"))
    return results


def _result(one: _Line, index: Mapping[str, int], more: About, fingerprint: str) -> dict[str, Any]:
    finding = one.finding
    suppressed = {"kind": "external", "status": "accepted", "justification": _clean(more.suppressed or "")}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": finding.level,
        "message": {"text": message_text(_said(finding, one.place))},
        "locations": [_location(one)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        # Where one result of a run has the list, all must (SARIF 3.27.23): empty is "not suppressed".
        "suppressions": [suppressed] if more.suppressed else [],
        "baselineState": more.baseline,
        "properties": _properties(one),
    }


def _location(one: _Line) -> dict[str, Any]:
    # The whole line: where on it the text begins is not known.
    physical = {
        "artifactLocation": {"uri": one.uri, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": one.line},
    }
    names = [_clean(part) for part in (one.place.object, one.place.path) if part]
    logical = [{"fullyQualifiedName": " ".join(names), "kind": "object"}] if names else None
    return {"physicalLocation": physical, "logicalLocations": logical}


def _properties(one: _Line) -> dict[str, Any]:
    owner = one.place.upstream or one.place.owner
    values = {
        "subject": one.finding.subject,
        "component": one.place.component,
        "owner": owner.repository if owner else None,
        "ownerPath": owner.path if owner else None,
        "remote": one.place.file if one.place.file.startswith(_REMOTE) else None,
    }
    return {name: _clean(value) for name, value in values.items() if value}


def _said(finding: Finding, place: Place) -> str:
    said = f"{finding.message.rstrip('.')}."
    if place.file.startswith(_REMOTE):
        said += f" It stands in a remote base, {place.file.removeprefix(_REMOTE)} line {place.line}."
    return f"{said} {finding.fix}" if finding.fix else said


def message_text(text: str) -> str:
    """A message without control characters, in which brackets make no link."""
    return _LINK.sub(r"\\\1", _clean(text, _MESSAGE_LIMIT))


def _clean(text: str, limit: int = _NAME_LIMIT) -> str:
    return clipped(printable(text), limit)


def _fingerprint(identity: str, place: Place) -> str:
    """What makes the result the same one tomorrow: no line number, no tag, no hash in a generated name."""
    parts = (identity, stable_object(place.object) if place.object else "", place.path or "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]

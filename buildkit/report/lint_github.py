"""A lint as annotations of a GitHub workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from buildkit.report.github import annotation
from buildkit.report.lint_findings import findings_of
from buildkit.report.sarif import located

if TYPE_CHECKING:
    from buildkit.builds.lint.result import Lint
    from buildkit.model.finding import Finding


def lint_github(lint: Lint, root: str = "") -> bytes:
    """One workflow command a finding; `root` as in SARIF."""
    lines = [_command(finding, root) for finding in findings_of(lint)]
    lines += [annotation("warning", f"not looked at: {problem}", {}) for problem in lint.problems]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _command(finding: Finding, root: str) -> str:
    uri, line = located(finding.places[0], root)
    properties = {"file": unquote(uri), "line": str(line), "title": f"kfkit build lint: {finding.rule}"}
    return annotation(finding.level, " ".join(filter(None, (finding.message, finding.fix))), properties)

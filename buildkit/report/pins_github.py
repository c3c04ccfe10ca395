"""Pins as annotations of a GitHub workflow: a line of output for each, which GitHub shows at the changed line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from buildkit.report.github import annotation
from buildkit.report.pins_findings import findings_of
from buildkit.report.sarif import located

if TYPE_CHECKING:
    from buildkit.model.finding import Finding
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Pin


def pins_github(judged: JudgedPins, root: str = "") -> bytes:
    """One workflow command a pin; `root` is the folder of MANIFESTS in the repository."""
    lines = [_command(finding, pin, root) for finding, pin in findings_of(judged)]
    lines += [annotation("warning", f"pins may be missing: {problem}", {}) for problem in judged.problems]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _command(finding: Finding, pin: Pin, root: str) -> str:
    uri, line = located(finding.places[0], root)
    properties = {"file": unquote(uri), "line": str(line)} if uri else {}
    if uri and not pin.tie.file.startswith("remote:"):
        properties["col"] = str(pin.tie.column)
        properties["endColumn"] = str(pin.tie.column + len(pin.tie.value))
    properties["title"] = f"kfkit pins: {finding.rule}"
    return annotation(finding.level, " ".join(filter(None, (finding.message, finding.fix))), properties)

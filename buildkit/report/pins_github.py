"""Pins as annotations of a GitHub workflow: a line of output for each, which GitHub shows at the changed line.

Grammar and escapes are those of actions/toolkit, packages/core `command.ts`. GitHub shows ten errors and ten warnings
of a step; the log has them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from buildkit.report.pins_findings import findings_of
from buildkit.report.sarif import located
from buildkit.report.text import clipped, printable

if TYPE_CHECKING:
    from buildkit.model.finding import Finding
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Pin

_MESSAGE: Final = 2000
_IN_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def pins_github(judged: JudgedPins, root: str = "") -> bytes:
    """One workflow command a pin; `root` is the folder of MANIFESTS in the repository."""
    lines = [_command(finding, pin, root) for finding, pin in findings_of(judged)]
    lines += [f"::warning::{_data(f'pins may be missing: {problem}')}" for problem in judged.problems]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _command(finding: Finding, pin: Pin, root: str) -> str:
    uri, line = located(finding.places[0], root)
    properties = {"file": unquote(uri), "line": str(line)} if uri else {}
    if uri and not pin.tie.file.startswith("remote:"):
        properties["col"] = str(pin.tie.column)
        properties["endColumn"] = str(pin.tie.column + len(pin.tie.value))
    properties["title"] = f"kfkit pins: {finding.rule}"
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{finding.level} {named}::{_data(' '.join(filter(None, (finding.message, finding.fix))))}"


def _data(text: str) -> str:
    return printable(clipped(text, _MESSAGE)).translate(_IN_DATA)


def _property(text: str) -> str:
    return printable(text).translate(_IN_PROPERTY)

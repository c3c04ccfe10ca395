"""Annotations of a GitHub workflow: a line of output for each, which GitHub shows at the line of the file.

Grammar and escapes are those of actions/toolkit, packages/core `command.ts`. GitHub shows ten errors and ten warnings
of a step; the log has them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.report.text import clipped, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE: Final = 2000
_IN_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def annotation(level: str, message: str, properties: Mapping[str, str]) -> str:
    """One workflow command, without the end of its line; `level` is a finding's."""
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    data = printable(clipped(message, _MESSAGE)).translate(_IN_DATA)
    return f"::{_COMMANDS[level]} {named}::{data}" if named else f"::{_COMMANDS[level]}::{data}"


def _property(text: str) -> str:
    return printable(text).translate(_IN_PROPERTY)

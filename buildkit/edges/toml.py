"""TOML that people write: read whole, its errors told by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from buildkit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_FILE_LIMIT = 4 * 1024 * 1024
_AT = re.compile(r"\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file.

    Raises:
        UsageError: cannot be read, larger than 4 MiB, or as `parse_toml`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > _FILE_LIMIT:
        raise UsageError(f"{path}: larger than {_FILE_LIMIT} bytes")
    try:
        return parse_toml(raw.decode("utf-8"), str(path))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Parse a text; `source` names it in errors.

    Raises:
        UsageError: no TOML; the message begins with `FILE:LINE: `.
    """
    import tomllib  # noqa: PLC0415  # 8 ms, and most runs have no such file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, why = _line_of(str(error), text)
        raise UsageError(f"{source}:{line}: {why}", hint="It must be TOML: https://toml.io") from None
    except RecursionError:
        raise UsageError(f"{source}: not TOML: nested too deep") from None


def _line_of(message: str, text: str) -> tuple[int, str]:
    """Line and reason of a tomllib message; its "(at end of document)" is the last line that says anything."""
    match = _AT.search(message)
    last = text.rstrip().count("\n") + 1
    if match is None:
        return last, message
    reason = message[: match.start()].rstrip()
    if match["line"]:
        return int(match["line"]), f"{reason} (column {match['column']})"
    return last, f"{reason} (at the end)"

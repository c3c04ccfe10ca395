"""Rendered YAML that somebody else made: a file, a pipe, standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from buildkit.compare.compare import Text
from buildkit.edges.files import read_limited
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_MAX_TEXT: Final = 256 * 1024 * 1024


def read_file(name: str, path: Path) -> Text:
    """Read a file.

    Raises:
        UsageError: it cannot be read, or is too large.
        UndeterminedError: it is no UTF-8.
    """
    return decoded(name, read_limited(path, _MAX_TEXT))


def read_stdin() -> Text:
    """Read standard input; raises as `read_file`."""
    return decoded("-", sys.stdin.buffer.read(_MAX_TEXT + 1))


def decoded(name: str, content: bytes) -> Text:
    """The text of a render; raises as `read_file`."""
    if len(content) > _MAX_TEXT:
        raise UsageError(f"{name}: larger than {_MAX_TEXT // 1024 // 1024} MiB")
    try:
        return Text(name=name, text=content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UndeterminedError(f"{name}:{line}: not UTF-8 text") from error

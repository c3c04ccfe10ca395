"""What the workflow of fixes reads of a report of `kfkit pins fix` (kfkit/pins/v1): was it proven, which files changed.

Standard library only: the job that may write installs nothing.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "kfkit/pins/v1"
MOST_BYTES: Final = 64 * 1024 * 1024


class FixReportError(Exception):
    """A file that is no report; the message names it."""


@dataclass(frozen=True, kw_only=True)
class FixReport:
    """What came of a fix.

    Attributes:
        freed: how many pins were edited.
        files: the files that hold them, relative to the tree, sorted.
        kustomizations: how many were rendered before and after.
        unintended: how many values differ that should not.
    """

    freed: int
    files: tuple[str, ...]
    kustomizations: int
    unintended: int

    @property
    def proven(self) -> bool:
        """Whether nothing but what was meant differs; where nothing was edited nothing does."""
        return self.unintended == 0


def read_fix(path: Path) -> FixReport:
    """Read one report.

    Raises:
        FixReportError: it cannot be read, or is none.
    """
    try:
        return _report(_read(path))
    except (OSError, ValueError, RecursionError) as error:
        raise FixReportError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise FixReportError(f"{path}: not a report of kfkit pins ({error!r})") from error


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes")
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def _report(document: dict[str, Any]) -> FixReport:
    if document["schema"] != SCHEMA:
        raise ValueError(f"its schema is {str(document['schema'])[:60]!r}, not {SCHEMA}")
    done = [str(pin["file"]) for pin in document["pins"] if pin["edit"] == "done"]
    for file in done:
        if posixpath.isabs(file) or posixpath.normpath(file) != file or file.startswith(".."):
            raise ValueError(f"{file[:100]!r} is no file of the tree")
    proof = document["proof"]
    return FixReport(
        freed=len(done),
        files=tuple(sorted(set(done))),
        kustomizations=int(proof["kustomizations"]),
        unintended=len(proof["unintended"]),
    )

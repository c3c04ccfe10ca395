"""Every error a user can meet, one root, one class per exit code.

Exit codes (DESIGN.md, "What every command shares"): 0 nothing to report, 1 problems or differences, 2 bad arguments
or argument files, 3 something could not be found out, 70 our bug, 130 interrupted.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    PROBLEMS = 1
    USAGE = 2
    UNDETERMINED = 3
    BUG = 70
    INTERRUPTED = 130


class KfkitError(Exception):
    """Expected failure: a message that says what happened, and a hint that says what to try next."""

    exit = Exit.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(KfkitError):
    """Arguments, or files named as arguments, that are missing or wrong."""

    exit = Exit.USAGE


class UndeterminedError(KfkitError):
    """Something that could not be found out: a registry, a tool, content that cannot be parsed."""

    exit = Exit.UNDETERMINED

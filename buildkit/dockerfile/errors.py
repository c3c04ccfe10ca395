"""What is wrong with a Dockerfile, and on which line."""

from __future__ import annotations

from buildkit.errors import UndeterminedError


class DockerfileError(UndeterminedError):
    """A Dockerfile that cannot be read: `str()` is `name:line: reason`."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(f"{name}:{line}: {reason}")
        self.name = name
        self.line = line
        self.reason = reason


class SyntaxProblem(ValueError):  # noqa: N818  (no Error: it never leaves this package)
    """What is wrong, raised where the line is not known."""

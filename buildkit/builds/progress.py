"""What BuildKit tells of a build while it runs (`--progress rawjson`): a log to keep, the step it is at, what failed.

The stream is a line of JSON for each change, client.SolveStatus of moby/buildkit (`client/graph.go`); what is no JSON
is buildx's own last word (`ERROR: failed to build: …` with the lines of the Dockerfile before it).
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

_LONGEST_LINE: Final = 4 * 1024 * 1024  # characters kept of one line that does not end
_KEPT_LINES: Final = 20  # of a step's output, should it fail
_MOST_TEXT: Final = 500
_MOST_STEPS: Final = 10_000


class _Vertex(msgspec.Struct):
    digest: str
    name: str = ""
    started: datetime | None = None
    completed: datetime | None = None
    cached: bool = False
    error: str = ""


class _Log(msgspec.Struct):
    vertex: str
    data: str = ""
    timestamp: datetime | None = None


class _Status(msgspec.Struct):
    vertexes: list[_Vertex] = []
    logs: list[_Log] = []


_status = msgspec.json.Decoder(_Status)


@dataclass
class _Step:
    number: int
    name: str
    started: datetime | None = None
    completed: bool = False
    error: str = ""
    open: str = ""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedStep:
    """The step that failed, its last lines of output, and what BuildKit says of it."""

    name: str
    error: str
    lines: tuple[str, ...]


class Progress:
    """Reads the stream piece by piece; `current` is the step that began last and runs still."""

    def __init__(self) -> None:
        self._rest = b""
        self._steps: dict[str, _Step] = {}
        self._running: dict[str, None] = {}
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self.done = 0

    @property
    def current(self) -> str:
        """Name of the step that runs, empty where none does."""
        last = next(reversed(self._running), None)
        return self._steps[last].name if last is not None else ""

    @property
    def total(self) -> int:
        """Steps known so far."""
        return len(self._steps)

    @property
    def failed(self) -> FailedStep | None:
        """The first step that failed by itself, not because another was given up."""
        wrong = [step for step in self._steps.values() if step.error]
        own = [step for step in wrong if "context canceled" not in step.error] or wrong
        return FailedStep(name=own[0].name, error=own[0].error, lines=tuple(own[0].tail)) if own else None

    @property
    def said(self) -> tuple[str, ...]:
        """The last lines that were no JSON."""
        return tuple(self._said)

    def feed(self, piece: bytes) -> list[str]:
        """Take a piece of the stream; returns lines for the log."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        return [one for line in lines for one in self._line(line)]

    def close(self) -> list[str]:
        """Take what is left where the stream ended."""
        rest, self._rest = self._rest, b""
        return self._line(rest)

    def _line(self, line: bytes) -> list[str]:
        if not line.strip():
            return []
        if line.startswith(b"{"):
            try:
                return self._status(_status.decode(line))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                pass
        text = line.decode("utf-8", "replace").rstrip()
        self._said.append(text)
        return [text]

    def _status(self, status: _Status) -> list[str]:
        lines: list[str] = []
        for vertex in status.vertexes:
            lines += self._vertex(vertex)
        for log in status.logs:
            lines += self._log(log)
        return lines

    def _vertex(self, vertex: _Vertex) -> list[str]:
        step = self._steps.get(vertex.digest)
        lines: list[str] = []
        if step is None:
            if len(self._steps) >= _MOST_STEPS:
                return []
            name = vertex.name[:_MOST_TEXT].replace("\n", " ")
            step = self._steps[vertex.digest] = _Step(number=len(self._steps) + 1, name=name)
        if vertex.started and not step.started:
            step.started = vertex.started
            lines.append(f"#{step.number} {step.name}")
        if vertex.started and not vertex.completed:
            self._running[vertex.digest] = None
        if vertex.completed:
            self._running.pop(vertex.digest, None)
            lines += self._complete(step, vertex)
        return lines

    def _complete(self, step: _Step, vertex: _Vertex) -> list[str]:
        lines = []
        if step.open:
            step.tail.append(step.open)
            lines.append(f"#{step.number} {step.open}")
            step.open = ""
        if vertex.error and not step.error:
            step.error = vertex.error[: 4 * _MOST_TEXT]
            lines.append(f"#{step.number} ERROR: {step.error}")
        elif not step.completed and not vertex.error:
            took = (vertex.completed - vertex.started).total_seconds() if vertex.completed and vertex.started else 0.0
            lines.append(f"#{step.number} CACHED" if vertex.cached else f"#{step.number} DONE {took:.1f}s")
        self.done += not step.completed
        step.completed = True
        return lines

    def _log(self, log: _Log) -> list[str]:
        step = self._steps.get(log.vertex)
        if step is None:
            return []
        try:
            text = base64.b64decode(log.data).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return []
        seconds = (log.timestamp - step.started).total_seconds() if log.timestamp and step.started else 0.0
        *whole, step.open = (step.open + text).split("\n")
        step.open = step.open[-_LONGEST_LINE:]
        lines = [line.rstrip("\r") for line in whole]
        step.tail.extend(lines)
        return [f"#{step.number} {max(0.0, seconds):.3f} {line}" for line in lines]

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
from typing import Annotated, Final

import msgspec

_LONGEST_LINE: Final = 4 * 1024 * 1024  # bytes of a line of the stream; what is longer is cut
_LONGEST_OPEN: Final = 64 * 1024  # bytes of a step's output without an end of line, before they count as a line
_KEPT_LINES: Final = 20  # of a step's output, should it fail
_MOST_TEXT: Final = 500
_MOST_STEPS: Final = 10_000
# Without a time zone two of them could not be subtracted.
_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _Vertex(msgspec.Struct):
    digest: str
    name: str = ""
    started: _Time | None = None
    completed: _Time | None = None
    cached: bool = False
    error: str = ""


class _Log(msgspec.Struct):
    vertex: str
    data: str | None = None
    timestamp: _Time | None = None


class _Status(msgspec.Struct):
    vertexes: list[_Vertex] | None = None
    logs: list[_Log] | None = None


_status = msgspec.json.Decoder(_Status)


@dataclass
class _Step:
    number: int
    name: str
    started: datetime | None = None
    completed: bool = False
    error: str = ""
    open: bytes = b""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))

    def keep(self, line: str) -> None:
        """What a terminal would show of the line in the end, of what a program draws over and over."""
        self.tail.append(_shown(line))


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedStep:
    """The step that failed, its last lines of output, and what BuildKit says of it."""

    name: str
    error: str
    lines: tuple[str, ...]


class Progress:
    """Reads the stream piece by piece; `current` is the step that began last and runs still."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._steps: dict[str, _Step] = {}
        self._running: dict[str, None] = {}
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self.done = 0

    @property
    def current(self) -> str:
        """Name of the step that runs, empty where none does."""
        step = self._current
        return step.name if step else ""

    @property
    def current_lines(self) -> tuple[str, ...]:
        """The last lines of that step."""
        step = self._current
        return tuple(step.tail) if step else ()

    @property
    def total(self) -> int:
        """Steps known so far."""
        return len(self._steps)

    @property
    def failed(self) -> FailedStep | None:
        """The first step that failed by itself, not because another was given up."""
        wrong = [step for step in self._steps.values() if step.error]
        own = [step for step in wrong if not step.error.endswith("context canceled")] or wrong
        return FailedStep(name=own[0].name, error=own[0].error, lines=tuple(own[0].tail)) if own else None

    @property
    def said(self) -> tuple[str, ...]:
        """The last lines that were no JSON."""
        return tuple(self._said)

    def feed(self, piece: bytes) -> list[str]:
        """Take a piece of the stream; returns lines for the log."""
        first, *more = piece.split(b"\n")
        self._rest += first[: max(0, _LONGEST_LINE - len(self._rest))]
        lines: list[str] = []
        for part in more:
            lines += self._line(bytes(self._rest))
            self._rest = bytearray(part[:_LONGEST_LINE])
        return lines

    def close(self) -> list[str]:
        """Take what is left where the stream ended: of itself, and of the output of each step."""
        rest, self._rest = bytes(self._rest), bytearray()
        return self._line(rest) + [line for step in self._steps.values() for line in self._flush(step)]

    @property
    def _current(self) -> _Step | None:
        last = next(reversed(self._running), None)
        return self._steps[last] if last is not None else None

    def _line(self, line: bytes) -> list[str]:
        if not line.strip():
            return []
        if line.startswith(b"{"):
            try:
                return self._status(_status.decode(line))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                pass
        text = line.decode("utf-8", "replace").rstrip()
        self._said.append(_shown(text))
        return [text]

    def _status(self, status: _Status) -> list[str]:
        lines: list[str] = []
        for vertex in status.vertexes or ():
            lines += self._vertex(vertex)
        for log in status.logs or ():
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
        """A step may end more than once: the export ends when the image is written, and again when it is pushed."""
        lines = self._flush(step)
        if vertex.error and not step.error:
            step.error = shortened(vertex.error, 4 * _MOST_TEXT)
            lines.append(f"#{step.number} ERROR: {step.error}")
        elif not step.completed and not vertex.error:
            took = (vertex.completed - vertex.started).total_seconds() if vertex.completed and vertex.started else 0.0
            lines.append(f"#{step.number} CACHED" if vertex.cached else f"#{step.number} DONE {took:.1f}s")
        self.done += not step.completed
        step.completed = True
        return lines

    def _flush(self, step: _Step) -> list[str]:
        """The line that the step has begun and not ended."""
        if not step.open:
            return []
        line, step.open = step.open.decode("utf-8", "replace"), b""
        step.keep(line)
        return [f"#{step.number} {line}"]

    def _log(self, log: _Log) -> list[str]:
        step = self._steps.get(log.vertex)
        if step is None:
            return []
        try:
            data = base64.b64decode(log.data or "")
        except (binascii.Error, ValueError):
            return []
        seconds = (log.timestamp - step.started).total_seconds() if log.timestamp and step.started else 0.0
        *whole, rest = (step.open + data).split(b"\n")
        if len(rest) > _LONGEST_OPEN:
            whole.append(rest)
            rest = b""
        step.open = rest
        lines = [line.decode("utf-8", "replace").rstrip("\r") for line in whole]
        for line in lines[-_KEPT_LINES:]:
            step.keep(line)
        return [f"#{step.number} {max(0.0, seconds):.3f} {line}" for line in lines]


def shortened(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, both ends of it: an error names the command first and its end last."""
    half = limit // 2
    return text if len(text) <= limit else f"{text[: half - 1]}…{text[half - limit :]}"


def _shown(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2][:_MOST_TEXT]

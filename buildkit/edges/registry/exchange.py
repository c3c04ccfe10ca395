"""One HTTP/1.1 exchange on one connection, with one deadline, everything bounded. Grammar: RFC 9112."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.edges.registry.failures import ExchangeError

if TYPE_CHECKING:
    import socket

    from buildkit.edges.registry.origin import Origin

HEAD_LIMIT = 64 * 1024
_CHUNK = 64 * 1024
_INTERIM_LIMIT = 5
_LINE_LIMIT = 1024
_DIGITS_LIMIT = 18  # of a Content-Length: int() refuses thousands
_NO_CONTENT, _NOT_MODIFIED = 204, 304


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """`target` is the path with its query; `headers` are lines without Host; `limit` bounds the body in bytes.

    `peek`: a body that is larger, or does not say how large it is, is left unread.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    limit: int
    peek: bool = False

    def encode(self, origin: Origin, *, absolute: bool) -> bytes:
        """Bytes to send. Raises ExchangeError for what would smuggle in another header."""
        target = f"{origin}{self.target}" if absolute else self.target
        lines = [f"{self.method} {target} HTTP/1.1", f"Host: {origin.authority}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join(lines)
        if not head.count("\r") == head.count("\n") == len(lines) - 1 or " " in target:
            raise ExchangeError("a line break where none may be")
        try:
            return head.encode("latin-1") + b"\r\n\r\n" + self.body
        except UnicodeEncodeError:
            raise ExchangeError("a character that HTTP cannot carry") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """Header names in lower case, repeated ones joined by commas (RFC 9110 section 5.3)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One socket and what was read ahead on it."""

    __slots__ = ("_fresh", "buffer", "socket", "used")

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.buffer = b""
        self.used = False
        self._fresh = False

    def exchange(self, request: Request, data: bytes, deadline: float) -> tuple[Response, bool]:
        """Send one request and read its answer; also tells whether the connection can serve another."""
        self.socket.settimeout(left(deadline))
        self.socket.sendall(data)
        self._fresh = True
        for _ in range(_INTERIM_LIMIT):
            version, status, headers = self._read_head(deadline)
            if status >= 200:  # noqa: PLR2004  # 1xx are interim answers
                break
        else:
            raise ExchangeError("only interim answers")
        body, whole = self._read_body(request, status, headers, deadline)
        keep = whole and version == "HTTP/1.1" and "close" not in headers.get("connection", "").lower()
        return Response(status=status, headers=headers, body=body), keep

    def _read_head(self, deadline: float) -> tuple[str, int, dict[str, str]]:
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            if len(self.buffer) > HEAD_LIMIT:
                raise ExchangeError("header larger than 64 KiB")
            self._more(deadline)
        head, self.buffer = self.buffer[:end], self.buffer[end + 4 :]
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isascii() or not rest[:3].isdigit():
            raise ExchangeError("the answer is not HTTP")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return version, int(rest[:3]), headers

    def _read_body(
        self, request: Request, status: int, headers: Mapping[str, str], deadline: float
    ) -> tuple[bytes, bool]:
        """Body, and whether it ended in a way that leaves the connection usable."""
        if request.method == "HEAD" or status in {_NO_CONTENT, _NOT_MODIFIED}:
            return b"", True
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        if request.peek and (chunked or not _fits(headers.get("content-length"), request.limit)):
            return b"", False
        if chunked:
            return self._read_chunks(request.limit, deadline), True
        length = headers.get("content-length")
        if length is None:
            return self._read_to_end(request.limit, deadline), False
        if not (length.isascii() and length.isdigit() and len(length) <= _DIGITS_LIMIT):
            raise ExchangeError("a Content-Length that is no number")
        if int(length) > request.limit:
            raise ExchangeError(f"body of {length} bytes, more than {request.limit}")
        return self._take(int(length), deadline), True

    def _read_chunks(self, limit: int, deadline: float) -> bytes:
        """RFC 9112 section 7.1; trailers are read and dropped."""
        parts: list[bytes] = []
        total = 0
        while True:
            digits = self._line(deadline).partition(b";")[0].strip()
            try:
                size = int(digits, 16) if digits.isalnum() else -1
            except ValueError:
                size = -1
            if size < 0:
                raise ExchangeError("a chunk without a size")
            total += size
            if total > limit:
                raise ExchangeError(f"body larger than {limit} bytes")
            if size == 0:
                break
            parts.append(self._take(size, deadline))
            if self._line(deadline):
                raise ExchangeError("a chunk longer than its size")
        for _ in range(_LINE_LIMIT):
            if not self._line(deadline):
                return b"".join(parts)
        raise ExchangeError("endless trailers")

    def _read_to_end(self, limit: int, deadline: float) -> bytes:
        while True:
            if len(self.buffer) > limit:
                raise ExchangeError(f"body larger than {limit} bytes")
            try:
                self._more(deadline)
            except ConnectionResetError:
                body, self.buffer = self.buffer, b""
                return body

    def _line(self, deadline: float) -> bytes:
        while (end := self.buffer.find(b"\r\n")) < 0:
            if len(self.buffer) > HEAD_LIMIT:
                raise ExchangeError("a line larger than 64 KiB")
            self._more(deadline)
        line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
        return line

    def _take(self, size: int, deadline: float) -> bytes:
        parts = [self.buffer[:size]]
        self.buffer = self.buffer[size:]
        missing = size - len(parts[0])
        while missing:
            self._more(deadline)
            parts.append(self.buffer[:missing])
            self.buffer = self.buffer[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def _more(self, deadline: float) -> None:
        # The time-out set for sending still holds for the first read: mostly the only one.
        if not self._fresh:
            self.socket.settimeout(left(deadline))
        self._fresh = False
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("connection closed")
        self.buffer += data


def _fits(length: str | None, limit: int) -> bool:
    """Whether a body says that it is within the limit."""
    known = length is not None and length.isascii() and length.isdigit() and len(length) <= _DIGITS_LIMIT
    return known and int(length or 0) <= limit


def left(deadline: float) -> float:
    """Seconds until the deadline (TimeoutError when it is past)."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds

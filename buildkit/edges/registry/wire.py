"""HTTP/1.1 as far as a registry needs it: kept-alive connections, one deadline per exchange, bounded everything.

Not urllib3 or http.client: neither can bound an exchange as a whole (each `recv` starts a new time-out, so a server
that drips bytes holds a thread for hours), and they cost two to three times the network's own time on many small
requests (benchmarks/inspect_bench.py). Grammar: RFC 9112. Proxies: `proxies.py`.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.origin import Address, Origin, is_link_local, is_public, lookup
from buildkit.edges.registry.proxies import Proxy, proxy_for

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 4.0
_HEAD_LIMIT = 64 * 1024
_CHUNK = 64 * 1024
_ADDRESSES_TRIED = 3
_INTERIM_LIMIT = 5
_LINE_LIMIT = 1024
_NO_CONTENT, _NOT_MODIFIED = 204, 304


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """`target` is the path with its query; `headers` are lines without Host; `limit` bounds the body in bytes."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    limit: int

    def encode(self, origin: Origin, *, absolute: bool) -> bytes:
        """Bytes to send. Raises ExchangeError for what would smuggle in another header."""
        target = f"{origin}{self.target}" if absolute else self.target
        lines = [f"{self.method} {target} HTTP/1.1", f"Host: {origin.authority}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        if any("\r" in line or "\n" in line for line in lines) or " " in target:
            raise ExchangeError("a line break where none may be")
        try:
            return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body
        except UnicodeEncodeError:
            raise ExchangeError("a character that HTTP cannot carry") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """Header names in lower case, repeated ones joined by commas (RFC 9110 section 5.3)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Security:
    """`verify` certificates; `public_only` refuses addresses that are not on the internet."""

    verify: bool = True
    public_only: bool = False


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
        self.socket.settimeout(_left(deadline))
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
            if len(self.buffer) > _HEAD_LIMIT:
                raise ExchangeError("header larger than 64 KiB")
            self._more(deadline)
        head, self.buffer = self.buffer[:end], self.buffer[end + 4 :]
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
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
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._read_chunks(request.limit, deadline), True
        length = headers.get("content-length")
        if length is None:
            return self._read_to_end(request.limit, deadline), False
        if not length.isdigit():
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
            if len(self.buffer) > _HEAD_LIMIT:
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
            self.socket.settimeout(_left(deadline))
        self._fresh = False
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("connection closed")
        self.buffer += data


class Wire:
    """A pool of connections for all hosts of a run; safe to use from many threads."""

    def __init__(self) -> None:
        self._idle: dict[tuple[Origin, Security], deque[Connection]] = {}
        self._lock = Lock()
        self._addresses: dict[tuple[str, int], tuple[Address, ...]] = {}
        self._contexts: dict[bool, ssl.SSLContext] = {}

    def exchange(self, origin: Origin, request: Request, security: Security, seconds: float) -> Response:
        """Send the request and read the whole answer within `seconds`.

        Raises:
            ExchangeError: no answer; `again` for what may be better the next time (resets, time-outs).
        """
        deadline = time.monotonic() + seconds
        data = request.encode(origin, absolute=origin.scheme == "http" and proxy_for(origin) is not None)
        try:
            return self._exchange(origin, request, data, security, deadline)
        except TimeoutError:
            raise ExchangeError(
                f"{origin.authority} did not answer within {seconds:.0f} s", again=True, slow=True
            ) from None
        except OSError as error:
            why = error.strerror or str(error) or type(error).__name__
            raise ExchangeError(f"{origin.authority}: {why}", again=True) from None

    def is_public(self, origin: Origin) -> bool:
        """Whether the origin is on the internet, as far as can be told (behind a proxy only a literal address can)."""
        if proxy_for(origin) is not None:
            return is_public(origin.host) or not origin.host.replace(".", "").isdigit()
        return all(is_public(address[0]) for _, address in self._resolve(origin.host, origin.port))

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            for idle in self._idle.values():
                for connection in idle:
                    connection.socket.close()
            self._idle.clear()

    def _exchange(self, origin: Origin, request: Request, data: bytes, security: Security, deadline: float) -> Response:
        while True:
            connection = self._idle_connection(origin, security) or self._connect(origin, security, deadline)
            used = connection.used
            try:
                response, keep = connection.exchange(request, data, deadline)
            except (ConnectionError, TimeoutError, ExchangeError, OSError) as error:
                connection.socket.close()
                # A kept-alive connection that the server has closed meanwhile says nothing about the server.
                if used and isinstance(error, ConnectionError) and not connection.buffer:
                    continue
                raise
            if keep and not connection.buffer:
                connection.used = True
                with self._lock:
                    self._idle.setdefault((origin, security), deque()).append(connection)
            else:
                connection.socket.close()
            return response

    def _idle_connection(self, origin: Origin, security: Security) -> Connection | None:
        with self._lock:
            idle = self._idle.get((origin, security))
            return idle.pop() if idle else None

    def _connect(self, origin: Origin, security: Security, deadline: float) -> Connection:
        limit = min(deadline, time.monotonic() + CONNECT_SECONDS)
        proxy = proxy_for(origin)
        if proxy is None:
            raw = self._dial(origin, security, limit)
        else:
            raw = self._dial(Origin(scheme="http", host=proxy.host, port=proxy.port), Security(), limit)
            if origin.scheme == "https":
                _tunnel(raw, origin, proxy, limit)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Connection(self._secure(raw, origin, security, limit) if origin.scheme == "https" else raw)
        except BaseException:
            raw.close()
            raise

    def _dial(self, origin: Origin, security: Security, limit: float) -> socket.socket:
        addresses = self._resolve(origin.host, origin.port)
        last: OSError | None = None
        for family, address in addresses[:_ADDRESSES_TRIED]:
            refuse_address(address[0], origin, security)
            raw = socket.socket(family, socket.SOCK_STREAM)
            try:
                raw.settimeout(_left(limit))
                raw.connect(address)
            except TimeoutError:
                raw.close()
                reason = f"{origin.authority} does not accept a connection within {CONNECT_SECONDS:.0f} s"
                raise ExchangeError(reason, again=True, slow=True) from None
            except OSError as error:
                raw.close()
                last = error
            else:
                return raw
        raise last or OSError("no address")

    def _resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """Addresses, asked once a run: what was checked is what is connected to (DNS rebinding)."""
        found = self._addresses.get((host, port))
        if found is None:
            found = self._addresses[host, port] = lookup(host, port)
        return found

    def _secure(self, raw: socket.socket, origin: Origin, security: Security, limit: float) -> ssl.SSLSocket:
        import ssl  # noqa: PLC0415  # costs 30 ms, and plain hosts need none

        with self._lock:
            context = self._contexts.get(security.verify)
            if context is None:
                context = self._contexts[security.verify] = _context(verify=security.verify)
        raw.settimeout(_left(limit))
        try:
            return context.wrap_socket(raw, server_hostname=origin.host)
        except ssl.SSLCertVerificationError as error:
            raise ExchangeError(f"{origin.authority}: certificate refused: {error.verify_message}") from None


def refuse_address(address: str, origin: Origin, security: Security) -> None:
    """Raise ExchangeError for an address that this request must not reach."""
    if security.public_only and not is_public(address):
        raise ExchangeError(f"{origin.host} leads to {address}, which is not on the internet")
    if is_link_local(address) and address != origin.host:
        raise ExchangeError(f"{origin.host} leads to the link-local address {address}")


def _context(*, verify: bool) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415

    paths = ssl.get_default_verify_paths()
    bundle = None
    if not paths.cafile and not paths.capath:
        import certifi  # noqa: PLC0415  # python.org's Python for macOS has no certificates of its own

        bundle = certifi.where()
    context = ssl.create_default_context(cafile=bundle)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _tunnel(raw: socket.socket, origin: Origin, proxy: Proxy, limit: float) -> None:
    target = f"{origin.host if ':' not in origin.host else f'[{origin.host}]'}:{origin.port}"
    head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{proxy.authorization}\r\n"
    raw.settimeout(_left(limit))
    raw.sendall(head.encode("latin-1"))
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < _HEAD_LIMIT:
        raw.settimeout(_left(limit))
        data = raw.recv(1)
        if not data:
            break
        answer += data
    words = answer.split(b" ", 2)
    if len(words) < 2 or words[1] != b"200":  # noqa: PLR2004
        raise ExchangeError(f"the proxy {proxy.host}:{proxy.port} does not lead to {target}", again=True)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

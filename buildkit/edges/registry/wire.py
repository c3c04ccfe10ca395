"""Connections to registries: kept alive, shared by all threads, led nowhere they may not go.

Not urllib3 or http.client: neither can bound an exchange as a whole (each `recv` starts a new time-out, so a server
that drips bytes holds a thread for hours), and http.client reads a chunk of the size -1 to the end of the stream,
200 MB of it where 1,000 bytes were asked for. urllib3 also takes 0.1 s to import, a tenth of what a run over 120 images
has, and leaves no room below 1.5 times bare sockets (benchmarks/inspect_bench.py). Proxies: `proxies.py`.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from buildkit.edges.registry.exchange import HEAD_LIMIT, Connection, Request, Response, left
from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.origin import Address, Origin, is_link_local, is_public, lookup
from buildkit.edges.registry.proxies import Proxy, proxy_for

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 4.0
_ADDRESSES_TRIED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Security:
    """`verify` certificates; `public_only` refuses addresses that are not on the internet."""

    verify: bool = True
    public_only: bool = False


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
                raw.settimeout(left(limit))
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
        raw.settimeout(left(limit))
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
    raw.settimeout(left(limit))
    raw.sendall(head.encode("latin-1"))
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < HEAD_LIMIT:
        raw.settimeout(left(limit))
        data = raw.recv(1)
        if not data:
            break
        answer += data
    words = answer.split(b" ", 2)
    if len(words) < 2 or words[1] != b"200":  # noqa: PLR2004
        raise ExchangeError(f"the proxy {proxy.host}:{proxy.port} does not lead to {target}", again=True)

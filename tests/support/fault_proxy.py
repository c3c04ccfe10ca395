"""A registry that misbehaves: answers by rules of the test, and passes on to a real registry what no rule catches.

    with run_faults(rules, upstream=registry.host) as faults:
        faults.host, faults.seen

A rule is a function from a `Seen` request to a `Reply`, or None to leave the request to the next one.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from tests.support.push import Built

_PASSED_ON = ("Accept", "Content-Type")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request that arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer; `reset` breaks the connection instead, `drip` waits so many seconds before each byte of the body,
    `endless` repeats the body for ever, `delay` waits before the answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    drip: float = 0.0
    endless: bool = False
    delay: float = 0.0


Rule = Callable[[Seen], Reply | None]


@dataclass(kw_only=True)
class Faults:
    """A running fault proxy: what it has seen, in order of arrival."""

    host: str
    seen: list[Seen] = field(default_factory=list)

    def paths(self, method: str = "GET") -> list[str]:
        return [request.path for request in self.seen if request.method == method]


def serve_built(repository: str, tag: str, built: Built) -> Rule:
    """Serve a shape from memory, as a plain registry would."""

    def rule(request: Seen) -> Reply | None:
        prefix = f"/v2/{repository}/"
        if not request.path.startswith(prefix):
            return None
        name = request.path.removeprefix(prefix).partition("/")[2]
        digest = built.digest if name == tag else name
        if digest in built.manifests:
            media_type, body = built.manifests[digest]
            return Reply(body=body, headers={"Content-Type": media_type, "Docker-Content-Digest": digest})
        if digest in built.blobs:
            return Reply(body=built.blobs[digest])
        return Reply(status=404, body=b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')

    return rule


def first(count: int, reply: Reply) -> Rule:
    """Give the reply to the first `count` requests, then let them pass."""
    left = iter(range(count))
    return lambda _request: reply if next(left, None) is not None else None


@contextmanager
def run_faults(
    rules: Sequence[Rule], upstream: str | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Faults]:
    """Serve on a free loopback port until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.rules, server.upstream = rules, upstream
    server.faults = Faults(host=f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.faults
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    rules: Sequence[Rule] = ()
    upstream: str | None = None
    faults: Faults

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.stopping = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave early are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Seen(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        self.server.faults.seen.append(request)
        replies = (rule(request) for rule in self.server.rules)
        self.send(next((reply for reply in replies if reply is not None), None) or self.pass_on(request))

    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

    def pass_on(self, request: Seen) -> Reply:
        if self.server.upstream is None:
            return Reply(status=404)
        connection = http.client.HTTPConnection(self.server.upstream, timeout=10)
        headers = {name: request.headers[name.lower()] for name in _PASSED_ON if name.lower() in request.headers}
        connection.request(request.method, request.path, request.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        wanted = {"content-type", "docker-content-digest", "location"}
        wanted |= {"content-length"} if request.method == "HEAD" else set()
        kept = {name: value for name, value in answer.getheaders() if name.lower() in wanted}
        connection.close()
        if "Location" in kept:  # uploads go on through here; helm refuses one that leads to another host
            kept["Location"] = kept["Location"].removeprefix(f"http://{self.server.upstream}")
        return Reply(status=answer.status, body=body, headers=kept)

    def send(self, reply: Reply) -> None:
        time.sleep(reply.delay)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        with suppress(OSError):
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.endless:
                self.close_connection = True
            elif not {"Transfer-Encoding", "Content-Length"} & set(reply.headers):
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.send_body(reply)

    def send_body(self, reply: Reply) -> None:
        if reply.drip:
            for position in range(len(reply.body)):
                if self.server.stopping.wait(reply.drip):
                    return
                self.wfile.write(reply.body[position : position + 1])
            return
        self.wfile.write(reply.body)
        while reply.endless and not self.server.stopping.is_set():
            self.wfile.write(reply.body)

"""A TCP proxy that holds every answer back for a while: `inspect_delay_proxy.py HOST PORT SECONDS`.

Prints its own port and serves until it is stopped. A process of its own, so that it takes nobody's interpreter lock.
"""

from __future__ import annotations

import asyncio
import sys


class Upstream(asyncio.Protocol):
    """The registry's side of one connection."""

    def __init__(self, client: asyncio.Transport, delay: float) -> None:
        self.client = client
        self.delay = delay
        self.loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self.loop.call_later(self.delay, self.client.write, data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.loop.call_later(self.delay, self.client.close)


class Client(asyncio.Protocol):
    """The measured program's side: what it sends goes on at once."""

    def __init__(self, host: str, port: int, delay: float) -> None:
        self.target = (host, port)
        self.delay = delay
        self.waiting: list[bytes] = []
        self.upstream: asyncio.Transport | None = None
        self.opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.opening = asyncio.ensure_future(self.open(transport))

    async def open(self, client: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: Upstream(client, self.delay), *self.target)
        self.upstream = transport
        for data in self.waiting:
            transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self.upstream is None:
            self.waiting.append(data)
        else:
            self.upstream.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self.upstream is not None:
            self.upstream.close()


async def serve(host: str, port: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Client(host, port, delay), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))

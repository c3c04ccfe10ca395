"""The floor: `inspect_raw_sockets.py HOST PORT CONNECTIONS < TARGETS` sends one GET per line, reads the answers.

No parsing, no checks, no order between requests: as fast as Python's sockets and as many connections allow. Prints
the seconds that the requests took, without the start of Python.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from threading import Thread

_ACCEPT = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, */*"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def work(host: str, port: int, targets: list[str]) -> None:
    connection = socket.create_connection((host, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while targets:
        try:
            target = targets.pop()
        except IndexError:
            break
        head = f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: {_ACCEPT}\r\n\r\n"
        connection.sendall(head.encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        top, _, body = data.partition(b"\r\n\r\n")
        match = _LENGTH.search(top)
        if b" 200 " not in top[:16] or match is None:
            raise SystemExit(f"{target}: {top[:200]!r}")
        missing = int(match[1]) - len(body)
        while missing > 0:
            missing -= len(connection.recv(65536))


def main() -> None:
    host, port, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    targets = sys.stdin.read().split()
    targets.reverse()
    start = time.perf_counter()
    threads = [Thread(target=work, args=(host, port, targets)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{time.perf_counter() - start:.4f}")


if __name__ == "__main__":
    main()

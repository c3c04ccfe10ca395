"""Answers that are not HTTP, over a real pair of sockets: an error of ours, never a crash."""

from __future__ import annotations

import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges.registry.exchange import Connection, Request
from buildkit.edges.registry.failures import ExchangeError

REQUEST = Request(method="GET", target="/v2/", limit=1000)


def answer(data: bytes) -> tuple[int, bytes]:
    """What a connection makes of `data`, all that the server says before it closes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        response, _ = Connection(ours).exchange(REQUEST, b"x", time.monotonic() + 5)
        return response.status, response.body


def test_a_whole_answer_is_read() -> None:
    assert answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") == (200, b"hi")
    assert answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n") == (200, b"hi")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb2",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001",
        b"HTTP/1.1 2\xb20 OK",
        b"HTTP/1.1 OK",
        b"SSH-2.0-OpenSSH",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\xb2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff",
    ],
)
def test_what_is_no_answer_is_an_error(head: bytes) -> None:
    with pytest.raises(ExchangeError):
        answer(head + b"\r\n\r\n")


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(tail: bytes) -> None:
    try:
        status, body = answer(b"HTTP/1.1 200 OK\r\n" + tail)
    except (ExchangeError, ConnectionError):
        return
    assert status == 200
    assert len(body) <= REQUEST.limit


def test_a_negative_chunk_is_no_way_around_the_limit() -> None:
    with pytest.raises(ExchangeError):
        answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + b"x" * 5000)


@pytest.mark.parametrize(
    "answered",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nendless",
    ],
)
def test_who_peeks_reads_nothing_of_a_body_that_does_not_fit(answered: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answered)
        peek = Request(method="GET", target="/v2/", limit=1000, peek=True)
        response, keep = Connection(ours).exchange(peek, b"x", time.monotonic() + 5)
        assert (response.status, response.body, keep) == (200, b"", False)


def test_who_peeks_reads_a_body_that_fits_so_that_the_connection_is_kept() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 206 OK\r\nContent-Length: 1\r\n\r\nx")
        peek = Request(method="GET", target="/v2/", limit=1000, peek=True)
        response, keep = Connection(ours).exchange(peek, b"x", time.monotonic() + 5)
        assert (response.status, response.body, keep) == (206, b"x", True)

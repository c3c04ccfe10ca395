"""Requests that carry nothing they should not, and the proxies of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.edges.registry.exchange import Request
from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.origin import parse_authority
from buildkit.edges.registry.proxies import Proxy, proxy_for

if TYPE_CHECKING:
    from collections.abc import Iterator

GHCR = parse_authority("ghcr.io", "https")


@pytest.fixture(autouse=True)
def _fresh_proxies() -> Iterator[None]:
    proxy_for.cache_clear()
    yield
    proxy_for.cache_clear()


def test_a_request_line_by_line() -> None:
    request = Request(method="GET", target="/v2/x/manifests/v1", headers=(("Accept", "a"),), limit=1)
    assert (
        request.encode(GHCR, absolute=False) == b"GET /v2/x/manifests/v1 HTTP/1.1\r\nHost: ghcr.io\r\nAccept: a\r\n\r\n"
    )
    assert b"GET https://ghcr.io/v2/" in request.encode(GHCR, absolute=True)


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\nb", "snow ☃"])
def test_nothing_smuggles_a_header(text: str) -> None:
    with pytest.raises(ExchangeError):
        Request(method="GET", target="/", headers=(("Authorization", text),), limit=1).encode(GHCR, absolute=False)
    with pytest.raises(ExchangeError):
        Request(method="GET", target=f"/{text}", limit=1).encode(GHCR, absolute=False)


@pytest.mark.parametrize(
    ("environment", "host", "expected"),
    [
        ({}, "ghcr.io", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "ghcr.io", Proxy(host="proxy", port=3128)),
        ({"https_proxy": "proxy:3128"}, "ghcr.io", Proxy(host="proxy", port=3128)),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com,.io"}, "ghcr.io", None),
        ({"HTTPS_PROXY": "http://proxy", "no_proxy": "hcr.io"}, "ghcr.io", Proxy(host="proxy", port=80)),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "*"}, "ghcr.io", None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "ghcr.io:8443"}, "ghcr.io", Proxy(host="proxy", port=80)),
        ({"HTTPS_PROXY": "http://proxy"}, "localhost:5000", None),
        ({"HTTPS_PROXY": "socks5://proxy:1"}, "ghcr.io", None),
        ({"HTTP_PROXY": "http://proxy"}, "ghcr.io", None),
    ],
)
def test_proxies(
    environment: dict[str, str], host: str, expected: Proxy | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(parse_authority(host, "https")) == expected


def test_a_proxy_with_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://user:p%40ss@proxy:1")
    found = proxy_for(GHCR)
    assert found is not None
    assert found.authorization == "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"
    assert "dXNl" not in repr(found)

"""HTTP proxies from the environment: HTTPS_PROXY, http_proxy, NO_PROXY, by curl's and Go's rules."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from buildkit.edges.registry.origin import is_loopback

if TYPE_CHECKING:
    from buildkit.edges.registry.origin import Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """`authorization` is a whole header line with its line end, or empty."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)


@lru_cache(maxsize=256)
def proxy_for(origin: Origin) -> Proxy | None:
    """Proxy for an origin; this machine itself never has one, as in Go."""
    if is_loopback(origin.host) or _excluded(origin):
        return None
    # Upper-case HTTP_PROXY is left alone: under CGI a client's header sets it (httpoxy).
    names = ("https_proxy", "HTTPS_PROXY") if origin.scheme == "https" else ("http_proxy",)
    text = next((value for name in names if (value := os.environ.get(name))), "")
    return _parse(text) if text else None


def _parse(text: str) -> Proxy | None:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return None
    if parts.scheme != "http" or not host:
        return None
    if parts.username is None:
        return Proxy(host=host, port=port)
    secret = b64encode(f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()).decode()
    return Proxy(host=host, port=port, authorization=f"Proxy-Authorization: Basic {secret}\r\n")


def _excluded(origin: Origin) -> bool:
    names = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    for raw in names.split(","):
        name, _, port = raw.strip().lower().partition(":")
        bare = name.lstrip("*").lstrip(".")
        if name == "*":
            return True
        if (
            bare
            and (not port or port == str(origin.port))
            and (origin.host == bare or origin.host.endswith(f".{bare}"))
        ):
            return True
    return False

"""Where a request goes: scheme, host and port, and which addresses a host name may lead to."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from threading import Thread
from typing import Literal

from buildkit.edges.registry.failures import ExchangeError

Scheme = Literal["http", "https"]
_PORTS = {"http": 80, "https": 443}
_LOOKUP_SECONDS = 5.0
_LAST_PORT = 65535

Address = tuple[socket.AddressFamily, tuple[str, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """`host` without brackets, lower case."""

    scheme: Scheme
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host[:port]` as a Host header has it: the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def parse_authority(text: str, scheme: Scheme) -> Origin:
    """Read `host[:port]`, `[address]:port`."""
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = text, ""
    return Origin(scheme=scheme, host=host.strip("[]").lower(), port=int(port) if port else _PORTS[scheme])


def is_loopback(host: str) -> bool:
    """Whether Docker would take the host for its own machine: `localhost`, 127.0.0.0/8, ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an address belongs to the internet: not private, loopback, link-local, shared or reserved."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not (mapped or parsed).is_multicast


def is_link_local(address: str) -> bool:
    """Whether an address is link-local, where clouds serve the credentials of machines (169.254.169.254)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_link_local


def lookup(host: str, port: int) -> tuple[Address, ...]:
    """Addresses of a host, IPv4 first. A resolver that hangs is left behind after 5 s.

    Raises:
        ExchangeError: no address.
    """
    if not 0 < port <= _LAST_PORT:
        raise ExchangeError(f"{host}:{port}: no such port")  # getaddrinfo would take the rest of a division
    found: list[Address] = []
    failures: list[str] = []

    def ask() -> None:
        try:
            for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, (str(address[0]), int(address[1]))))  # partial results count
        except (OSError, UnicodeError) as error:
            failures.append(getattr(error, "strerror", None) or str(error))

    if _is_address(host):
        ask()
    else:
        thread = Thread(target=ask, daemon=True)
        thread.start()
        thread.join(_LOOKUP_SECONDS)
    if not found:
        why = failures[0] if failures else "the resolver does not answer"
        raise ExchangeError(f"cannot resolve {host}: {why}", again=True, slow=not failures)
    return tuple(sorted(dict.fromkeys(found), key=lambda item: item[0] != socket.AF_INET))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

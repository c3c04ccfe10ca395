"""Where a registry may lead us, and where not."""

from __future__ import annotations

import pytest

from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.guards import check_realm, check_redirect
from buildkit.edges.registry.origin import is_link_local, is_loopback, is_public, lookup, parse_authority
from buildkit.edges.registry.wire import Security, refuse_address

PRIVATE = (
    "10.0.0.1 127.0.0.1 169.254.169.254 ::1 fe80::1 fd00::1 0.0.0.0 224.0.0.1 ::ffff:10.0.0.1 100.64.0.1 not-an-address"
)
GHCR = parse_authority("ghcr.io", "https")


@pytest.mark.parametrize(
    ("realm", "insecure", "public"),
    [
        ("https://auth.docker.io/token", False, True),
        ("https://10.0.0.1/token", False, False),
        ("http://registry.local/token", True, False),
        ("https://[2606:4700::1111]/token?x=1", False, True),
    ],
)
def test_realms_that_are_asked(realm: str, insecure: bool, public: bool) -> None:  # noqa: FBT001
    check_realm(realm, insecure=insecure, public=public)


@pytest.mark.parametrize(
    ("realm", "insecure", "public"),
    [
        ("http://auth.docker.io/token", False, True),
        ("https://169.254.169.254/token", False, True),
        ("https://169.254.169.254/token", True, False),
        ("https://[fe80::1]/token", True, False),
        ("https://[::ffff:169.254.169.254]/token", True, False),
        ("https://10.0.0.1/token", False, True),
        ("https://127.0.0.1/token", False, True),
        ("https://localhost/token", False, True),
        ("https://[::1]/token", False, True),
        ("https://192.168.1.1:8443/token", False, True),
        ("https://100.64.0.1/token", False, True),
        ("https://user@auth.docker.io/token", False, True),
        ("ftp://auth.docker.io/", True, True),
        ("auth.docker.io/token", True, True),
        ("https://:443/token", True, True),
        ("https://x:port/", True, True),
        ("", True, True),
    ],
)
def test_realms_that_are_refused(realm: str, insecure: bool, public: bool) -> None:  # noqa: FBT001
    with pytest.raises(ExchangeError):
        check_realm(realm, insecure=insecure, public=public)


def test_redirects() -> None:
    origin, target = check_redirect(GHCR, "/v2/x/blobs/y", "https://cdn.example.com/a?b=c", public=True)
    assert (str(origin), target) == ("https://cdn.example.com", "/a?b=c")
    origin, target = check_redirect(GHCR, "/v2/x/blobs/y", "../other", public=True)
    assert (origin, target) == (GHCR, "/v2/x/other")
    for location in ("http://ghcr.io/x", "https://10.1.2.3/x", "//169.254.169.254/x", "gopher://x"):
        with pytest.raises(ExchangeError):
            check_redirect(GHCR, "/v2/x/blobs/y", location, public=True)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "fd00::1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "::ffff:10.0.0.1",
        "100.64.0.1",
        "x",
    ],
)
def test_addresses_off_the_internet(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(ExchangeError):
        refuse_address(address, GHCR, Security(public_only=True))


def test_a_name_that_leads_to_a_link_local_address_is_refused_everywhere() -> None:
    with pytest.raises(ExchangeError):
        refuse_address("169.254.169.254", GHCR, Security())
    refuse_address("10.0.0.1", GHCR, Security())
    refuse_address("8.8.8.8", GHCR, Security(public_only=True))


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_does_not_exist_leads_to_no_other(port: str) -> None:
    """`getaddrinfo` takes 65616 for 80."""
    origin = parse_authority(f"127.0.0.1:{port}", "http")
    with pytest.raises(ExchangeError, match="no such port"):
        lookup(origin.host, origin.port)


def test_kinds_of_hosts() -> None:
    assert is_loopback("localhost")
    assert is_loopback("127.1.2.3")
    assert is_loopback("::1")
    assert not is_loopback("127.0.0.1.example.com")
    assert is_link_local("fe80::1%eth0")
    assert (parse_authority("[::1]:5000", "http").host, parse_authority("[::1]", "https").port) == ("::1", 443)
    assert str(parse_authority("Example.com:443", "https")) == "https://example.com"

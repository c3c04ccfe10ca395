"""Where a registry may send us: token services and redirects.

A registry is not trusted with our position in a network. One on the internet may not lead us to private or link-local
addresses (the check is on the addresses that are then connected to, so a name that changes its address gains nothing),
none may lead from https to http, and a token service speaks https unless its registry is itself configured insecure.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.origin import Origin, Scheme, is_link_local, is_public

_SCHEMES = {"http": 80, "https": 443}
_TARGET_LIMIT = 16 * 1024


def parse_url(url: str) -> tuple[Origin, str]:
    """Split an absolute http or https URL into origin and request target.

    Raises:
        ExchangeError: any other text.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ExchangeError("an address that is no URL") from None
    if parts.scheme not in _SCHEMES or not host or parts.username is not None or len(url) > _TARGET_LIMIT:
        raise ExchangeError("an address that is no plain http or https URL")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    scheme: Scheme = "https" if parts.scheme == "https" else "http"
    return Origin(scheme=scheme, host=host, port=port or _SCHEMES[scheme]), target


def check_realm(realm: str, *, insecure: bool, public: bool) -> tuple[Origin, str]:
    """Origin and target of a token service.

    Args:
        realm: as the challenge names it.
        insecure: whether the registry may be spoken to over plain HTTP.
        public: whether the registry is on the internet.

    Raises:
        ExchangeError: a realm that must not be asked; the message names it.
    """
    origin, target = parse_url(realm)
    if origin.scheme != "https" and not insecure:
        raise ExchangeError(f"the token service {origin} is not https")
    _check_literal(origin, public=public, what="the token service")
    return origin, target


def check_redirect(origin: Origin, target: str, location: str, *, public: bool) -> tuple[Origin, str]:
    """Origin and target that a redirect from `origin` leads to.

    Raises:
        ExchangeError: a redirect that must not be followed.
    """
    try:
        url = urljoin(f"{origin}{target}", location)
    except ValueError:
        raise ExchangeError("a redirect to no URL") from None
    after, path = parse_url(url)
    if origin.scheme == "https" and after.scheme == "http":
        raise ExchangeError(f"a redirect from https to {after}")
    _check_literal(after, public=public, what="a redirect to")
    return after, path


def _check_literal(origin: Origin, *, public: bool, what: str) -> None:
    """Addresses written out are checked here, names when they are resolved (`wire.refuse_address`)."""
    literal = ":" in origin.host or origin.host.replace(".", "").isdigit()
    if is_link_local(origin.host):
        raise ExchangeError(f"{what} {origin.host}, a link-local address")
    if public and (origin.host == "localhost" or (literal and not is_public(origin.host))):
        raise ExchangeError(f"{what} {origin.host}, which is not on the internet")

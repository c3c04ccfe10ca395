"""What a tag stands for now, and whether a manifest is there: a digest, nothing, or not known; never mixed up.

Nothing is only what the registry calls so (404). Who is asked for credentials does not learn whether there is a tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.edges.registry.content import matches, own_digest
from buildkit.edges.registry.failures import DeniedError, ExchangeError
from buildkit.edges.registry.source import ACCEPT, MANIFEST_LIMIT
from buildkit.edges.registry.transport import Ask
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict
from buildkit.model.reference import is_digest

if TYPE_CHECKING:
    from buildkit.edges.registry.exchange import Response
    from buildkit.edges.registry.source import Place
    from buildkit.model.reference import Reference

_OK, _NOT_FOUND, _REFUSED = 200, 404, frozenset({401, 403})


def find_manifest(place: Place, reference: Reference) -> str | Failure | None:
    """Digest of what a reference names there, None where the registry has none, or why that is not known."""
    name = reference.digest or reference.tag or "latest"
    try:
        response = _ask(place, "HEAD", name)
        stated = response.headers.get("docker-content-digest", "")
        if response.status == _OK and is_digest(stated) and stated == (reference.digest or stated):
            return stated
        # A registry that knows no HEAD, or names no digest; and none is gone because of one answer.
        return _judged(place, _ask(place, "GET", name), name)
    except DeniedError:
        return _unknown(f"the token service of {place.host.name} refuses us", denied=True)
    except ExchangeError as error:
        return _unknown(error.reason)


def _judged(place: Place, response: Response, name: str) -> str | Failure | None:
    if response.status == _NOT_FOUND:
        return None
    if response.status in _REFUSED:
        return _unknown(f"{place.host.name} asks for credentials, or refuses those it has", denied=True)
    if response.status != _OK:
        return _unknown(f"{place.host.name} answers {response.status}")
    digest = name if is_digest(name) else response.headers.get("docker-content-digest") or own_digest(response.body)
    if not is_digest(digest) or not matches(response.body, digest):
        return _unknown(f"{place.host.name} sends other content than {name}")
    return digest


def _ask(place: Place, method: str, name: str) -> Response:
    limit = MANIFEST_LIMIT if method == "GET" else 0
    return place.host.ask(place.repository, Ask(method=method, path=f"manifests/{name}", accept=ACCEPT, limit=limit))


def _unknown(reason: str, *, denied: bool = False) -> Failure:
    return Failure(verdict=Verdict.UNKNOWN, reason=reason, denied=denied)

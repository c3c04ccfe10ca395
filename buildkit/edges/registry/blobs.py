"""Whether a registry has a blob, and how large it is there, without transferring it.

HEAD first (OCI distribution-spec, "Checking if content exists"). What it does not answer well is asked again with GET
for the first byte: addresses that a registry redirects to are often signed for GET alone, some proxies refuse HEAD, and
nobody is told that a blob is missing or of another size because of one answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.edges.registry.failures import DeniedError, ExchangeError
from buildkit.edges.registry.transport import Ask
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from buildkit.edges.registry.exchange import Response
    from buildkit.edges.registry.source import Place

_OK, _PARTIAL, _NOT_FOUND, _NO_SUCH_RANGE = 200, 206, 404, 416
_REFUSED = frozenset({401, 403})
_PEEK_LIMIT = 16 * 1024  # of a body that is read so that the connection can be kept
_NUMBER = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes\s+(?:[0-9]+-[0-9]+|\*)/([0-9]{1,18})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What was learnt: the size, or why there is none."""

    size: int | None = None
    failure: Failure | None = None


def look_at(place: Place, digest: str, size: int) -> Look:
    """Ask for a blob that should be of this size."""
    try:
        head = _ask(place, digest, "HEAD")
        if head.status == _OK and _length(head) == size:
            return Look(size=size)
        return _second_look(place, digest)
    except DeniedError:
        return _unknown(f"the token service of {place.host.name} refuses us")
    except ExchangeError as error:
        return _unknown(error.reason)


def _second_look(place: Place, digest: str) -> Look:
    answer = _ask(place, digest, "GET")
    if answer.status == _NOT_FOUND:
        reason = f"{place.host.name} has no {place.repository} {digest}"
        return Look(failure=Failure(verdict=Verdict.MISSING, reason=reason))
    found = _stated_size(answer)
    if found is not None:
        return Look(size=found)
    if answer.status in {_OK, _PARTIAL}:
        return _unknown(f"{place.host.name} does not say how large {digest} is")
    if answer.status in _REFUSED:
        return _unknown(f"{place.host.name} asks for credentials")
    return _unknown(f"{place.host.name} answers {answer.status} for {digest}")


def _stated_size(answer: Response) -> int | None:
    """Size of the whole blob, as an answer to a question for its first byte gives it."""
    if answer.status in {_PARTIAL, _NO_SUCH_RANGE}:
        match = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        return int(match[1]) if match else None
    return _length(answer) if answer.status == _OK else None


def _length(answer: Response) -> int | None:
    text = answer.headers.get("content-length", "").strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def _ask(place: Place, digest: str, method: str) -> Response:
    first_byte = (("Range", "bytes=0-0"),) if method == "GET" else ()
    ask = Ask(method=method, path=f"blobs/{digest}", accept="*/*", limit=_PEEK_LIMIT, headers=first_byte, peek=True)
    return place.host.ask(place.repository, ask)


def _unknown(reason: str) -> Look:
    return Look(failure=Failure(verdict=Verdict.UNKNOWN, reason=reason))

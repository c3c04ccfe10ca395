"""The tags of a repository, page by page (OCI distribution-spec, "Listing Tags"). Never cached: they change.

A page names the next one in a `Link` header. Of that only the query is used, on the address of our own first question,
and only where it leads back there: a registry cannot send us to another host or repository by it. Registries that
redirect to where the same images have another name (registry.k8s.io) therefore show their first page alone.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import msgspec

from buildkit.edges.registry.failures import DeniedError, ExchangeError
from buildkit.edges.registry.transport import Ask
from buildkit.model.reference import is_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.registry.exchange import Response
    from buildkit.edges.registry.source import Place

PAGES_LIMIT, TAGS_LIMIT = 20, 20_000
_SECONDS = 30.0  # after which no further page is asked for
_PAGE = 1000  # some registries answer 400 where more are asked for
_BODY_LIMIT = 4 * 1024 * 1024
_OK, _UNAUTHORIZED = 200, 401
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_QUERY = re.compile(r"[\x21-\x7e]{1,2048}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TagList:
    """The tags of a repository.

    Attributes:
        tags: in the registry's order, each once; what is no tag by the grammar is left out.
        complete: whether these are all.
        status: the answer's, where the registry gives no list at all.
        reason: why there is no list, or only a part of it.
    """

    tags: tuple[str, ...] = ()
    complete: bool = False
    status: int | None = None
    reason: str | None = None


class _Page(msgspec.Struct):
    tags: list[str] | None = None


_page = msgspec.json.Decoder(_Page)


def list_tags(places: Sequence[Place]) -> TagList:
    """Ask one place after the other until one has a list; a failure is part of the result."""
    failure = TagList(reason="registries.conf blocks pulling it")
    for place in places:
        found = _list(place)
        if found.tags or found.complete:
            return found
        failure = found
    return failure


def _list(place: Place) -> TagList:
    found: dict[str, None] = {}
    queries: list[str] = []
    query: str | None = f"n={_PAGE}"
    status, reason = None, None
    deadline = time.monotonic() + _SECONDS
    while query is not None and reason is None:
        queries.append(query)
        try:
            page, response = _read_page(place, query)
            found.update(dict.fromkeys(page))
            query = _next_query(place, response)
            reason = _stop(place, queries, query, len(found))
            if query and reason is None and time.monotonic() > deadline:
                reason = f"only the first {len(found)} tags were read, in {_SECONDS:.0f} s"
        except _NoListError as error:
            status, reason = error.status, error.reason
        except ExchangeError as error:
            reason = error.reason
    return TagList(tags=tuple(found)[:TAGS_LIMIT], complete=reason is None, status=status, reason=reason)


def _stop(place: Place, queries: Sequence[str], following: str | None, count: int) -> str | None:
    """Why the next page is not asked for, or what there is is not all kept."""
    if count > TAGS_LIMIT or (following and (count == TAGS_LIMIT or len(queries) == PAGES_LIMIT)):
        return f"only the first {min(count, TAGS_LIMIT)} tags were read"
    return f"{place.host.name} lists its tags in a circle" if following in queries else None


class _NoListError(Exception):
    """The registry answers, and gives no list."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(host, status)
        self.status = status
        self.reason = f"{host} does not list tags ({status})"


def _read_page(place: Place, query: str) -> tuple[list[str], Response]:
    """Tags of a page, and the answer that says where the next one is."""
    host = place.host
    ask = Ask(method="GET", path=f"tags/list?{query}", accept="application/json", limit=_BODY_LIMIT)
    try:
        response = host.ask(place.repository, ask)
    except DeniedError:
        raise _NoListError(host.name, _UNAUTHORIZED) from None
    if response.status != _OK:
        raise _NoListError(host.name, response.status)
    try:
        tags = _page.decode(response.body).tags or []
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ExchangeError(f"{host.name}: the answer is no list of tags") from None
    return [tag for tag in tags if is_tag(tag)], response


def _next_query(place: Place, response: Response) -> str | None:
    """Query of the next page, None on the last one.

    Raises:
        ExchangeError: a link to anywhere else.
    """
    target = _next_target(response.headers.get("link", ""))
    if target is None:
        return None
    path = f"/v2/{place.repository}/tags/list"
    try:
        parts = urlsplit(urljoin(f"https://{place.host.name}{path}", target))
    except ValueError:
        raise ExchangeError(f"{place.host.name}: the next page of tags has no address") from None
    if parts.netloc not in place.host.authorities or parts.path != path or not _QUERY.fullmatch(parts.query):
        raise ExchangeError(f"{place.host.name}: the next page of tags is said to be elsewhere")
    return parts.query


def _next_target(header: str) -> str | None:
    """Address of `<…>; rel="next"`; a link without any relation is taken for it, as crane does."""
    for target, parameters in _LINK.findall(header):
        relation = re.search(r'(?i)\brel\s*=\s*"?([^";,]*)', parameters)
        if relation is None or relation[1].strip().lower() == "next":
            return str(target)
    return None

"""Documents of one reference: from the cache, else from the places it can be pulled from, always verified."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeVar

from buildkit.edges.registry.content import matches, own_digest
from buildkit.edges.registry.failures import DeniedError, ExchangeError, LookupFailedError
from buildkit.edges.registry.transport import Ask, Host
from buildkit.model.inspection import Verdict
from buildkit.model.reference import is_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.edges.registry.cache import Documents
    from buildkit.edges.registry.exchange import Response
    from buildkit.model.reference import Reference

Found = TypeVar("Found")

ACCEPT = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.v1+prettyjws, application/vnd.docker.distribution.manifest.v1+json, "
    "application/vnd.oci.artifact.manifest.v1+json"
)
MANIFEST_LIMIT = 4 * 1024 * 1024  # what distribution accepts at most
_CONFIG_LIMIT = 8 * 1024 * 1024
_OK, _NOT_FOUND, _REFUSED = 200, 404, frozenset({401, 403})


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One place to ask: a mirror, or the registry itself."""

    host: Host
    repository: str

    @property
    def key(self) -> str:
        return f"{self.host.name}/{self.repository}"


class Source:
    """Fetches what belongs to one reference; the place that had its root is asked first from then on."""

    def __init__(self, reference: Reference, places: tuple[Place, ...], cache: Documents) -> None:
        self._reference = reference
        self._places = places
        self._cache = cache

    @property
    def host(self) -> Host:
        """Host that is asked first."""
        return self._places[0].host

    @property
    def place(self) -> Place:
        """Place that is asked first: once the root is there, the one that had it."""
        return self._places[0]

    def settle(self) -> None:
        """Ask the first place alone from now on: what one place has is not proven by another."""
        self._places = self._places[:1]

    def root(self) -> tuple[str, bytes]:
        """Digest and body of what the reference names.

        Raises:
            LookupFailedError: absent or unknown.
        """
        if self._reference.digest:
            return self._reference.digest, self.document(self._reference.digest, "manifests", lost=Verdict.ABSENT)
        failure: LookupFailedError | None = None
        for place in self._places:
            try:
                found = self._tagged(place, self._reference.tag or "latest")
            except LookupFailedError as error:
                failure = error
            else:
                self._prefer(place)
                return found
        raise failure or AssertionError("a source without places")

    def has(self, digest: str) -> bool:
        """Whether a document is in the cache."""
        return any(self._cache.has(place.key, digest) for place in self._places)

    def document(self, digest: str, kind: str, *, lost: Verdict) -> bytes:
        """Body of a manifest (`manifests`) or config (`blobs`); `lost` is the verdict when nobody has it.

        Raises:
            LookupFailedError: `lost`, or unknown.
        """
        for place in self._places:
            body = self._cache.read(place.key, digest)
            if body is not None:
                return body
        failure: LookupFailedError | None = None
        for place in self._places:
            try:
                body = _guarded(partial(self._fetch, place, digest, kind, lost))
            except LookupFailedError as error:
                failure = error
            else:
                self._prefer(place)
                return body
        raise failure or AssertionError("a source without places")

    def _prefer(self, place: Place) -> None:
        if self._places[0] is not place:
            self._places = (place, *(other for other in self._places if other is not place))

    def _tagged(self, place: Place, tag: str) -> tuple[str, bytes]:
        return _guarded(lambda: self._by_head(place, tag) or self._by_tag(place, tag))

    def _by_head(self, place: Place, tag: str) -> tuple[str, bytes] | None:
        """Ask for the digest alone where its document may be cached; None where that does not help."""
        if not self._cache.knows(place.key):
            return None
        ask = Ask(method="HEAD", path=f"manifests/{tag}", accept=ACCEPT, limit=0)
        try:
            response = place.host.ask(place.repository, ask)
        except DeniedError:
            return None
        digest = response.headers.get("docker-content-digest", "")
        if response.status != _OK or not is_digest(digest):
            return None
        body = self._cache.read(place.key, digest)
        return digest, body if body is not None else self._fetch(place, digest, "manifests", Verdict.ABSENT)

    def _by_tag(self, place: Place, tag: str) -> tuple[str, bytes]:
        response = self._ask(place, f"manifests/{tag}", MANIFEST_LIMIT, Verdict.ABSENT)
        digest = _stated_digest(response) or own_digest(response.body)
        self._cache.write(place.key, digest, response.body)
        return digest, response.body

    def _fetch(self, place: Place, digest: str, kind: str, lost: Verdict) -> bytes:
        limit = MANIFEST_LIMIT if kind == "manifests" else _CONFIG_LIMIT
        response = self._ask(place, f"{kind}/{digest}", limit, lost)
        if kind == "manifests":
            _stated_digest(response)
        if not matches(response.body, digest):
            raise ExchangeError(f"{place.host.name} sends other content than {digest}")
        self._cache.write(place.key, digest, response.body)
        return response.body

    def _ask(self, place: Place, path: str, limit: int, lost: Verdict) -> Response:
        """Answer with status 200; every other ends in a verdict."""
        ask = Ask(method="GET", path=path, accept=ACCEPT if path.startswith("manifests") else "*/*", limit=limit)
        try:
            response = place.host.ask(place.repository, ask)
        except DeniedError:
            _refuse(place, lost, "its token service")
        if response.status == _OK:
            return response
        if response.status == _NOT_FOUND:
            raise LookupFailedError(lost, f"{place.host.name} has no {place.repository} {_wanted(path)}")
        if response.status in _REFUSED:
            _refuse(place, lost, "it")
        raise ExchangeError(f"{place.host.name} answers {response.status}")


def _guarded(call: Callable[[], Found]) -> Found:
    """Carry out a call whose failures to communicate mean that nothing is known."""
    try:
        return call()
    except ExchangeError as error:
        raise LookupFailedError(Verdict.UNKNOWN, error.reason) from None


def _refuse(place: Place, lost: Verdict, who: str) -> NoReturn:
    """401 or 403: without credentials, private cannot be told from missing; with them it is not known why."""
    credentials = place.host.credentials(place.repository)
    if credentials is None:
        if lost is Verdict.ABSENT:
            raise LookupFailedError(lost, f"missing or private: {place.host.name} asks for credentials", denied=True)
        raise LookupFailedError(Verdict.UNKNOWN, f"{place.host.name} asks for credentials", denied=True)
    why = credentials.problem or f"{who} refuses the credentials for {place.key}"
    raise LookupFailedError(Verdict.UNKNOWN, f"{place.host.name}: {why}")


def _stated_digest(response: Response) -> str | None:
    """Digest that the answer claims for itself, verified.

    Raises:
        ExchangeError: it is not the body's.
    """
    digest = response.headers.get("docker-content-digest")
    if not digest:
        return None
    if not is_digest(digest) or not matches(response.body, digest):
        raise ExchangeError("the content does not match the digest stated with it")
    return digest


def _wanted(path: str) -> str:
    _, _, name = path.partition("/")
    return name if ":" in name else f"with the tag {name}"

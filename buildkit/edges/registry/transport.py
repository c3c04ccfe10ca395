"""Requests to one registry host: scheme, turns, authorization, redirects, retries."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.edges.registry.exchange import Request, Response
from buildkit.edges.registry.failures import ExchangeError
from buildkit.edges.registry.guards import check_realm, check_redirect
from buildkit.edges.registry.limits import HostLimits
from buildkit.edges.registry.origin import Origin, is_loopback, parse_authority
from buildkit.edges.registry.retry import RETRIED, backoff, retry_after
from buildkit.edges.registry.tokens import TokenAsk, Tokens
from buildkit.edges.registry.wire import Security, Wire

if TYPE_CHECKING:
    from buildkit.edges.credentials import Credentials, CredentialStore
    from buildkit.edges.registries_conf import Place

_HUB, _HUB_API = "docker.io", "registry-1.docker.io"
_ATTEMPTS, _SLOW_ATTEMPTS = 6, 2
_FIRST_SECONDS, _EXCHANGE_SECONDS = 6.0, 30.0
_LONGEST_WAIT = 30.0
_REDIRECTS = 5
_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_BAD_REQUEST, _UNAUTHORIZED, _TOO_MANY = 400, 401, 429
_TOKEN_BODY_LIMIT = 1024 * 1024
_AGENT = ("User-Agent", "kfkit")
_FORM = ("Content-Type", "application/x-www-form-urlencoded")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One question about a repository; `path` comes after `/v2/<repository>/`, `limit` bounds the body in bytes.

    `peek`: only the head of the answer is wanted; of a body that is larger, or of unknown size, nothing is read.
    """

    method: str
    path: str
    accept: str
    limit: int
    headers: tuple[tuple[str, str], ...] = ()
    peek: bool = False


class Host:
    """One registry host of a run (`ghcr.io`), and what has been learnt of it.

    An insecure host, and this machine itself (as with Docker), may be spoken to over plain HTTP and with a certificate
    that nobody vouches for: https is tried first, on this machine http.
    """

    def __init__(self, place: Place, wire: Wire, credentials: CredentialStore) -> None:
        authority = _HUB_API if place.host == _HUB else place.host
        secure, plain = parse_authority(authority, "https"), parse_authority(authority, "http")
        local = is_loopback(secure.host)
        self.name = place.host
        self.limits = HostLimits(place.host)
        self._insecure = place.insecure or local
        self._skip_verify = place.insecure
        self._origin = plain if local else secure
        # The other scheme, as long as it is not known which one the host speaks.
        self._other = (secure if local else plain) if self._insecure else None
        self._wire = wire
        self._credentials = credentials
        self._tokens = Tokens(self._ask_realm)
        self._realm_limits: dict[Origin, HostLimits] = {}

    @property
    def authorities(self) -> frozenset[str]:
        """What the host may call itself in its answers: as it is named, and as it is really asked."""
        return frozenset({self.name, self._origin.authority})

    @property
    def plain(self) -> bool:
        """Whether it is spoken to over plain HTTP, as far as it was asked."""
        return self._origin.scheme == "http"

    @property
    def verified(self) -> bool:
        """Whether somebody has to vouch for its certificate."""
        return not (self._skip_verify or is_loopback(self._origin.host))

    def credentials(self, repository: str) -> Credentials | None:
        return self._credentials.find(self.name, repository)

    def ask(self, repository: str, question: Ask) -> Response:
        """Answer to the question, of any status but those that ask to try again.

        Raises:
            ExchangeError: no usable answer, whatever was tried.
            DeniedError: the token service refuses.
        """
        credentials = self.credentials(repository)
        plain = Request(
            method=question.method,
            target=f"/v2/{repository}/{question.path}",
            headers=(_AGENT, ("Accept", question.accept), *question.headers),
            limit=question.limit,
            peek=question.peek,
        )
        header = self._tokens.known(repository, credentials)
        response = self._retried(_with_authorization(plain, header), self._limits_and_security())
        challenge = response.headers.get("www-authenticate", "")
        if response.status != _UNAUTHORIZED or not challenge:
            return response
        answer = self._tokens.answer(challenge, repository, credentials, refused=header)
        if answer is None or (answer == header and answer.startswith("Basic ")):
            return response
        return self._retried(_with_authorization(plain, answer), self._limits_and_security())

    def _limits_and_security(self) -> _Way:
        return _Way(limits=self.limits, origin=None, security=Security(verify=self.verified))

    def _ask_realm(self, ask: TokenAsk) -> Response:
        origin, target = check_realm(ask.realm, insecure=self._insecure, public=self._is_public())
        verify = not (self._skip_verify or is_loopback(origin.host))
        way = _Way(
            limits=self._realm_limits.setdefault(origin, HostLimits(origin.authority)),
            origin=origin,
            security=Security(verify=verify, public_only=self._is_public()),
        )
        joint = "&" if "?" in target else "?"
        request = Request(
            method="POST" if ask.form else "GET",
            target=target if ask.form or not ask.query else f"{target}{joint}{ask.query}",
            headers=(_AGENT, ("Accept", "application/json"), *ask.headers, *((_FORM,) if ask.form else ())),
            body=ask.query.encode() if ask.form else b"",
            limit=_TOKEN_BODY_LIMIT,
        )
        return self._retried(request, way)

    def _is_public(self) -> bool:
        return self._wire.is_public(self._origin)

    def _retried(self, request: Request, way: _Way) -> Response:
        for attempt in range(_ATTEMPTS):
            response = self._attempt(request, way, attempt)
            if response is None:
                time.sleep(backoff(attempt))
            elif response.status not in RETRIED:
                return response
            else:
                self._wait(response, way.limits, attempt)
        raise ExchangeError(f"{way.limits.host}: no answer but to wait, after {_ATTEMPTS} tries")

    def _attempt(self, request: Request, way: _Way, attempt: int) -> Response | None:
        """One exchange in its turn; None when it failed in a way that another try may mend."""
        way.limits.enter()
        try:
            response = self._follow(request, way)
        except ExchangeError as error:
            if not error.again:
                way.limits.answered({})
                raise
            way.limits.failed(error.reason, slow=error.slow)
            if attempt + 1 >= (_SLOW_ATTEMPTS if error.slow else _ATTEMPTS):
                raise
            return None
        way.limits.answered(response.headers)
        return response

    def _wait(self, response: Response, limits: HostLimits, attempt: int) -> None:
        """Keep to what a 429 or 5xx asks for; everybody waits when it is about us, this thread alone when not."""
        if response.headers.get("ratelimit-remaining", "").startswith("0"):
            raise ExchangeError(f"{limits.host}: its rate limit is used up")
        asked = retry_after(response.headers, response.body)
        if asked is not None and asked > _LONGEST_WAIT:
            raise ExchangeError(f"{limits.host}: answers {response.status} and asks to wait {min(asked, 1e6):.0f} s")
        seconds = backoff(attempt) if asked is None else asked + backoff(0)
        if response.status == _TOO_MANY or asked is not None:
            limits.pause(seconds)
        else:
            time.sleep(seconds)

    def _follow(self, request: Request, way: _Way) -> Response:
        """Send a request and follow its redirects; another origin never sees the authorization."""
        security = way.security
        if way.origin is None:
            response = self._first_exchange(request, security)
            origin = self._origin
        else:
            origin = way.origin
            response = self._exchange(origin, request, security)
        first = origin
        for _ in range(_REDIRECTS):
            location = response.headers.get("location")
            if response.status not in _REDIRECTED or not location:
                return response if origin == first else _without_challenge(response)
            after, target = check_redirect(origin, request.target, location, public=self._is_public())
            if after != origin:
                request = _without_authorization(request)
                security = Security(verify=not is_loopback(after.host), public_only=self._is_public())
            origin, request = after, replace(request, target=target, method=_method_after(request, response), body=b"")
            response = self._exchange(origin, request, security)
        raise ExchangeError(f"{self.name}: more than {_REDIRECTS} redirects")

    def _first_exchange(self, request: Request, security: Security) -> Response:
        """Exchange with the host itself, finding out its scheme on the way. `limits` lets one thread in until then."""
        other = self._other
        if other is None:
            return self._exchange(self._origin, request, security)
        failure: ExchangeError | None = None
        response: Response | None = None
        try:
            response = self._exchange(self._origin, request, security)
        except ExchangeError as error:
            if error.slow:
                raise
            failure = error
        # A Go server answers plain HTTP on its TLS port with 400.
        if response is None or (response.status == _BAD_REQUEST and other.scheme == "https"):
            try:
                # What goes over plain HTTP now is the first question, without any authorization.
                response = self._exchange(other, request, security)
                self._origin = other
            except ExchangeError as error:
                if response is None:
                    raise failure or error from None
        self._other = None
        return response

    def _exchange(self, origin: Origin, request: Request, security: Security) -> Response:
        seconds = _EXCHANGE_SECONDS if self.limits.known else _FIRST_SECONDS
        return self._wire.exchange(origin, request, security, seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """Whose turn to wait for, and where to: `origin` None is the registry host itself."""

    limits: HostLimits
    origin: Origin | None
    security: Security


def _with_authorization(request: Request, header: str | None) -> Request:
    return replace(request, headers=(*request.headers, ("Authorization", header))) if header else request


def _without_authorization(request: Request) -> Request:
    return replace(request, headers=tuple(pair for pair in request.headers if pair[0] != "Authorization"))


def _without_challenge(response: Response) -> Response:
    """Answer of a host that a redirect led to: it has no claim to the credentials of the one that led there."""
    kept = {name: value for name, value in response.headers.items() if name != "www-authenticate"}
    return replace(response, headers=kept)


def _method_after(request: Request, response: Response) -> str:
    """A POST redirected by 301, 302 or 303 goes on as GET (RFC 9110 section 15.4)."""
    return request.method if response.status in {307, 308} or request.method == "HEAD" else "GET"

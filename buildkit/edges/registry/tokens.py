"""Authorization for a registry: Basic, or bearer tokens of its token service (distribution's token specification)."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from buildkit.edges.registry.challenges import Challenge, parse_challenges
from buildkit.edges.registry.failures import DeniedError, ExchangeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.edges.credentials import Credentials
    from buildkit.edges.registry.exchange import Response

_DEFAULT_SECONDS = 60.0  # the specification's, where the service names no expiry
_MARGIN_SECONDS = 5.0
_LONGEST_SECONDS = 3600.0
_TOKEN_LIMIT = 64 * 1024
_OK, _REFUSED = 200, frozenset({401, 403})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    header: str = field(repr=False)
    until: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenAsk:
    """A question to a token service: the query of a GET, or a form to POST."""

    realm: str
    query: str = field(repr=False)
    form: bool
    headers: tuple[tuple[str, str], ...] = field(repr=False)


class Tokens:
    """Authorization headers of one host, kept per repository and scope; safe to use from many threads."""

    def __init__(self, ask: Callable[[TokenAsk], Response]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._tokens: dict[tuple[str, str], _Token] = {}
        self._scopes: dict[str, str] = {}
        self._challenge: Challenge | None = None

    def known(self, repository: str, credentials: Credentials | None) -> str | None:
        """Header for a repository without a new challenge: this host's last one holds for its other repositories."""
        challenge = self._challenge
        if challenge is None:
            return None
        return self._header(challenge, repository, credentials)

    def answer(
        self, header: str, repository: str, credentials: Credentials | None, *, refused: str | None
    ) -> str | None:
        """Header that answers a WWW-Authenticate; `refused` is the one that it was the reply to, and is forgotten.

        Raises:
            DeniedError: the token service refuses.
            ExchangeError: it gives no usable answer, or must not be asked.
        """
        challenge = _pick(parse_challenges(header), credentials)
        if challenge is None:
            return None
        with self._lock:
            self._challenge = challenge
            self._scopes[repository] = _scope(challenge, repository)
            self._tokens = {key: token for key, token in self._tokens.items() if token.header != refused}
        return self._header(challenge, repository, credentials)

    def _header(self, challenge: Challenge, repository: str, credentials: Credentials | None) -> str | None:
        if challenge.scheme == "basic":
            return _basic(credentials) if credentials and credentials.username else None
        with self._lock:
            scope = self._scopes.get(repository) or _scope(challenge, repository)
            lock = self._locks.setdefault(repository, Lock())
        with lock:
            token = self._tokens.get((repository, scope))
            if token is None or token.until <= time.monotonic():
                token = self._request(challenge, scope, credentials)
                with self._lock:
                    self._tokens[repository, scope] = token
        return token.header

    def _request(self, challenge: Challenge, scope: str, credentials: Credentials | None) -> _Token:
        fields = {"service": challenge.parameters.get("service", ""), "scope": scope}
        fields = {name: value for name, value in fields.items() if value}
        headers: tuple[tuple[str, str], ...] = ()
        form = credentials is not None and bool(credentials.identity_token)
        if credentials and credentials.identity_token:
            fields |= {"grant_type": "refresh_token", "client_id": "kfkit", "refresh_token": credentials.identity_token}
        elif credentials and credentials.username:
            headers = (("Authorization", _basic(credentials)),)
        query = urlencode(fields, quote_via=quote, safe=":/,")
        response = self._ask(TokenAsk(realm=challenge.parameters["realm"], query=query, form=form, headers=headers))
        if response.status in _REFUSED:
            raise DeniedError
        if response.status != _OK:
            raise ExchangeError(f"the token service answers {response.status}")
        return _read_token(response.body)


def _basic(credentials: Credentials) -> str:
    return "Basic " + b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()


def _pick(challenges: tuple[Challenge, ...], credentials: Credentials | None) -> Challenge | None:
    """Bearer where it can be answered, else Basic where there is something to answer with."""
    for challenge in challenges:
        if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
            return challenge
    basic = next((challenge for challenge in challenges if challenge.scheme == "basic"), None)
    return basic if credentials else None


def _scope(challenge: Challenge, repository: str) -> str:
    """Scope to ask for: pull on the repository, under the name that the registry knows it by.

    nvcr.io asks for `pull,push`; public.ecr.aws for `aws`; a challenge remembered from another repository says
    nothing about this one.
    """
    kind, _, rest = challenge.parameters.get("scope", "").partition(":")
    if kind and not rest:
        return kind
    name, _, _ = rest.rpartition(":")
    return f"repository:{name}:pull" if name.endswith(f"/{repository}") else f"repository:{repository}:pull"


def _read_token(body: bytes) -> _Token:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise ExchangeError("the token service does not answer with a JSON object")
    text = answer.get("token") or answer.get("access_token")
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or len(text) > _TOKEN_LIMIT:
        raise ExchangeError("the token service gives no token")
    seconds = answer.get("expires_in")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not seconds > 0:  # NaN too
        seconds = _DEFAULT_SECONDS
    seconds = float(min(seconds, _LONGEST_SECONDS))
    return _Token(header=f"Bearer {text}", until=time.monotonic() + max(seconds - _MARGIN_SECONDS, seconds / 2))

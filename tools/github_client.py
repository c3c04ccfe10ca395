"""Requests to GitHub's REST API about one repository: over urllib, bounded, no redirects.

The token goes to GITHUB_API_URL and nowhere else: not to where a redirect leads, not into a message.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS: Final = 30
_MOST_BYTES: Final = 32 * 1024 * 1024
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


class GitHubError(Exception):
    """A request that failed: method, path and what GitHub said."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A renamed repository answers 301; urllib would take the token along to wherever it leads."""


class Client:
    """What a token may ask about a repository."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        """Check the settings; nothing is asked yet.

        Raises:
            GitHubError: a setting that is missing or wrong.
        """
        where = urllib.parse.urlsplit(api)
        if where.scheme != "https" and where.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise GitHubError("GITHUB_API_URL must begin with https://")
        if not _REPOSITORY.fullmatch(repository):
            raise GitHubError("GITHUB_REPOSITORY must be OWNER/REPO")
        if not token or not token.isascii() or not token.isprintable():
            raise GitHubError("GITHUB_TOKEN is missing or no token")
        self.repository = repository
        self._root = f"{api.rstrip('/')}/repos/{repository}"
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirects)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, missing_ok: bool = False) -> Any:
        request = urllib.request.Request(  # noqa: S310  (the scheme was checked)
            self._root + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "kubeflow-buildkit",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        what = f"{method} {path.partition('?')[0]}"
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                content = answer.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND and missing_ok:
                return None
            raise GitHubError(f"{what}: {error.code} {_said(error)}") from None
        except (OSError, HTTPException) as error:  # the other is an answer that is not HTTP
            raise GitHubError(f"{what}: {getattr(error, 'reason', error)}") from None
        if len(content) > _MOST_BYTES:
            raise GitHubError(f"{what}: the answer is larger than {_MOST_BYTES} bytes")
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise GitHubError(f"{what}: the answer is no JSON") from None


def _said(error: urllib.error.HTTPError) -> str:
    """What GitHub says about it, one line."""
    try:
        said = str(json.loads(error.read(65536)).get("message", ""))
    except (OSError, HTTPException, ValueError, RecursionError, AttributeError):
        said = str(error.reason)
    return "".join(c if c.isprintable() else " " for c in said)[:300]

"""The few requests about pull requests that a fix needs."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import Any

from tools.github_client import Client, GitHubError


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A pull request as much of it as matters here."""

    number: int
    title: str
    body: str
    url: str


class Pulls(Client):
    """The pull requests of one repository."""

    def open_from(self, branch: str, base: str) -> Pull | None:
        """The open one from a branch of this repository into another; GitHub allows one."""
        owner = self.repository.partition("/")[0]
        query = urllib.parse.urlencode({"state": "open", "head": f"{owner}:{branch}", "base": base})
        answer = self.ask("GET", f"/pulls?{query}")
        if not isinstance(answer, list):
            raise GitHubError("GET /pulls: no list")
        return _pull(answer[0]) if answer else None

    def create(self, branch: str, base: str, title: str, body: str) -> Pull:
        return _pull(self.ask("POST", "/pulls", {"head": branch, "base": base, "title": title, "body": body}))

    def edit(self, number: int, title: str, body: str) -> None:
        self.ask("PATCH", f"/pulls/{number}", {"title": title, "body": body})


def _pull(answer: Any) -> Pull:
    try:
        return Pull(
            number=int(answer["number"]),
            title=str(answer["title"]),
            body=str(answer["body"] or ""),
            url=str(answer["html_url"]),
        )
    except (KeyError, TypeError, ValueError):
        raise GitHubError("a pull request in GitHub's answer is not of its form") from None

"""The few requests about issues that the tracking issue needs."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.github_client import Client, GitHubError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE: Final = 100
_MOST_PAGES: Final = 10
_COLOUR: Final = "b60205"


@dataclass(frozen=True, kw_only=True)
class Issue:
    """An issue as much of it as matters here."""

    number: int
    body: str
    is_open: bool
    author: str
    labels: tuple[str, ...]


class Issues(Client):
    """The issues of one repository."""

    def labelled(self, label: str) -> list[Issue]:
        """Every issue with a label, open or closed, oldest first; pull requests are left out."""
        found: list[Issue] = []
        for page in range(1, _MOST_PAGES + 1):
            query = {"labels": label, "state": "all", "sort": "created", "direction": "asc"}
            asked = urllib.parse.urlencode(query | {"per_page": _PAGE, "page": page})
            answer = self.ask("GET", f"/issues?{asked}")
            if not isinstance(answer, list):
                raise GitHubError("GET /issues: no list")
            found += [_issue(one) for one in answer if not (isinstance(one, dict) and "pull_request" in one)]
            if len(answer) < _PAGE:
                return found
        raise GitHubError(f"more than {_PAGE * _MOST_PAGES} issues are labelled {label}")

    def ensure_label(self, name: str, description: str) -> None:
        """Make the label where it is missing."""
        path = f"/labels/{urllib.parse.quote(name, safe='')}"
        if self.ask("GET", path, missing_ok=True) is None:
            self.ask("POST", "/labels", {"name": name, "color": _COLOUR, "description": description})

    def create(self, title: str, body: str, label: str) -> int:
        return _issue(self.ask("POST", "/issues", {"title": title, "body": body, "labels": [label]})).number

    def edit(self, number: int, changes: Mapping[str, str]) -> None:
        self.ask("PATCH", f"/issues/{number}", dict(changes))

    def comment(self, number: int, body: str) -> None:
        self.ask("POST", f"/issues/{number}/comments", {"body": body})


def _issue(answer: Any) -> Issue:
    try:
        return Issue(
            number=int(answer["number"]),
            body=str(answer["body"] or ""),
            is_open=answer["state"] == "open",
            author=str((answer["user"] or {}).get("login", "")),
            labels=tuple(str(one["name"] if isinstance(one, dict) else one) for one in answer["labels"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise GitHubError("an issue in GitHub's answer is not of its form") from None

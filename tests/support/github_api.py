"""GitHub's REST API for issues and pull requests on loopback, with state, permissions by token and GitHub's own limits.

with run_github("owner/repo", tokens) as github:
    github.address, github.issues, github.requests
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOT = "github-actions[bot]"
MOST_BODY = 65_536
_PATCHABLE = {"title", "body", "state", "state_reason"}


Asked = tuple[str, list[str]]


class Refused(Exception):  # noqa: N818  (an answer, no error of ours)
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(kw_only=True)
class Tracker:
    """A repository's issues and pull requests; `requests` are those that wrote, `answer_with` breaks every request."""

    repository: str
    tokens: Mapping[str, Mapping[str, str]]
    address: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[str]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    answer_with: tuple[int, bytes, dict[str, str]] | None = None

    def add(self, body: str, *, author: str, labels: tuple[str, ...], state: str = "open") -> int:
        """Somebody opens an issue."""
        number = len(self.issues) + 1
        named = [{"name": name} for name in labels]
        self.issues.append(
            {
                "number": number,
                "title": "an issue",
                "body": body,
                "state": state,
                "user": {"login": author},
                "labels": named,
            }
        )
        self.comments[number] = []
        return number

    def answer(self, method: str, path: str, query: Mapping[str, str], body: dict[str, Any]) -> Any:
        """Give the answer to one request.

        Raises:
            Refused: another status than 200.
        """
        if method != "GET":
            self.requests.append(f"{method} {path}")
        asked = (method, path.strip("/").split("/"))
        return self._about_pulls(asked, query, body) if asked[1][0] == "pulls" else self._about(asked, query, body)

    def _about_pulls(self, asked: Asked, query: Mapping[str, str], body: dict[str, Any]) -> Any:
        match asked:
            case "GET", ["pulls"]:
                return [one for one in self.pulls if _is_asked_for(one, query)]
            case "POST", ["pulls"]:
                return self._open_pull(body)
            case "PATCH", ["pulls", number]:
                return self._edit(_numbered(self.pulls, number), body)
        raise Refused(404, "Not Found")

    def _about(self, asked: Asked, query: Mapping[str, str], body: dict[str, Any]) -> Any:
        match asked:
            case "GET", ["issues"]:
                return self._list(query)
            case "POST", ["issues"]:
                return self._create(body)
            case "PATCH", ["issues", number]:
                return self._edit(_numbered(self.issues, number), body)
            case "POST", ["issues", number, "comments"]:
                self.comments[_numbered(self.issues, number)["number"]].append(_bounded(body["body"]))
                return {"id": 1}
            case "GET", ["labels", name]:
                if name not in self.labels:
                    raise Refused(404, "Not Found")
                return {"name": name}
            case "POST", ["labels"]:
                self.labels.add(body["name"])
                return {"name": body["name"]}
        raise Refused(404, "Not Found")

    def _list(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        found = [one for one in self.issues if query["labels"] in {label["name"] for label in one["labels"]}]
        found = [one for one in found if query["state"] in {"all", one["state"]}]
        start = (int(query["page"]) - 1) * int(query["per_page"])
        return found[start : start + int(query["per_page"])]

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        if missing := set(body["labels"]) - self.labels:
            raise Refused(422, f"no label {missing}")
        number = self.add(_bounded(body["body"]), author=BOT, labels=tuple(body["labels"]))
        self.issues[number - 1]["title"] = body["title"]
        return self.issues[number - 1]

    def _open_pull(self, body: dict[str, Any]) -> dict[str, Any]:
        head = f"{self.repository.partition('/')[0]}:{body['head']}"
        asked = {"state": "open", "head": head, "base": body["base"]}
        if any(_is_asked_for(one, asked) for one in self.pulls):
            raise Refused(422, "A pull request already exists")
        pull = {
            "number": len(self.issues) + len(self.pulls) + 1,
            "title": body["title"],
            "body": _bounded(body["body"]),
            "state": "open",
            "head": {"label": head},
            "base": {"ref": body["base"]},
        }
        self.pulls.append(pull | {"html_url": f"https://github.com/{self.repository}/pull/{pull['number']}"})
        return self.pulls[-1]

    def _edit(self, issue: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        if set(body) - _PATCHABLE:
            raise Refused(422, "unknown field")
        _bounded(body.get("body", ""))
        issue |= body
        return issue


def _numbered(found: list[dict[str, Any]], number: str) -> dict[str, Any]:
    for one in found:
        if str(one["number"]) == number:
            return one
    raise Refused(404, "Not Found")


def _is_asked_for(pull: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    found = {"state": pull["state"], "head": pull["head"]["label"], "base": pull["base"]["ref"]}
    return found == {name: query[name] for name in ("state", "head", "base")}


def _bounded(text: str) -> str:
    if len(text) > MOST_BODY:
        raise Refused(422, f"body is too long (maximum is {MOST_BODY} characters)")
    return text


class _Handler(BaseHTTPRequestHandler):
    tracker: Tracker

    def handle_request(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.tracker.answer_with is not None:
            self.reply(*self.tracker.answer_with)
            return
        try:
            self.reply(200, json.dumps(self.find(body)).encode(), {})
        except Refused as refused:
            self.reply(refused.status, json.dumps({"message": str(refused)}).encode(), {})

    def find(self, body: dict[str, Any]) -> Any:
        where = urllib.parse.urlsplit(self.path)
        rights = self.tracker.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if rights is None:
            raise Refused(401, "Bad credentials")
        path = urllib.parse.unquote(where.path)
        prefix = f"/repos/{self.tracker.repository}/"
        if not path.startswith(prefix):
            raise Refused(404, "Not Found")
        if rights.get("pull-requests" if path.startswith(f"{prefix}pulls") else "issues") != "write":
            raise Refused(403, "Resource not accessible by integration")
        return self.tracker.answer(
            self.command, path.removeprefix(prefix), dict(urllib.parse.parse_qsl(where.query)), body
        )

    def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = handle_request  # noqa: N815


@contextmanager
def run_github(repository: str, tokens: Mapping[str, Mapping[str, str]]) -> Iterator[Tracker]:
    """Serve a repository's issues on a free loopback port until the block ends."""
    tracker = Tracker(repository=repository, tokens=tokens)
    handler = type("Handler", (_Handler,), {"tracker": tracker})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    tracker.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield tracker
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

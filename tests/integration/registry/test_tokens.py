"""Token services: challenge styles, scopes, expiry, refusals, and where a challenge must not lead."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.ask import inspect, verdicts
from tests.support.fault_proxy import Faults, Reply, Rule, Seen, run_faults, serve_built
from tests.support.push import build, index

if TYPE_CHECKING:
    from pathlib import Path

BUILT = build(index("linux/amd64", "linux/arm64", salt="tokens"))
GOOD = {"amd64": "supported", "arm64": "supported"}
TOKEN = "opaque-secret"
ANSWER = json.dumps({"token": TOKEN}).encode()


class Service:
    """A registry that wants a bearer token, and its token service on the same port."""

    def __init__(
        self, challenge: str, answer: bytes = json.dumps({"token": TOKEN}).encode(), status: int = 200
    ) -> None:
        self.challenge = challenge
        self.answer = answer
        self.status = status
        self.host = ""

    def __call__(self, request: Seen) -> Reply | None:
        if request.path.startswith("/token"):
            return Reply(status=self.status, body=self.answer)
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        challenge = self.challenge.replace("HOST", self.host)
        return Reply(status=401, headers={"WWW-Authenticate": challenge} if challenge else {})


def run(service: Service, *names: str, more: tuple[Rule, ...] = ()) -> tuple[Faults, list[dict[str, str]]]:
    rules: list[Rule] = [*more, service, serve_built("x", "v1", BUILT), serve_built("y", "v1", BUILT)]
    with run_faults(rules) as faults:
        service.host = faults.host
        records = inspect(*(f"{faults.host}/{name}:v1" for name in names or ("x",)))
    return faults, [verdicts(record) for record in records]


def scopes(faults: Faults) -> list[str]:
    return [parse_qs(urlsplit(path).query).get("scope", [""])[0] for path in faults.paths() if "/token" in path]


@pytest.mark.parametrize(
    "challenge",
    [
        'Bearer realm="http://HOST/token",service="r",scope="repository:x:pull"',
        'bearer realm="http://HOST/token?already=there", service="r"',
        "Bearer realm=http://HOST/token,service=r,scope=repository:x:pull",
        'Basic realm="somewhere", Bearer realm="http://HOST/token",service="r"',
        'Bearer realm="http://HOST/token",service="r", Basic realm="else, where"',
        'Bearer realm="http://HOST/token",scope="repository:x:pull,push"',
        'Negotiate abc==, Bearer realm="http://HOST/token",error="invalid_token"',
    ],
    ids=["quoted", "query", "bare", "after basic", "before basic", "nvcr", "negotiate"],
)
def test_every_style_of_challenge_is_understood(challenge: str) -> None:
    faults, found = run(Service(challenge))
    assert found == [GOOD]
    assert scopes(faults) == ["repository:x:pull"]


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": TOKEN},
        {"token": TOKEN, "expires_in": 300},
        {"token": TOKEN, "expires_in": None},
        {"token": TOKEN, "expires_in": 10**400},
    ],
)
def test_token_or_access_token(answer: dict[str, object]) -> None:
    service = Service('Bearer realm="http://HOST/token"', json.dumps(answer).encode())
    assert run(service)[1] == [GOOD]


def test_a_token_serves_all_requests_of_its_repository_and_no_other() -> None:
    faults, found = run(Service('Bearer realm="http://HOST/token",scope="repository:x:pull"'), "x", "y")
    assert found == [GOOD, GOOD]
    assert sorted(scopes(faults)) == ["repository:x:pull", "repository:y:pull"]


def test_a_scope_of_another_kind_is_asked_for_as_it_is() -> None:
    faults, found = run(Service('Bearer realm="http://HOST/token",scope="aws"'))
    assert (found, scopes(faults)) == ([GOOD], ["aws"])


def test_a_token_that_expires_at_once_is_asked_for_again_and_the_realm_may_change() -> None:
    service = Service('Bearer realm="http://HOST/token"')
    left = iter(range(1))

    def expire(request: Seen) -> Reply | None:
        if "authorization" in request.headers and "/blobs/" in request.path and next(left, None) is not None:
            return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{service.host}/token/two"'})
        return None

    faults, found = run(service, more=(expire,))
    assert found == [GOOD]
    assert any(path.startswith("/token/two") for path in faults.paths())


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_service_that_denies_anonymous_users_is_missing_or_private(status: int) -> None:
    denied = b'{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}'
    _, found = run(Service('Bearer realm="http://HOST/token"', denied, status))
    assert found == [{"amd64": "absent", "arm64": "absent"}]


@pytest.mark.parametrize(
    ("answer", "status"), [(b"<html>", 200), (b"{}", 200), (b'{"token": "a\\nb: c"}', 200), (b"[]", 200), (b"", 404)]
)
def test_a_token_service_without_a_token_leaves_it_unknown(answer: bytes, status: int) -> None:
    _, found = run(Service('Bearer realm="http://HOST/token"', answer, status))
    assert found == [{"amd64": "unknown", "arm64": "unknown"}]


@pytest.mark.parametrize(
    "realm",
    ["http://169.254.169.254/token", "http://[fe80::1]/token", "file:///etc/passwd", "http://user:pw@HOST/token"],
)
def test_a_realm_that_must_not_be_asked(realm: str) -> None:
    faults, found = run(Service(f'Bearer realm="{realm}"'))
    assert found == [{"amd64": "unknown", "arm64": "unknown"}]
    assert len(faults.seen) == 1


def login(home: Path, faults_host: str, **entry: str) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": {faults_host: entry}}))


def test_credentials_go_to_the_token_service_only_and_a_refusal_is_unknown(home: Path) -> None:
    secret = b64encode(b"user:password").decode()

    def service(request: Seen) -> Reply | None:
        if request.path.startswith("/token"):
            good = request.headers.get("authorization") == f"Basic {secret}"
            return Reply(body=json.dumps({"token": TOKEN}).encode()) if good else Reply(status=401)
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{faults.host}/token"'})

    with run_faults([service, serve_built("x", "v1", BUILT)]) as faults:
        login(home, faults.host, auth=secret)
        (good,) = inspect(f"{faults.host}/x:v1")
        login(home, faults.host, auth=b64encode(b"user:wrong").decode())
        (bad,) = inspect(f"{faults.host}/x:v2")
    assert verdicts(good) == GOOD
    assert verdicts(bad) == {"amd64": "unknown", "arm64": "unknown"}
    assert "password" not in str(bad.reason)
    assert not any(
        secret in request.headers.get("authorization", "") for request in faults.seen if "/v2/" in request.path
    )


def test_basic_credentials(home: Path) -> None:
    secret = b64encode(b"user:pass:word").decode()

    def rule(request: Seen) -> Reply | None:
        if request.headers.get("authorization") == f"Basic {secret}":
            return None
        return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'})

    with run_faults([rule, serve_built("x", "v1", BUILT)]) as faults:
        (without,) = inspect(f"{faults.host}/x:v1")
        login(home, faults.host, auth=secret)
        (record,) = inspect(f"{faults.host}/x:v1")
    assert (verdicts(without)["arm64"], verdicts(record)) == ("absent", GOOD)


def test_an_identity_token_is_exchanged(home: Path) -> None:
    def service(request: Seen) -> Reply | None:
        if request.path.startswith("/token"):
            form = parse_qs(request.body.decode())
            good = request.method == "POST" and form["refresh_token"] == ["identity"] and form["scope"]
            return Reply(body=json.dumps({"access_token": TOKEN}).encode()) if good else Reply(status=401)
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{faults.host}/token"'})

    with run_faults([service, serve_built("x", "v1", BUILT)]) as faults:
        login(home, faults.host, identitytoken="identity")
        (record,) = inspect(f"{faults.host}/x:v1")
    assert verdicts(record) == GOOD

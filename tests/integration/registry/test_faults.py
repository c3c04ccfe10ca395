"""What registries do besides answering, through the fault proxy: resets, limits, lies, detours, endless bodies."""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.registry import transport
from tests.support.ask import inspect, verdicts
from tests.support.fault_proxy import Faults, Reply, Rule, Seen, first, run_faults, serve_built
from tests.support.push import Built, Image, build, digest_of, index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

SHAPE = index("linux/amd64", "linux/arm64", salt="faults")
BUILT = build(SHAPE)
GOOD = {"amd64": "supported", "arm64": "supported"}
UNKNOWN = {"amd64": "unknown", "arm64": "unknown"}
ABSENT = {"amd64": "absent", "arm64": "absent"}
SERVE = serve_built("x", "v1", BUILT)


def ask(faults: Faults) -> dict[str, str]:
    (record,) = inspect(f"{faults.host}/x:v1")
    return verdicts(record)


def on(part: str, reply: Reply, method: str = "GET") -> Rule:
    return lambda request: reply if part in request.path and request.method == method else None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(reset=True),
        Reply(status=429, headers={"Retry-After": "0"}),
        Reply(status=429, body="retry-after: 880.092µs, allowed: 44000/minute".encode()),
        Reply(status=429),
        Reply(status=502),
        Reply(status=503, headers={"Retry-After": "0"}),
        Reply(status=504),
    ],
    ids=["reset", "429 in seconds", "429 of ghcr", "429 bare", "502", "503", "504"],
)
def test_what_passes_is_tried_again(reply: Reply, registry: Registry) -> None:
    push_image(registry.host, "x", "v1", SHAPE)
    with run_faults([first(2, reply)], upstream=registry.host) as faults:
        assert ask(faults) == GOOD
        assert len(faults.seen) == 2 + 5


def test_retry_after_as_a_date_is_kept_to() -> None:
    later = formatdate(time.time() + 2, usegmt=True)
    with run_faults([first(1, Reply(status=429, headers={"Retry-After": later})), SERVE]) as faults:
        start = time.monotonic()
        assert ask(faults) == GOOD
        assert 0.9 < time.monotonic() - start < 5


def test_a_long_wait_is_not_waited_for() -> None:
    with run_faults([lambda _request: Reply(status=429, headers={"Retry-After": "3600"})]) as faults:
        start = time.monotonic()
        (record,) = inspect(f"{faults.host}/x:v1")
        assert verdicts(record) == UNKNOWN
        assert "3600 s" in str(record.reason)
        assert time.monotonic() - start < 2


def test_every_accept_type_is_offered() -> None:
    with run_faults([SERVE]) as faults:
        ask(faults)
    accept = faults.seen[0].headers["accept"]
    for media_type in ("oci.image.index", "manifest.list.v2", "oci.image.manifest", "manifest.v2", "manifest.v1+"):
        assert media_type in accept


@pytest.mark.parametrize("named", ["index", "child", "config"])
def test_content_that_is_not_its_digest_is_unknown(named: str) -> None:
    child = next(digest for digest in BUILT.manifests if digest != BUILT.digest)
    config = json.loads(BUILT.manifests[child][1])["config"]["digest"]
    part, body = {
        "index": ("manifests/v1", BUILT.manifests[BUILT.digest][1]),
        "child": (child, BUILT.manifests[child][1]),
        "config": (config, BUILT.blobs[config]),
    }[named]
    lie = Reply(body=body + b" ", headers={"Docker-Content-Digest": BUILT.digest} if named == "index" else {})
    with run_faults([on(part, lie), SERVE]) as faults:
        assert "unknown" in ask(faults).values()


def test_a_digest_stated_wrongly_is_unknown_even_where_the_body_is_the_one_asked_for() -> None:
    child = next(digest for digest in BUILT.manifests if digest != BUILT.digest)
    lie = Reply(body=BUILT.manifests[child][1], headers={"Docker-Content-Digest": BUILT.digest})
    with run_faults([on(child, lie), SERVE]) as faults:
        assert sorted(ask(faults).values()) == ["supported", "unknown"]


@pytest.mark.parametrize("stated", [{}, {"Docker-Content-Digest": ""}], ids=["absent", "empty"])
def test_a_registry_that_states_no_digest_is_believed_by_content(stated: dict[str, str], tmp_path: Path) -> None:
    def silent(request: Seen) -> Reply | None:
        reply = SERVE(request)
        return Reply(status=reply.status, body=reply.body, headers=stated) if reply else None

    with run_faults([silent]) as faults:
        for _ in range(2):
            (record,) = inspect(f"{faults.host}/x:v1", cache=tmp_path)
            assert (verdicts(record), record.digest) == (GOOD, BUILT.digest)
        assert [request.method for request in faults.seen[5:]] == ["HEAD", "GET"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"x" * 65536, endless=True),
        Reply(body=b"{}", headers={"Content-Length": "99999999999"}, endless=True),
        Reply(body=b"<html>"),
        Reply(body=b"[" * 100_000),
        Reply(body=b'{"schemaVersion": 2, "manifests": [], "layers": []}'),
        Reply(body=b'{"schemaVersion": 2, "manifests": [{"digest": "sha256:../../etc"}]}'),
        Reply(body=b'{"schemaVersion": 2, "manifests": [{"digest": "md5:00"}]}'),
        Reply(status=418),
        Reply(body=b"zz\r\n", headers={"Transfer-Encoding": "chunked"}),
        Reply(headers={"X-Large": "x" * 70_000}),
    ],
    ids=["endless", "huge", "html", "deep", "ambiguous", "no digest", "md5", "418", "chunk", "header"],
)
def test_what_is_no_manifest_is_unknown(reply: Reply) -> None:
    with run_faults([lambda _request: reply]) as faults:
        start = time.monotonic()
        assert ask(faults) == UNKNOWN
        assert time.monotonic() - start < 5


def test_a_body_that_drips_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_FIRST_SECONDS", 0.5)
    with run_faults([lambda _request: Reply(body=b"{" * 1000, drip=0.05)]) as faults:
        start = time.monotonic()
        (record,) = inspect(f"{faults.host}/x:v1")
        assert (verdicts(record), time.monotonic() - start < 5) == (UNKNOWN, True)
        assert "did not answer within" in str(record.reason)


def test_what_drips_is_asked_for_twice_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_EXCHANGE_SECONDS", 0.3)
    child = next(digest for digest in BUILT.manifests if digest != BUILT.digest)
    with run_faults([on(child, Reply(body=b"{" * 1000, drip=0.05)), SERVE]) as faults:
        assert sorted(ask(faults).values()) == ["supported", "unknown"]
        assert sum(child in path for path in faults.paths()) == 2


def test_chunked_bodies_are_read() -> None:
    body = BUILT.manifests[BUILT.digest][1]
    chunked = (
        b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\nT: 1\r\n\r\n"
    )
    with run_faults(
        [on("manifests/v1", Reply(body=chunked, headers={"Transfer-Encoding": "chunked"})), SERVE]
    ) as faults:
        assert ask(faults) == GOOD


def test_a_redirect_to_another_host_never_carries_the_authorization() -> None:
    with run_faults([SERVE]) as storage:

        def rule(request: Seen) -> Reply | None:
            if request.path.startswith("/token"):
                return Reply(body=b'{"token": "secret"}')
            if "authorization" not in request.headers:
                realm = f'Bearer realm="http://{faults.host}/token",service="s"'
                return Reply(status=401, headers={"WWW-Authenticate": realm})
            return Reply(status=307, headers={"Location": f"http://{storage.host}{request.path}"})

        with run_faults([rule]) as faults:
            assert ask(faults) == GOOD
    assert len(storage.seen) == 5
    assert not any("authorization" in request.headers for request in storage.seen)


def test_who_a_redirect_leads_to_gets_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither with the request nor by a challenge of its own."""
    steal = Reply(status=401, headers={"WWW-Authenticate": 'Bearer realm="http://HOST/token"'})
    with run_faults([lambda request: replace(steal, headers=_here(steal, request))]) as storage:
        away = f"http://{storage.host}/blob"
        with run_faults([lambda _request: Reply(status=307, headers={"Location": away})]) as faults:
            auths = {faults.host: {"auth": b64encode(b"me:secret").decode()}}
            (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
            monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
            assert ask(faults) == UNKNOWN
    assert [request.path for request in storage.seen] == ["/blob"]
    assert "authorization" not in storage.seen[0].headers


def _here(reply: Reply, request: Seen) -> dict[str, str]:
    return {name: value.replace("HOST", request.headers["host"]) for name, value in reply.headers.items()}


def test_a_400_of_a_plain_registry_is_its_answer() -> None:
    with run_faults([lambda _request: Reply(status=400)]) as faults:
        (record,) = inspect(f"{faults.host}/x:v1")
    assert (verdicts(record), len(faults.seen)) == (UNKNOWN, 1)
    assert str(record.reason).endswith("answers 400")


def test_a_redirect_loop_ends() -> None:
    with run_faults([lambda request: Reply(status=302, headers={"Location": request.path})]) as faults:
        assert ask(faults) == UNKNOWN
        assert len(faults.seen) <= 7


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "file:///etc/passwd", "//[", "ftp://x/"])
def test_a_redirect_to_where_nobody_may_lead_us_is_refused(location: str) -> None:
    with run_faults([lambda _request: Reply(status=302, headers={"Location": location})]) as faults:
        start = time.monotonic()
        assert ask(faults) == UNKNOWN
        assert time.monotonic() - start < 2


@pytest.mark.parametrize("status", [401, 403])
def test_refused_without_credentials_is_missing_or_private(status: int) -> None:
    with run_faults([lambda _request: Reply(status=status)]) as faults:
        (record,) = inspect(f"{faults.host}/x:v1")
    assert verdicts(record) == ABSENT
    assert "missing or private" in str(record.reason)


def test_a_child_that_is_refused_is_unknown_not_missing() -> None:
    child = next(digest for digest in BUILT.manifests if digest != BUILT.digest)
    with run_faults([on(child, Reply(status=403)), SERVE]) as faults:
        assert sorted(ask(faults).values()) == ["supported", "unknown"]


def test_a_host_that_is_down_is_asked_a_few_times_not_once_per_image() -> None:
    with run_faults([lambda _request: Reply(reset=True)]) as faults:
        start = time.monotonic()
        records = inspect(*(f"{faults.host}/x{number}:v1" for number in range(170)))
        assert time.monotonic() - start < 10
        assert {str(record.verdict) for record in records} == {"unknown"}
        assert len(faults.seen) <= 12


def test_no_registry_within_reach_ends_at_once() -> None:
    names = [f"127.0.0.1:{port}/x{number}:v1" for port in (1, 2, 3) for number in range(60)]
    start = time.monotonic()
    records = inspect(*names)
    assert time.monotonic() - start < 5
    assert {str(record.verdict) for record in records} == {"unknown"}
    assert all("refused" in str(record.reason) for record in records)


def test_before_a_rate_limit_runs_out_descriptors_have_to_do(tmp_path: Path) -> None:
    left = iter(range(60, 0, -1))

    def limited(request: Seen) -> Reply | None:
        built = build(index("linux/amd64", "linux/arm64", salt=request.path.split("/")[2]))
        reply = serve_built(request.path.split("/")[2], "v1", built)(request)
        if reply is None or "/manifests/" not in request.path or request.method == "HEAD":
            return reply
        counted = {**reply.headers, "RateLimit-Remaining": f"{next(left, 0)};w=21600"}
        return Reply(status=reply.status, body=reply.body, headers=counted)

    with run_faults([limited]) as faults:
        names = [f"{faults.host}/x{number}:v1" for number in range(40)]
        records = inspect(*names, cache=tmp_path)
        assert {str(record.verdict) for record in records} == {"supported"}
        depths = [record.depth for record in records]
        assert depths.count("descriptor") >= 25
        assert depths.count("config") >= 3
        assert all("more requests" in str(record.reason) for record in records if record.depth == "descriptor")
        assert next(left, 0) > 0


def signed_schema1(architecture: str) -> Built:
    """A signed schema 1 manifest: its digest is that of the payload inside."""
    history = json.dumps({"architecture": architecture, "os": "linux", "id": "0" * 64})
    payload = json.dumps(
        {
            "schemaVersion": 1,
            "name": "x",
            "tag": "v1",
            "architecture": architecture,
            "fsLayers": [{"blobSum": f"sha256:{'1' * 64}"}],
            "history": [{"v1Compatibility": history}],
        },
        indent=3,
    ).encode()
    head, tail = payload[:-2], payload[-2:]
    protected = {"formatLength": len(head), "formatTail": urlsafe_b64encode(tail).decode().rstrip("=")}
    signature = {
        "header": {},
        "signature": "x",
        "protected": urlsafe_b64encode(json.dumps(protected).encode()).decode(),
    }
    body = head + b',\n   "signatures": [' + json.dumps(signature).encode() + b"]" + tail
    kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    return Built(digest=digest_of(payload), manifests={digest_of(payload): (kind, body)})


@pytest.mark.parametrize(("architecture", "arm64"), [("amd64", "missing"), ("arm64", "supported")])
def test_schema_1_is_judged_by_its_v1_compatibility(architecture: str, arm64: str, tmp_path: Path) -> None:
    built = signed_schema1(architecture)
    with run_faults([serve_built("x", "v1", built)]) as faults:
        for name in (f"{faults.host}/x:v1", f"{faults.host}/x@{built.digest}"):
            (record,) = inspect(name, cache=tmp_path)
            assert (verdicts(record)["arm64"], record.digest) == (arm64, built.digest)


def test_unsigned_schema_1(tmp_path: Path) -> None:
    body = (
        b'{"schemaVersion": 1, "fsLayers": [], "history": [{"v1Compatibility": "{\\"architecture\\": \\"arm64\\"}"}]}'
    )
    with run_faults([on("manifests/v1", Reply(body=body))]) as faults:
        (record,) = inspect(f"{faults.host}/x:v1", cache=tmp_path)
    assert verdicts(record) == {"amd64": "missing", "arm64": "supported"}


@pytest.mark.parametrize("built", [build(Image()), BUILT], ids=["single", "index"])
def test_an_image_whose_config_is_gone_cannot_be_told(built: Built) -> None:
    """The manifest is offered, what it is for is not known: no `missing`."""
    with run_faults([on("/blobs/", Reply(status=404)), serve_built("x", "v1", built)]) as faults:
        (record,) = inspect(f"{faults.host}/x:v1")
    assert verdicts(record) == UNKNOWN
    assert str(record.reason).startswith("its config: ")

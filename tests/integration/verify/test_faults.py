"""Registries that misbehave while a tag is proven: an error is never a problem, and what is not known never passes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from buildkit.builds.check import Outcome
from buildkit.edges.registry import contents, transport
from tests.support.fault_proxy import Reply, Rule, Seen, first, run_faults, serve_built
from tests.support.push import build
from tests.support.verified import PLATFORMS, attested, labelled
from tests.support.verify import messages, remarks, verify_name

if TYPE_CHECKING:
    from pathlib import Path

AMD64, ARM64 = (labelled(platform, _version="v1") for platform in PLATFORMS)
BUILT = build(attested(AMD64, ARM64))
SERVE = serve_built("x", "v1", BUILT)
CHILD = build(ARM64.content).digest
LAYER = json.loads(BUILT.manifests[CHILD][1])["layers"][0]["digest"]
CONFIG = json.loads(BUILT.manifests[CHILD][1])["config"]["digest"]
SIZE = len(BUILT.blobs[LAYER])
PROOFS = [digest for digest, (_, body) in BUILT.manifests.items() if b"in-toto" in body]


def on(part: str, reply: Reply, method: str | None = None) -> Rule:
    return lambda request: reply if part in request.path and method in {None, request.method} else None


def partial(size: int | str, status: int = 206) -> Reply:
    return Reply(status=status, body=b"x", headers={"Content-Range": f"bytes 0-0/{size}"})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "backoff", lambda _attempt: 0.01)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(reset=True),
        Reply(status=429, headers={"Retry-After": "0"}),
        Reply(status=502),
        Reply(status=503, headers={"Retry-After": "0"}),
    ],
    ids=["reset", "429", "502", "503"],
)
def test_what_passes_is_tried_again(reply: Reply) -> None:
    with run_faults([first(2, reply), SERVE]) as faults:
        assert verify_name(f"{faults.host}/x:v1").outcome is Outcome.OK


def test_every_manifest_and_blob_is_asked_for_once_and_layers_are_not_transferred() -> None:
    with run_faults([SERVE]) as faults:
        assert verify_name(f"{faults.host}/x:v1").outcome is Outcome.OK
    asked = [(request.method, request.path.rpartition("/")[2]) for request in faults.seen]
    assert len(asked) == len(set(asked))
    assert {name for _, name in asked} == {"v1", *BUILT.manifests, *BUILT.blobs} - {BUILT.digest}
    layers = {json.loads(body)["layers"][0]["digest"] for _, body in BUILT.manifests.values() if b"layers" in body}
    statements = {json.loads(BUILT.manifests[digest][1])["layers"][0]["digest"] for digest in PROOFS}
    assert {name for method, name in asked if method == "HEAD"} == (layers - statements) | {
        json.loads(BUILT.manifests[digest][1])["config"]["digest"] for digest in PROOFS
    }


def test_nothing_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with run_faults([SERVE]) as faults:
        for _ in range(2):
            verify_name(f"{faults.host}/x:v1")
    assert len(faults.seen) == 2 * len({*BUILT.manifests, *BUILT.blobs})


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ([on(LAYER, Reply(status=405), "HEAD"), on(LAYER, partial(SIZE))], "ok"),
        ([on(LAYER, Reply(status=403), "HEAD"), SERVE], "ok"),
        ([on(LAYER, Reply(status=404), "HEAD"), SERVE], "ok"),
        ([on(LAYER, Reply(), "HEAD"), SERVE], "ok"),
        ([on(LAYER, Reply(), "HEAD"), on(LAYER, partial(SIZE))], "ok"),
        ([on(LAYER, partial(SIZE, 416), None)], "ok"),
        ([on(LAYER, Reply(), "HEAD"), on(LAYER, partial(SIZE + 1))], "problem"),
        ([on(LAYER, Reply(body=b"other"))], "problem"),
        ([on(LAYER, Reply(status=404))], "problem"),
        ([on(LAYER, Reply(status=405))], "unknown"),
        ([on(LAYER, Reply(status=500))], "unknown"),
        ([on(LAYER, Reply(status=403))], "unknown"),
        ([on(LAYER, Reply(status=401))], "unknown"),
        ([on(LAYER, Reply(), "HEAD"), on(LAYER, partial("*"))], "unknown"),
        ([on(LAYER, Reply(), "HEAD"), on(LAYER, partial("9" * 50))], "unknown"),
        ([on(LAYER, Reply(status=400, reset=True))], "unknown"),
    ],
)
def test_a_blob_is_missing_or_of_another_size_only_where_two_answers_say_so(rules: list[Rule], outcome: str) -> None:
    with run_faults([*rules, SERVE]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
    expected = [] if outcome == "ok" else [(outcome, "blobs", "linux/arm64")]
    assert remarks(found) == expected, messages(found)


def test_a_registry_that_ignores_ranges_is_not_read_to_the_end() -> None:
    huge = Reply(body=b"x" * 65536, headers={"Content-Length": "5000000000"}, endless=True)
    with run_faults([on(LAYER, Reply(status=405), "HEAD"), on(LAYER, huge), SERVE]) as faults:
        start = time.monotonic()
        found = verify_name(f"{faults.host}/x:v1")
        assert time.monotonic() - start < 20
    assert remarks(found)[0][:2] in {("problem", "blobs"), ("unknown", "blobs")}


def test_a_size_in_chunks_is_no_size() -> None:
    chunked = Reply(body=b"1\r\nx\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked"})
    with run_faults([on(LAYER, chunked), SERVE]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
    assert remarks(found) == [("unknown", "blobs", "linux/arm64")]
    assert "does not say how large" in messages(found)


def test_blobs_in_another_place_are_asked_for_there_without_our_authorization() -> None:
    def signed_for_get_alone(request: Seen) -> Reply | None:
        return Reply(status=403) if request.method == "HEAD" else SERVE(request)

    with run_faults([signed_for_get_alone]) as storage:

        def rule(request: Seen) -> Reply | None:
            if request.path.startswith("/token"):
                return Reply(body=b'{"token": "secret"}')
            if "authorization" not in request.headers:
                realm = f'Bearer realm="http://{faults.host}/token",service="s"'
                return Reply(status=401, headers={"WWW-Authenticate": realm})
            away = Reply(status=307, headers={"Location": f"http://{storage.host}{request.path}"})
            return away if "/blobs/" in request.path else None

        with run_faults([rule, SERVE]) as faults:
            assert verify_name(f"{faults.host}/x:v1").outcome is Outcome.OK
        scopes = {request.path for request in faults.seen if request.path.startswith("/token")}
    assert storage.seen
    assert not any("authorization" in request.headers for request in storage.seen)
    assert all("pull" in scope and "push" not in scope for scope in scopes)


@pytest.mark.parametrize("digest", [CHILD, CONFIG, PROOFS[0]], ids=["manifest", "config", "attestation"])
@pytest.mark.parametrize(
    "reply",
    [Reply(status=500), Reply(body=b"{}"), Reply(body=b"x" * 65536, endless=True), Reply(status=403)],
    ids=["500", "other content", "endless", "403"],
)
def test_a_document_that_cannot_be_had_is_not_known(digest: str, reply: Reply) -> None:
    with run_faults([on(digest, reply), SERVE]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
    assert found.outcome is Outcome.UNKNOWN, messages(found)
    assert {outcome for outcome, _, _ in remarks(found)} == {"unknown"}


def test_what_drips_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_EXCHANGE_SECONDS", 0.3)
    with run_faults([on(CONFIG, Reply(body=b"{" * 1000, drip=0.05)), SERVE]) as faults:
        start = time.monotonic()
        found = verify_name(f"{faults.host}/x:v1")
        assert time.monotonic() - start < 20
    assert found.outcome is Outcome.UNKNOWN


def test_when_the_time_for_one_reference_is_over_the_rest_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SECONDS", 0.2)

    def slow(request: Seen) -> Reply | None:
        time.sleep(0.3 if "manifests/sha256" in request.path else 0)
        return SERVE(request)

    with run_faults([slow]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
        assert not [path for path in faults.paths() if "/blobs/" in path]
    assert found.outcome is Outcome.UNKNOWN
    assert "not asked" in messages(found)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"schemaVersion": 2, "manifests": [{"digest": CHILD, "size": 1}] * 1000}).encode(),
        b'{"schemaVersion": 2, "manifests": [{"digest": "sha256:../../etc"}]}',
        b'{"schemaVersion": 2, "manifests": [{"digest": "%s", "size": -4}]}' % CHILD.encode(),
        b'{"schemaVersion": 2, "manifests": [], "layers": []}',
        b"[" * 100_000,
        b"<html>",
    ],
    ids=["entries", "digest", "size", "ambiguous", "deep", "html"],
)
def test_a_hostile_index_is_not_known_and_costs_little(body: bytes) -> None:
    with run_faults([on("manifests/v1", Reply(body=body)), SERVE]) as faults:
        start = time.monotonic()
        found = verify_name(f"{faults.host}/x:v1")
        assert time.monotonic() - start < 20
        assert len(faults.seen) < 5
    assert found.outcome is Outcome.UNKNOWN


def test_a_manifest_with_thousands_of_layers_is_not_asked_for_layer_by_layer() -> None:
    layers = [{"digest": f"sha256:{number:064x}", "size": 1} for number in range(5000)]
    body = json.dumps({"schemaVersion": 2, "config": {"digest": CONFIG, "size": 1}, "layers": layers}).encode()
    with run_faults([on("manifests/v1", Reply(body=body)), SERVE]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
        assert len(faults.seen) < 5
    assert found.outcome is Outcome.UNKNOWN


def test_a_mirror_is_no_proof_of_what_was_pushed(tmp_path: Path) -> None:
    conf = tmp_path / "registries.conf"
    with run_faults([SERVE]) as mirror, run_faults([on("manifests/v1", Reply(status=404))]) as pushed:
        conf.write_text(
            f'[[registry]]\nprefix = "example.com"\nlocation = "{pushed.host}"\ninsecure = true\n'
            f'[[registry.mirror]]\nlocation = "{mirror.host}"\ninsecure = true\n'
        )
        found = verify_name("example.com/x:v1", conf=conf)
        assert remarks(found) == [("problem", "index", None)]
        assert mirror.seen == []


def test_a_blocked_registry_is_not_asked(tmp_path: Path) -> None:
    conf = tmp_path / "registries.conf"
    conf.write_text('[[registry]]\nprefix = "example.com"\nlocation = "127.0.0.1:9"\nblocked = true\n')
    assert remarks(verify_name("example.com/x:v1", conf=conf)) == [("unknown", "index", None)]


def test_documents_that_are_huge_together_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "BYTES_LIMIT", 100)
    with run_faults([SERVE]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
    assert found.outcome is Outcome.UNKNOWN
    assert "bytes of documents" in messages(found)

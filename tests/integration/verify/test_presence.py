"""What a tag stands for now: a digest, nothing, or not known; and never the one for the other."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.registry import transport
from buildkit.edges.registry.client import open_registry
from buildkit.errors import UndeterminedError
from buildkit.model.facts import Failure
from buildkit.model.reference import parse_reference
from tests.support.fault_proxy import Reply, run_faults, serve_built
from tests.support.push import build, index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.edges.registry.client import RegistryClient
    from tests.support.registry_process import Registry

NUMBERS = itertools.count()
BUILT = build(index("linux/amd64"))
SERVE = serve_built("x", "v1", BUILT)
NONE = "sha256:" + "0" * 64


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "backoff", lambda _attempt: 0.01)


@pytest.fixture
def client(tmp_path: Path) -> RegistryClient:
    return open_registry(cache=tmp_path)


def test_a_tag_and_a_digest_that_are_there_and_that_are_not(registry: Registry, client: RegistryClient) -> None:
    name = f"{registry.host}/presence/x{next(NUMBERS)}"
    assert client.resolve(parse_reference(f"{name}:v1")) is None
    digest = push_image(registry.host, name.partition("/")[2], "v1", index("linux/amd64"))
    assert client.resolve(parse_reference(f"{name}:v1")) == digest
    assert client.resolve(parse_reference(f"{name}:v2")) is None
    assert client.resolve(parse_reference(f"{name}@{digest}")) == digest
    assert client.resolve(parse_reference(f"{name}@{NONE}")) is None
    moved = push_image(registry.host, name.partition("/")[2], "v1", index("linux/amd64", salt="moved"))
    assert client.resolve(parse_reference(f"{name}:v1")) == moved


def test_many_are_asked_at_once_and_one_failure_hides_no_other(registry: Registry, client: RegistryClient) -> None:
    name = f"{registry.host}/presence/x{next(NUMBERS)}"
    digest = push_image(registry.host, name.partition("/")[2], "v1", index("linux/amd64"))
    references = [parse_reference(one) for one in (f"{name}:v1", "127.0.0.1:9/x:v1", f"{name}:v2")]
    found = client.resolve_all(references)
    assert (found[0], found[2]) == (digest, None)
    assert isinstance(found[1], Failure)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401),
        Reply(status=403),
        Reply(status=500),
        Reply(status=400),
        Reply(status=405),
        Reply(reset=True),
        Reply(status=429, headers={"Retry-After": "3600"}),
        Reply(body=b"<html>", headers={"Docker-Content-Digest": "nonsense"}),
        Reply(body=b"<html>", headers={"Docker-Content-Digest": NONE}),
    ],
    ids=["401", "403", "500", "400", "405", "reset", "429", "no digest", "another digest"],
)
def test_an_error_is_neither_there_nor_absent(reply: Reply, client: RegistryClient) -> None:
    with run_faults(
        [lambda request: None if request.method == "HEAD" else reply, lambda _request: Reply(status=500)]
    ) as faults:
        for name in (f"{faults.host}/x:v1", f"{faults.host}/x@{BUILT.digest}"):
            with pytest.raises(UndeterminedError, match=r"/x"):
                client.resolve(parse_reference(name))


@pytest.mark.parametrize("head", [Reply(status=405), Reply(status=404), Reply(), Reply(status=500)])
def test_a_registry_without_head_is_asked_with_get(head: Reply, client: RegistryClient) -> None:
    with run_faults([lambda request: head if request.method == "HEAD" else SERVE(request)]) as faults:
        assert client.resolve(parse_reference(f"{faults.host}/x:v1")) == BUILT.digest
        assert client.resolve(parse_reference(f"{faults.host}/x@{BUILT.digest}")) == BUILT.digest
        assert client.resolve(parse_reference(f"{faults.host}/x:v2")) is None


def test_a_registry_that_answers_a_digest_with_another_is_not_believed(client: RegistryClient) -> None:
    lie = Reply(headers={"Docker-Content-Digest": NONE})
    with run_faults([lambda request: lie if request.method == "HEAD" else SERVE(request)]) as faults:
        assert client.resolve(parse_reference(f"{faults.host}/x@{BUILT.digest}")) == BUILT.digest

"""Credentials: Docker's config, REGISTRY_AUTH_FILE, helpers; nothing of them shown."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.credentials import read_credentials
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def auth(user: str) -> dict[str, str]:
    return {"auth": b64encode(f"{user}:secret".encode()).decode()}


def store(tmp_path: Path, config: object, **environment: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return read_credentials({"DOCKER_CONFIG": str(tmp_path), **environment})


def helper(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "docker-credential-test"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("host", "repository", "user"),
    [
        ("docker.io", "library/mysql", "hub"),
        ("quay.io", "team/app", "team"),
        ("quay.io", "team2/app", "quay"),
        ("localhost:5000", "x", "local"),
        ("localhost", "x", None),
        ("ghcr.io", "x", None),
    ],
)
def test_the_longest_key_counts(tmp_path: Path, host: str, repository: str, user: str | None) -> None:
    config = {
        "auths": {
            "https://index.docker.io/v1/": auth("hub"),
            "quay.io": auth("quay"),
            "quay.io/team": auth("team"),
            "http://localhost:5000/v2/": auth("local"),
        }
    }
    found = store(tmp_path, config).find(host, repository)
    assert (found.username if found else None) == user
    assert found is None or (found.password == "secret" and "secret" not in repr(found))


def test_user_and_password_may_be_spelled_out(tmp_path: Path) -> None:
    found = store(tmp_path, {"auths": {"quay.io": {"username": "me", "password": "secret"}}}).find("quay.io", "x")
    assert (found.username, found.password) == ("me", "secret")


def test_registry_auth_file_goes_first(tmp_path: Path) -> None:
    (tmp_path / "auth.json").write_text(json.dumps({"auths": {"quay.io": auth("first")}}))
    config = {"auths": {"quay.io": auth("second"), "ghcr.io": auth("third")}}
    found = store(tmp_path, config, REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"))
    assert found.find("quay.io", "x").username == "first"
    assert found.find("ghcr.io", "x").username == "third"


def test_helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, 'read server; echo "{\\"Username\\": \\"at $server\\", \\"Secret\\": \\"s\\"}"', monkeypatch)
    by_host = store(tmp_path, {"credHelpers": {"quay.io": "test", "docker.io": "test"}})
    assert by_host.find("quay.io", "x").username == "at quay.io"
    assert by_host.find("docker.io", "x").username == "at https://index.docker.io/v1/"
    assert by_host.find("ghcr.io", "x") is None
    everywhere = store(tmp_path, {"credsStore": "test"})
    assert everywhere.find("ghcr.io", "x").username == "at ghcr.io"


def test_an_identity_token_from_a_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, 'echo "{\\"Username\\": \\"<token>\\", \\"Secret\\": \\"t\\"}"', monkeypatch)
    assert store(tmp_path, {"credsStore": "test"}).find("ghcr.io", "x").identity_token == "t"


@pytest.mark.parametrize("body", ["echo secret-word; exit 1", "echo not json"])
def test_a_helper_that_fails_is_a_problem_without_its_words(
    tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, body, monkeypatch)
    found = store(tmp_path, {"credsStore": "test"}).find("ghcr.io", "x")
    assert found.problem
    assert "secret-word" not in found.problem


def test_a_helper_that_is_not_installed(tmp_path: Path) -> None:
    assert "not installed" in store(tmp_path, {"credsStore": "nowhere-to-be-found"}).find("ghcr.io", "x").problem


@pytest.mark.parametrize("config", ["{", "[]", '{"auths": []}', '{"credsStore": 3}', "[" * 100_000])
def test_files_that_are_wrong(tmp_path: Path, config: str) -> None:
    with pytest.raises(UsageError) as caught:
        store(tmp_path, config)
    assert "config.json" in str(caught.value)


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="REGISTRY_AUTH_FILE"):
        read_credentials({"REGISTRY_AUTH_FILE": str(tmp_path / "none"), "DOCKER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("config", ["", "{}", '{"auths": {}}', '{"auths": {"quay.io": {}}}'])
def test_files_that_say_nothing(tmp_path: Path, config: str) -> None:
    assert store(tmp_path, config).find("quay.io", "x") is None


def test_an_entry_that_cannot_be_decoded_is_a_problem(tmp_path: Path) -> None:
    found = store(tmp_path, {"auths": {"quay.io": {"auth": "%%%"}}}).find("quay.io", "x")
    assert found.problem

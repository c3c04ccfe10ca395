from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.helm_registry import Access, connected, registry_config


def test_only_the_files_of_credentials_are_taken_over() -> None:
    given = {"HELM_REGISTRY_CONFIG": "/a/b", "DOCKER_CONFIG": "rel", "HELM_DEBUG": "1", "HELM_PLUGINS": "/evil"}
    found = connected(Path("/home"), given)
    assert (found["HELM_REGISTRY_CONFIG"], found["DOCKER_CONFIG"]) == ("/a/b", str(Path("rel").absolute()))
    assert found["HELM_PLUGINS"] == "/home/plugins"
    assert "HELM_DEBUG" not in found
    assert "HELM_CONFIG_HOME" not in found


def test_the_file_that_other_commands_read_stands_in_for_helms() -> None:
    assert connected(Path("/home"), {"REGISTRY_AUTH_FILE": "/a"})["HELM_REGISTRY_CONFIG"] == "/a"
    both = {"REGISTRY_AUTH_FILE": "/a", "HELM_REGISTRY_CONFIG": "/b"}
    assert connected(Path("/home"), both)["HELM_REGISTRY_CONFIG"] == "/b"
    assert "HELM_REGISTRY_CONFIG" not in connected(Path("/home"), {})


def test_helms_own_file_is_found_where_helm_looks(tmp_path: Path) -> None:
    file = tmp_path / "helm" / "registry" / "config.json"
    assert registry_config({"XDG_CONFIG_HOME": str(tmp_path)}) is None
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    assert registry_config({"XDG_CONFIG_HOME": str(tmp_path)}) == file
    assert registry_config({"HELM_CONFIG_HOME": str(tmp_path / "helm")}) == file
    assert registry_config({"HELM_REGISTRY_CONFIG": str(file), "XDG_CONFIG_HOME": "/none"}) == file


@pytest.mark.parametrize(
    ("access", "arguments"),
    [
        (Access(), ()),
        (Access(plain=True, verified=False, authorities=Path("/a")), ("--plain-http",)),
        (Access(verified=False, authorities=Path("/a")), ("--insecure-skip-tls-verify",)),
        (Access(authorities=Path("/a")), ("--ca-file=/a",)),
    ],
)
def test_how_a_registry_is_spoken_to(access: Access, arguments: tuple[str, ...]) -> None:
    assert access.arguments == arguments

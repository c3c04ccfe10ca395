"""The configuration of our own builder is TOML, whatever paths and hosts there are; one run at a time has its cache."""

from __future__ import annotations

import fcntl
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges import buildkitd
from buildkit.edges.buildkitd import configuration
from buildkit.edges.registries_conf import Mirror, RegistriesConf, Rule, parse_registries_conf
from buildkit.edges.toml import parse_toml
from buildkit.errors import UsageError

CONF = """
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "127.0.0.1:5000/hub"
insecure = true
[[registry]]
location = "plain.example:8080"
insecure = true
"""


def rule(prefix: str, *mirrors: str) -> Rule:
    places = tuple(Mirror(location=one, insecure=True, pull_from="all") for one in mirrors)
    return Rule(prefix=prefix, location=prefix, insecure=False, blocked=False, mirrors=places)


def read(conf: RegistriesConf, root: str = "/r", runc: str = "/c", endpoint: str = "unix:///s") -> dict[str, Any]:
    return tomllib.loads(configuration(endpoint, Path(root), Path(runc), conf))


def test_the_whole_configuration() -> None:
    found = read(parse_registries_conf(parse_toml(CONF, "x"), "x"), "/cache", "/bin/runc", "unix:///run/x.sock")
    assert found == {
        "root": "/cache",
        "grpc": {"address": ["unix:///run/x.sock"]},
        "worker": {
            "oci": {"enabled": True, "gc": True, "binary": "/bin/runc", "networkMode": "host"},
            "containerd": {"enabled": False},
        },
        "registry": {
            "127.0.0.1:5000": {"insecure": True, "http": True},
            "docker.io": {"mirrors": ["127.0.0.1:5000/hub"]},
            "plain.example:8080": {"insecure": True, "http": True},
        },
    }


def test_without_mirrors_there_are_no_registries() -> None:
    assert "registry" not in read(RegistriesConf())


@pytest.mark.parametrize(
    "path", ['/a"b\\c', "/a b#c", "/a\n[grpc]", "/\U0001f600/\u00e9", "/a\x7f\x01\t", "/a'''\"\"\""]
)
def test_a_path_is_that_path_whatever_is_in_it(path: str) -> None:
    found = read(RegistriesConf(), path, path, f"unix://{path}")
    assert found["root"] == found["worker"]["oci"]["binary"] == path
    assert found["grpc"] == {"address": [f"unix://{path}"]}


@pytest.mark.parametrize("host", ['a"]\n[grpc]\naddress = ["x"]\n["', "a.b", "", "\\", "\u00e9\U0001f600"])
def test_a_host_cannot_say_more_than_its_name(host: str) -> None:
    found = read(RegistriesConf(rules=(rule(host, "m/x"),)))
    assert found["grpc"] == {"address": ["unix:///s"]}
    assert found["registry"][host] == {"mirrors": ["m/x"]}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda text: "/" not in text))
def test_any_name_is_read_back(name: str) -> None:
    found = read(RegistriesConf(rules=(rule(name, "m"),)), f"/{name}")
    assert found["root"] == str(Path(f"/{name}"))
    assert (name in found["registry"]) == (not name.startswith("*."))


def test_a_path_that_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        configuration("unix:///s", Path(os.fsdecode(b"/\xff")), Path("/c"), RegistriesConf())


def test_a_cache_that_another_run_has_is_not_waited_for(tmp_path: Path) -> None:
    lock = buildkitd._lock(tmp_path / "new")
    assert lock is not None
    assert buildkitd._lock(tmp_path / "new") is None
    os.close(lock)
    again = buildkitd._lock(tmp_path / "new")
    assert again is not None
    os.close(again)


def test_a_cache_that_cannot_be_written_or_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        buildkitd._lock(tmp_path / "file" / "cache")

    def refuse(_lock: int, _how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UsageError, match="cannot be locked: No locks available"):
        buildkitd._lock(tmp_path / "cache")


def test_a_long_folder_for_scratch_files_does_not_make_the_sockets_path_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with buildkitd._work_folder() as folder:
        assert len(folder) < 50
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.mark.parametrize("length", [20, 60, 61, 70, 200])
def test_the_socket_has_a_path_that_buildkit_takes(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * max(1, length - len(str(tmp_path)) - 1))
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with buildkitd._work_folder() as work:
        assert len(f"{work}/buildkitd.sock") <= 104

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from buildkit.edges import tools
from buildkit.flows.doctor import examine
from buildkit.flows.watch import Watch
from buildkit.model.installation import Installation, State, Way

# Two programs at once on a busy machine; what hangs is given up after 1.2 s.
MOST_SECONDS = 4.0


@pytest.fixture(autouse=True)
def _no_checkout_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "checkout_tools", lambda: None)


class Programs:
    """A PATH of its own that holds small scripts beside the system's shell tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, script: str) -> None:
        file = self.folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    return Programs(tmp_path)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Socket names may have about 100 characters; pytest's folders are longer."""
    with tempfile.TemporaryDirectory(prefix="kfkit-") as folder:
        yield Path(folder)


def states(found: Installation) -> dict[str, State]:
    return {item.name: item.state for item in found.items}


def test_all_that_the_verbs_need_makes_it_ready(programs: Programs) -> None:
    programs.add("kustomize", "echo v5.8.3")
    programs.add("git", "echo git version 2.50.1 '(Apple Git-155)'")
    found = examine(Watch())
    assert found.ready
    assert {item.name: item.version for item in found.items if item.state is State.OK} == {
        "python": next(item.version for item in found.items if item.name == "python"),
        "kustomize": "5.8.3",
        "git": "2.50.1",
    }
    assert states(found)["helm"] is State.MISSING


def test_an_empty_machine_is_not_ready_and_each_item_says_how_to_get_it(programs: Programs) -> None:
    assert programs.folder.is_dir()
    found = examine(Watch())
    assert not found.ready
    assert states(found) == {
        "python": State.OK,
        "kustomize": State.MISSING,
        "git": State.MISSING,
        "go": State.MISSING,
        "helm": State.MISSING,
        "helm3": State.MISSING,
        "docker": State.MISSING,
        "buildkitd": State.MISSING,
        "runc": State.MISSING,
        "engine": State.UNREACHABLE,
        "buildx": State.MISSING,
        "builder": State.MISSING,
    }
    assert all(item.hint for item in found.items if item.state is not State.OK)


def test_a_helm_of_major_3_is_both_and_one_of_major_4_only_helm(programs: Programs) -> None:
    programs.add("helm", "echo v4.2.4")
    assert (states(examine(Watch()))["helm"], states(examine(Watch()))["helm3"]) == (State.OK, State.MISSING)
    programs.add("helm", "echo v3.22.0")
    assert (states(examine(Watch()))["helm"], states(examine(Watch()))["helm3"]) == (State.OK, State.OK)


def test_a_kustomize_that_tells_no_version_is_not_taken(programs: Programs) -> None:
    programs.add("kustomize", "echo v0.0.0+unknown")
    assert states(examine(Watch()))["kustomize"] is State.TOO_OLD


def test_programs_that_hang_are_given_up(programs: Programs) -> None:
    for name in ("kustomize", "git", "docker", "helm", "go"):
        programs.add(name, "while :; do :; done")
    start = time.monotonic()
    found = examine(Watch())
    assert time.monotonic() - start < MOST_SECONDS
    assert states(found)["kustomize"] is State.MISSING


def test_an_engine_that_accepts_and_never_answers_is_given_up(
    programs: Programs, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = short_folder / "dead.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{address}")
    programs.add("git", "echo git version 2.50.1")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        start = time.monotonic()
        found = examine(Watch())
        assert time.monotonic() - start < MOST_SECONDS
    assert states(found)["engine"] is State.UNREACHABLE


class _Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"Version": "28.2.2", "ApiVersion": "1.50", "Os": "linux", "Arch": "arm64"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # the base class's name


def test_an_engine_that_answers_is_named_with_its_version_and_platform(
    programs: Programs, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = short_folder / "engine.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{address}")
    programs.add("git", "echo git version 2.50.1")
    with socketserver.ThreadingUnixStreamServer(str(address), _Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        engine = next(item for item in examine(Watch()).items if item.name == "engine")
        server.shutdown()
    assert (engine.state, engine.version) == (State.OK, "28.2.2 (linux/arm64)")


BUILDER = {
    "Name": "farm",
    "Driver": "remote",
    "Current": True,
    "Nodes": [
        {
            "Name": "a",
            "Endpoint": "unix:///run/a.sock",
            "Status": "running",
            "Version": "v0.33.1",
            "Platforms": ["linux/s390x"],
        }
    ],
}


def test_the_builder_that_runs_is_found_and_its_platforms_are_told(programs: Programs) -> None:
    (programs.folder / "ls.json").write_text(json.dumps(BUILDER))
    programs.add(
        "docker",
        f"""case "$*" in
  --version) echo Docker version 28.2.2, build e6534b4 ;;
  "buildx version") echo github.com/docker/buildx v0.37.2 9dcf1d1 ;;
  "buildx ls"*) while read -r line || [ -n "$line" ]; do echo "$line"; done < {programs.folder}/ls.json ;;
esac""",
    )
    found = examine(Watch())
    assert {name: states(found)[name] for name in ("docker", "buildx", "builder")} == {
        "docker": State.OK,
        "buildx": State.OK,
        "builder": State.OK,
    }
    (builder,) = found.builders
    assert (builder.name, builder.driver, builder.current, builder.version) == ("farm", "remote", True, "0.33.1")
    assert [one.platform for one in builder.platforms] == ["linux/s390x"]


def test_a_docker_command_without_buildx_counts_as_no_buildx(programs: Programs) -> None:
    programs.add("docker", 'case "$1" in --version) echo Docker version 28.2.2 ;; *) exit 125 ;; esac')
    found = examine(Watch())
    assert states(found)["buildx"] is State.MISSING
    assert states(found)["builder"] is State.MISSING


def test_this_machine_runs_its_own_platform_natively(programs: Programs) -> None:
    assert programs.folder.is_dir()
    first = examine(Watch()).platforms[0]
    assert first.platform.startswith("linux/")
    assert first.way is Way.NATIVE

from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.builders import (
    current_builder,
    emulated_platforms,
    native_platform,
    parse_builders,
    parse_declared,
)
from buildkit.errors import UndeterminedError

LISTING = b"""\
{"Name":"multi","Driver":"docker-container","LastActivity":"2026-01-02T03:04:05Z","Dynamic":false,"Nodes":[\
{"Name":"multi0","Endpoint":"unix:///var/run/docker.sock",\
"Status":"running","Version":"v0.33.1","Platforms":["linux/amd64*","linux/amd64/v2","linux/arm64"]},\
{"Name":"multi1","Endpoint":"tcp://10.0.0.7:1234","Status":"error","Err":"no answer"}],"Current":false}
{"Name":"default","Driver":"docker","Dynamic":false,"Nodes":[\
{"Name":"default","Endpoint":"default","Status":"running",\
"Version":"v0.24.0","Platforms":["linux/amd64","what is this"]}],"Current":true}
{"Name":"broken","Driver":"","Nodes":null,"Err":"context not found","Current":false}
"""


def test_builders_are_sorted_and_hold_what_all_their_nodes_report() -> None:
    broken, default, multi = parse_builders(LISTING)
    assert (broken.name, broken.status, broken.problem, broken.platforms) == (
        "broken",
        "unknown",
        "context not found",
        (),
    )
    assert (default.current, default.local, default.version) == (True, True, "0.24.0")
    assert [str(one) for one in default.platforms] == ["linux/amd64"]
    assert [str(one) for one in multi.platforms] == ["linux/amd64", "linux/amd64/v2", "linux/arm64"]
    assert multi.problem == "no answer"
    assert not multi.local


@pytest.mark.parametrize("answer", [b"NAME/NODE  DRIVER/ENDPOINT", b"[]", b'{"Name": 3}', b"\xff\xfe"])
def test_an_answer_that_is_not_its_json_is_no_empty_list(answer: bytes) -> None:
    with pytest.raises(UndeterminedError, match="something else"):
        parse_builders(answer)


def test_no_lines_are_no_builders() -> None:
    assert parse_builders(b"\n") == ()


def write(folder: Path, name: str, first: str) -> None:
    (folder / name).write_text(f"{first}\ninterpreter /usr/bin/{name}-static\nflags: POF\n")


def test_emulated_platforms_are_the_enabled_qemu_entries(tmp_path: Path) -> None:
    foreign = "s390x", "linux/s390x"
    write(tmp_path, f"qemu-{foreign[0]}", "enabled")
    write(tmp_path, "qemu-riscv64", "disabled")
    write(tmp_path, "qemu-sparc", "enabled")
    write(tmp_path, "python3.11", "enabled")
    assert [str(one) for one in emulated_platforms(tmp_path)] == [foreign[1]]


def test_the_own_platform_is_never_emulated(tmp_path: Path) -> None:
    for name in ("x86_64", "aarch64"):
        write(tmp_path, f"qemu-{name}", "enabled")
    assert native_platform() not in emulated_platforms(tmp_path)
    assert len(emulated_platforms(tmp_path)) == 1


def test_a_machine_without_binfmt_emulates_nothing(tmp_path: Path) -> None:
    assert emulated_platforms(tmp_path / "none") == ()


# Of buildx 0.37: two nodes of the remote driver, the second not there.
INSPECTED = """\
Name:          multi
Driver:        remote
Last Activity: 2026-11-30 13:44:58 +0000 UTC

Nodes:
Name:             multi0
Endpoint:         unix:///run/buildkitd.sock
Status:           running
BuildKit version: v0.33.1
Platforms:        linux/arm64*, linux/arm/v7*, linux/amd64, linux/amd64/v2, linux/386
Labels:
 org.mobyproject.buildkit.worker.executor:         oci
 org.mobyproject.buildkit.worker.hostname:         vm
GC Policy rule#0:
 All:            false
 Filters:        type==source.local type==exec.cachemount type==source.git.checkout
 Keep Duration:  48h0m0s

Name:      other
Endpoint:  tcp://127.0.0.1:9
Status:    inactive
Platforms: linux/amd64*
"""


def declared(text: str) -> dict[str, list[str]]:
    return {name: [str(one) for one in platforms] for name, platforms in parse_declared(text).items()}


def test_declared_are_the_platforms_with_a_star_of_each_node() -> None:
    assert declared(INSPECTED) == {"multi0": ["linux/arm64", "linux/arm/v7"], "other": ["linux/amd64"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nodes:",
        "\nNodes:\n",
        INSPECTED.partition("Nodes:")[0],
        "\nNodes:\nPlatforms: linux/arm64*\n",  # of no node
        "\nNodes:\nName: x\nPlatforms: *, what is this*, linux/amd64\n",
        "\nNodes:\nLabels:\n Name: x\n Platforms: linux/arm64*\n",
    ],
)
def test_what_is_not_declared_is_not_guessed(text: str) -> None:
    assert not any(declared(text).values())


def test_the_current_builder_is_the_one_that_buildx_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = parse_builders(LISTING)
    monkeypatch.delenv("BUILDX_BUILDER", raising=False)
    assert [one.name for one in listed if one is current_builder(listed)] == ["default"]
    monkeypatch.setenv("BUILDX_BUILDER", "multi")
    assert [one.name for one in listed if one is current_builder(listed)] == ["multi"]
    monkeypatch.setenv("BUILDX_BUILDER", "gone")
    assert current_builder(listed) is None
    assert current_builder(()) is None


@pytest.mark.parametrize(
    ("host", "local"),
    [(None, True), ("", True), ("unix:///run/docker.sock", True), ("tcp://far:2376", False), ("ssh://far", False)],
)
def test_the_default_context_is_where_docker_host_leads(
    host: str | None,
    local: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    if host is not None:
        monkeypatch.setenv("DOCKER_HOST", host)
    _, default, multi = parse_builders(LISTING)
    assert (default.local, multi.nodes[0].local, multi.nodes[1].local) == (local, True, False)


def test_a_nodes_own_order_of_platforms_is_kept() -> None:
    _, _, multi = parse_builders(LISTING)
    assert [str(one) for one in multi.nodes[0].platforms] == ["linux/amd64", "linux/amd64/v2", "linux/arm64"]
    assert (multi.nodes[1].status, multi.nodes[1].problem, multi.nodes[1].platforms) == ("error", "no answer", ())

from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.builders import emulated_platforms, native_platform, parse_builders
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

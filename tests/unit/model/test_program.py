"""Which architecture a program is for: ELF, scripts, and how a command finds its file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.platform import parse_platform
from buildkit.model.program import Program, architecture_of, find_program
from tests.support.elf import program

ARM64, AMD64 = program("arm64"), program("amd64")


def elf(machine: int, *, bits: int = 64, little: bool = True) -> bytes:
    number = machine.to_bytes(2, "little") if little else machine.to_bytes(2, "big")
    return b"\x7fELF" + bytes([bits // 32, 1 if little else 2, 1]) + bytes(9) + b"\0\2" + number


@pytest.mark.parametrize(
    ("head", "architecture"),
    [
        (AMD64, "amd64"),
        (ARM64, "arm64"),
        (elf(3, bits=32), "386"),
        (elf(40, bits=32), "arm"),
        (elf(21), "ppc64le"),
        (elf(22, little=False), "s390x"),
        (elf(243), "riscv64"),
        (elf(62, bits=32), None),  # x32
        (elf(9999), None),
        (b"\x7fELF", None),
        (b"MZ", None),
        (b"", None),
    ],
)
def test_an_elf_file_names_its_architecture(head: bytes, architecture: str | None) -> None:
    assert architecture_of(head) == architecture


@given(st.binary(max_size=64))
def test_any_bytes_can_be_looked_at(head: bytes) -> None:
    architecture_of(head)
    find_program(["x"], lambda _path: head)


FILES = {
    "/bin/sh": ARM64,
    "/usr/bin/env": ARM64,
    "/usr/bin/python3": AMD64,
    "/app/run": b"#!/bin/sh -e\n",
    "/app/env": b"#!/usr/bin/env -S A=b python3 -u\n",
    "/app/text": b"no program",
    "/loop": b"#!/loop\n",
    "/lost": b"#!/nowhere\n",
    "/bare": b"#!\n",
}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["/bin/sh", "-c", "x"], ("/bin/sh", "arm64")),
        (["sh"], ("/bin/sh", "arm64")),
        (["run"], None),
        (["./run"], ("/bin/sh", "arm64")),
        (["/app/../bin/sh"], ("/bin/sh", "arm64")),
        (["/app/env"], ("/usr/bin/python3", "amd64")),
        (["/app/text"], None),
        (["/loop"], None),
        (["/lost"], None),
        (["/bare"], None),
        ([], None),
        ([""], None),
    ],
)
def test_a_command_finds_its_program(words: list[str], found: tuple[str, str] | None) -> None:
    known = find_program(words, FILES.get, folder="/app")
    assert (None if known is None else (known.path, known.architecture)) == found


def test_path_is_searched_in_its_order() -> None:
    found = find_program(["x"], {"/b/x": AMD64, "/a/x": ARM64}.get, path="/a:/b")
    assert found == Program(path="/a/x", architecture="arm64")


@pytest.mark.parametrize(
    ("architecture", "platform", "serves"),
    [
        ("amd64", "linux/amd64", True),
        ("amd64", "linux/arm64", False),
        ("386", "linux/amd64", True),
        ("arm", "linux/arm64", True),
        ("arm64", "linux/arm/v7", False),
        ("amd64", "linux/386", False),
    ],
)
def test_32_bit_code_runs_on_its_64_bit_processors(architecture: str, platform: str, *, serves: bool) -> None:
    assert Program(path="/x", architecture=architecture).serves(parse_platform(platform)) is serves

"""Dockerfiles below folders, and what lies in the folders that they are built in; both hostile."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.dockerfiles import (
    LARGEST,
    FolderContext,
    FoundFile,
    find_dockerfiles,
    is_dockerfile,
    machine_of,
    read_dockerfile,
)
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def elf(machine: int, kind: int = 2, order: str = "<") -> bytes:
    """The head of an ELF file."""
    ident = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    return ident + struct.pack(f"{order}HH", kind, machine) + bytes(60)


def write(folder: Path, files: dict[str, bytes | str], mode: int = 0o755) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(mode)


def found(*paths: Path) -> list[str]:
    problems: list[str] = []
    names = [file.name for path in paths for file in find_dockerfiles(str(path), problems)]
    assert problems == []
    return names


@pytest.mark.parametrize(
    "name",
    [
        *("Dockerfile", "dockerfile", "DOCKERFILE", "Dockerfile.gpu", "Dockerfile-mpi", "Dockerfile_x", "a.Dockerfile"),
        *("a.b.dockerfile", "Containerfile", "Containerfile.dev", "x.Containerfile"),
    ],
)
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Dockerfile.j2", "Dockerfile.tmpl", "Dockerfile.in", "Dockerfile.dockerignore", "dockerfile-notes.md", "x"),
        *("Dockerfiles", "myDockerfile", "Dockerfile.go", "Dockerfile~", "docker-compose.yml", "Dockerfile.\n", ""),
    ],
)
def test_names_of_something_else(name: str) -> None:
    assert not is_dockerfile(name)


def test_folders_are_searched_and_what_is_not_ours_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "Dockerfile": "FROM a",
            "b/Dockerfile.cpu": "FROM a",
            "b/a/x.dockerfile": "FROM a",
            ".devcontainer/Dockerfile": "FROM a",
            "Dockerfile.d/readme": "",
            "c/Dockerfile/notes.txt": "",
            "node_modules/x/Dockerfile": "FROM a",
            "vendor/Dockerfile": "FROM a",
            ".git/Dockerfile": "FROM a",
        },
    )
    assert [os.path.relpath(name, tmp_path) for name in found(tmp_path)] == [
        "Dockerfile",
        ".devcontainer/Dockerfile",
        "b/Dockerfile.cpu",
        "b/a/x.dockerfile",
    ]


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"build.txt": "FROM a", "real": "FROM a"})
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "build.txt", tmp_path / "link") == [str(tmp_path / "build.txt"), str(tmp_path / "link")]


def test_links_are_not_followed_and_circles_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, {"in/Dockerfile": "FROM a", "out/Dockerfile": "FROM a"})
    (tmp_path / "in" / "loop").symlink_to("..")
    (tmp_path / "in" / "self").symlink_to("self")
    (tmp_path / "in" / "Dockerfile.link").symlink_to("../out/Dockerfile")
    (tmp_path / "in" / "Dockerfile.gone").symlink_to("nowhere")
    os.mkfifo(tmp_path / "in" / "Dockerfile.pipe")
    assert found(tmp_path / "in") == [str(tmp_path / "in" / "Dockerfile")]


@pytest.mark.parametrize("name", ["nothing", "a\0b", "x" * 5000])
def test_a_path_that_is_not_there_is_an_error_of_the_user(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        found(tmp_path / name)


def test_a_device_is_neither_file_nor_folder() -> None:
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        list(find_dockerfiles(os.devnull, []))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path, {"a/Dockerfile": "FROM a", "b/Dockerfile": "FROM a"})
    (tmp_path / "a").chmod(0)
    problems: list[str] = []
    assert len(list(find_dockerfiles(str(tmp_path), problems))) == 1
    assert len(problems) == 1


def file_at(path: Path, root: Path | None = None) -> FoundFile:
    return FoundFile(path=path, name="x/Dockerfile", root=root or path.parent, named=False)


def test_bytes_that_are_no_utf8_are_kept(tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": b"FROM a\n# \xff\r\n"})
    assert read_dockerfile(file_at(tmp_path / "Dockerfile")).encode("utf-8", "surrogateescape") == b"FROM a\n# \xff\r\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"F\0R\0O\0M\0", "x/Dockerfile: holds NUL bytes"),
        (b"#" * (LARGEST + 1), "x/Dockerfile: larger than 4 MiB"),
    ],
)
def test_what_is_no_dockerfile_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path, {"Dockerfile": content})
    with pytest.raises(UndeterminedError, match=said):
        read_dockerfile(file_at(tmp_path / "Dockerfile"))


def test_a_file_that_went_away_or_became_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    for name in ("gone", "link"):
        with pytest.raises(UndeterminedError, match="cannot be read"):
            read_dockerfile(file_at(tmp_path / name))


@pytest.mark.parametrize(
    ("content", "machine"),
    [
        (elf(62), "amd64"),
        (elf(183, kind=3), "arm64"),
        (elf(22, order=">"), "s390x"),
        (elf(62, kind=1), None),
        (elf(9999), None),
        (elf(62)[:15], None),
        (b"#!/bin/sh\n", None),
        (b"", None),
    ],
)
def test_programs_say_their_machine(tmp_path: Path, content: bytes, machine: str | None) -> None:
    write(tmp_path, {"x": content})
    assert machine_of(tmp_path / "x") == machine


def context(root: Path, dockerfile: str = "app/Dockerfile") -> FolderContext:
    return FolderContext(file_at(root / dockerfile, root.resolve()), {})


def test_what_copy_names_is_looked_for_in_the_nearest_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app/Dockerfile": "",
            "app/bin/near": elf(62),
            "bin/far": elf(183),
            "lib/x.so.1": elf(183),
            "lib/deep/y.so": elf(62),
            "lib/readme": "text",
            "tool": elf(22, order=">"),
        },
    )
    seen = context(tmp_path)
    assert seen.binaries("bin") == (("bin/near", "amd64"),)
    assert seen.binaries("./lib/") == (("lib/deep/y.so", "amd64"), ("lib/x.so.1", "arm64"))
    assert seen.binaries("/tool") == (("tool", "s390x"),)
    assert seen.binaries("lib/*.so.1") == (("lib/x.so.1", "arm64"),)
    assert seen.binaries("lib/readme") == seen.binaries("nothing") == seen.binaries(".") == ()


def test_nothing_outside_the_context_is_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"root/app/Dockerfile": "", "secret": elf(62), "root/app/real": elf(62), "other/x": elf(62)})
    app = tmp_path / "root" / "app"
    (app / "link").symlink_to("../../secret")
    (app / "folder").symlink_to("../../other")
    (app / "inside").symlink_to("real")
    seen = context(tmp_path / "root")
    for path in ("link", "folder", "folder/x", "folder/*", "inside", "../../secret", "../../../../../etc/passwd", "*"):
        assert seen.binaries(path) in {(), (("real", "amd64"),)} if path == "*" else seen.binaries(path) == ()
        assert seen.text(path) is None


def test_texts_are_read_up_to_a_size(tmp_path: Path) -> None:
    write(tmp_path, {"app/Dockerfile": "", "requirements.txt": "a==1\n", "app/big": "x" * 2_000_000, "app/d/x": ""})
    seen = context(tmp_path)
    assert seen.text("requirements.txt") == "a==1\n"
    assert len(seen.text("big") or "") == 1024 * 1024
    assert seen.text("d") is seen.text("gone") is seen.text(".") is None


def test_a_folder_of_very_many_files_costs_little(tmp_path: Path) -> None:
    write(tmp_path, {f"d/{number}": elf(62) for number in range(3000)})
    assert len(context(tmp_path, "Dockerfile").binaries("d")) <= 256

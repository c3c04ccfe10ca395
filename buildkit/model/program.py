"""Which architecture a program is for, as its first bytes tell: ELF, or a script that names its interpreter.

An engine that can run several architectures starts whatever it is given: that an image for arm64 starts says nothing
about arm64 where the program in it is amd64 code on an amd64 machine. So the program itself is asked.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from buildkit.model.platform import Platform

HEAD: Final = 256  # bytes that are enough
_DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SCRIPTS_LIMIT: Final = 4
_FOLDERS_LIMIT: Final = 64
# e_machine (System V ABI), and Go's name of it; with class and byte order where that decides.
_MACHINES: Final[Mapping[tuple[int, int, bool], str]] = {
    (62, 2, True): "amd64",
    (183, 2, True): "arm64",
    (3, 1, True): "386",
    (40, 1, True): "arm",
    (21, 2, True): "ppc64le",
    (21, 2, False): "ppc64",
    (22, 2, False): "s390x",
    (243, 2, True): "riscv64",
    (258, 2, True): "loong64",
    (8, 2, True): "mips64le",
    (8, 2, False): "mips64",
}
# 32-bit code that processors of the architecture run as well.
_RUNS_TOO: Final[Mapping[str, str]] = {"amd64": "386", "arm64": "arm"}

Read = Callable[[str], bytes | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A file that would be executed, and the architecture that its code is for (Go's name)."""

    path: str
    architecture: str

    def serves(self, platform: Platform) -> bool:
        """Whether a processor of this platform can execute it."""
        return self.is_kin(platform.architecture)

    def is_kin(self, architecture: str) -> bool:
        """Whether processors of this architecture run it without help."""
        return self.architecture in {architecture, _RUNS_TOO.get(architecture)}


def find_program(words: Sequence[str], read: Read, *, path: str = "", folder: str = "/") -> Program | None:
    """The program that a command starts; None where that cannot be told.

    Args:
        words: the command.
        read: the first bytes of a file of the image, None where there is no such file.
        path: its PATH.
        folder: its working directory.
    """
    name = words[0] if words else ""
    for _ in range(_SCRIPTS_LIMIT):
        found = _look_up(name, read, path or _DEFAULT_PATH, folder)
        if found is None:
            return None
        file, head = found
        if not head.startswith(b"#!"):
            architecture = architecture_of(head)
            return Program(path=file, architecture=architecture) if architecture else None
        name = _interpreter(head)
    return None


def architecture_of(head: bytes) -> str | None:
    """Architecture of an ELF file by its first bytes, None for any other file."""
    if len(head) < 20 or head[:4] != b"\x7fELF":  # noqa: PLR2004  # up to e_machine
        return None
    little = head[5] == 1
    machine = int.from_bytes(head[18:20], "little" if little else "big")
    return _MACHINES.get((machine, head[4], little))


def _interpreter(head: bytes) -> str:
    """What runs a script; of `/usr/bin/env python3` the python3."""
    line = head[2:].split(b"\n", 1)[0].decode("utf-8", "replace").split()
    if line and posixpath.basename(line[0]) == "env":
        named = [word for word in line[1:] if not word.startswith("-") and "=" not in word]
        return named[0] if named else line[0]
    return line[0] if line else ""


def _look_up(name: str, read: Read, path: str, folder: str) -> tuple[str, bytes] | None:
    """File that a name stands for, as exec finds it, and its first bytes."""
    if not name:
        return None
    folders = [folder or "/"] if "/" in name else path.split(":")[:_FOLDERS_LIMIT]
    for one in folders:
        file = posixpath.normpath(posixpath.join("/", one, name))
        head = read(file)
        if head is not None:
            return file, head
    return None

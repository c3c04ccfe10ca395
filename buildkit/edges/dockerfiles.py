"""Dockerfiles below folders, and what lies in the folders that they are built in.

They are hostile: links are not followed, nothing outside is read, sizes and numbers are bounded.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILES: Final = 200_000
MOST_DOCKERFILES: Final = 5_000
LARGEST: Final = 4 * 1024 * 1024
_LARGEST_TEXT: Final = 1024 * 1024
_MOST_LOOKED_AT: Final = 256
_MOST_ENTRIES: Final = 2000
_MOST_LEVELS: Final = 20
_SKIPPED_FOLDERS: Final = """
    .git .hg .svn node_modules bower_components vendor .venv venv .tox __pycache__ site-packages .terraform
"""
_SKIPPED: Final = frozenset(_SKIPPED_FOLDERS.split())
# Dockerfile, Dockerfile.cpu, Dockerfile-mpi, agent.Dockerfile, and the same with Containerfile.
_NAME: Final = re.compile(r"(?:.+\.)?(?:docker|container)file(?:[._-].+)?", re.IGNORECASE)
# What a Dockerfile is made from, and what only shares its name.
_NOT_DOCKERFILES: Final = """
    .j2 .jinja .jinja2 .tmpl .tpl .template .gotmpl .erb .mustache .in .m4 .bak .orig .rej .swp .md .rst .txt
    ~ .dockerignore .sh .py .go .js .ts .json .yaml .yml
"""
_TEMPLATES: Final = tuple(_NOT_DOCKERFILES.split())
_ELF: Final = b"\x7fELF"
_PROGRAMS: Final = frozenset({2, 3})  # executables; shared objects and position-independent executables
_MACHINES: Final = {3: "386", 40: "arm", 62: "amd64", 183: "arm64", 21: "ppc64le", 22: "s390x", 243: "riscv64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A Dockerfile.

    Attributes:
        path: where it is.
        name: as the path that the user gave leads to it.
        root: folders up to this one may be what it is built in.
        named: whether the user named the file itself.
    """

    path: Path
    name: str
    root: Path
    named: bool


def is_dockerfile(name: str) -> bool:
    """Whether a file of this name is taken for a Dockerfile."""
    return _NAME.fullmatch(name) is not None and not name.lower().endswith(_TEMPLATES) and name.isprintable()


def find_dockerfiles(path: str, problems: list[str]) -> Iterator[FoundFile]:
    """Yield the file, or the Dockerfiles below the folder, sorted; folders that cannot be read are `problems`.

    Raises:
        UsageError: there is no such file or folder.
        UndeterminedError: more files than a checkout has.
    """
    place = Path(path)
    try:
        kind = place.stat().st_mode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no path"
        raise UsageError(f"{path}: {why.lower()}", hint="name Dockerfiles, or folders that have some") from None
    if stat.S_ISREG(kind):
        yield FoundFile(path=place, name=os.path.normpath(path), root=_top(place.parent), named=True)
        return
    if not stat.S_ISDIR(kind):
        raise UsageError(f"{path}: neither a file nor a folder")
    top = _top(place)
    for found in _walk(place, problems):
        yield FoundFile(path=found, name=os.path.normpath(found), root=top, named=False)


def _walk(root: Path, problems: list[str]) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        problems.append(f"{error.filename}: cannot be read: {error.strerror}")

    seen = found = 0
    for top, folders, names in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and name.isprintable())
        seen += len(names) + len(folders)
        if seen > MOST_FILES:
            raise UndeterminedError(f"{root}: more than {MOST_FILES} files", hint="name the folders that matter")
        for name in sorted(names):
            if is_dockerfile(name):
                place = Path(top, name)
                if place.is_symlink() or not place.is_file():
                    continue
                found += 1
                if found > MOST_DOCKERFILES:
                    raise UndeterminedError(f"{root}: more than {MOST_DOCKERFILES} Dockerfiles")
                yield place


def _top(folder: Path) -> Path:
    """The folder of the git work tree that a folder is in; itself where there is none."""
    real = Path(os.path.realpath(folder))
    for one in (real, *list(real.parents)[:_MOST_LEVELS]):
        if (one / ".git").exists():
            return one
    return real


def read_dockerfile(file: FoundFile) -> str:
    """The text, bytes that are no UTF-8 kept as surrogates.

    Raises:
        UndeterminedError: it cannot be read, or is no Dockerfile by its size or its content; the named file too.
    """
    content = _read(file.path, LARGEST, follow=file.named)
    if content is None:
        raise UndeterminedError(f"{file.name}: cannot be read")
    if len(content) > LARGEST:
        raise UndeterminedError(f"{file.name}: larger than {LARGEST // 1024 // 1024} MiB")
    if b"\0" in content:
        raise UndeterminedError(f"{file.name}: holds NUL bytes: no text in UTF-8")
    return content.decode("utf-8", "surrogateescape")


def _read(path: Path, limit: int, *, follow: bool) -> bytes | None:
    """At most `limit` + 1 bytes of a regular file; None where that cannot be read."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except (OSError, ValueError):
        return None


class FolderContext:
    """The folder that a Dockerfile is built in, which it does not say: its own, or one above it up to `root`.

    Of these the nearest counts that has what COPY names. `known` keeps what was seen, for other Dockerfiles too.
    """

    def __init__(self, file: FoundFile, known: dict[tuple[str, str], tuple[tuple[str, str], ...] | None]) -> None:
        own = Path(os.path.realpath(file.path.parent))
        above = [one for one in own.parents if one.is_relative_to(file.root)] if own.is_relative_to(file.root) else []
        self._folders = (own, *above)
        self._known = known

    def binaries(self, path: str) -> tuple[tuple[str, str], ...]:
        """Path and architecture of the files of machine code that a source of COPY holds, sorted."""
        inside = os.path.normpath("/" + path).lstrip("/")
        if not inside:
            return ()  # all of it: much that no image needs
        for folder in self._folders:
            key = (str(folder), inside)
            if key not in self._known:
                self._known[key] = _binaries(folder, inside)
            found = self._known[key]
            if found is not None:
                return found
        return ()

    def text(self, path: str) -> str | None:
        """The text of a file."""
        inside = os.path.normpath("/" + path).lstrip("/")
        for folder in self._folders:
            place = folder / inside
            if inside and place.is_file() and _within(place, folder):
                content = _read(place, _LARGEST_TEXT, follow=False)
                return None if content is None else content[:_LARGEST_TEXT].decode("utf-8", "replace")
        return None


def _binaries(folder: Path, inside: str) -> tuple[tuple[str, str], ...] | None:
    """Those of one folder; None where it has nothing of that name."""
    places = _matching(folder, inside)
    if not places:
        return None
    files = [file for place in places for file in _files(place, folder)][:_MOST_LOOKED_AT]
    found = ((os.path.relpath(one, folder), machine_of(one)) for one in files)
    return tuple(sorted((name, machine) for name, machine in found if machine is not None))


def _within(place: Path, folder: Path) -> bool:
    """Whether a path stays in a folder, links included."""
    try:
        return Path(os.path.realpath(place)).is_relative_to(folder)
    except (OSError, ValueError):
        return False


def _files(place: Path, folder: Path) -> Iterator[Path]:
    """A regular file that was named; of a folder those that can be run and libraries: not many, no links."""
    if place.is_symlink() or not _within(place, folder):
        return
    if not place.is_dir():
        yield place
        return
    left = _MOST_ENTRIES
    stack = [place]
    while stack:
        for entry in _entries(stack.pop()):
            left -= 1
            if left < 0:
                return
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED:
                    stack.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and (".so" in entry.name or _may_run(entry)):
                yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _may_run(entry: os.DirEntry[str]) -> bool:
    try:
        return bool(entry.stat(follow_symlinks=False).st_mode & stat.S_IXUSR)
    except OSError:
        return False


def _matching(folder: Path, inside: str) -> list[Path]:
    """The paths that are there: one, or those that wildcards in the last part match."""
    head, _, last = inside.rpartition("/")
    if not any(letter in last for letter in "*?["):
        return [folder / inside] if os.path.lexists(folder / inside) else []
    parent = folder / head
    if not _within(parent, folder):
        return []
    return [parent / entry.name for entry in _entries(parent) if fnmatchcase(entry.name, last)][:_MOST_LOOKED_AT]


def machine_of(path: Path) -> str | None:
    """The architecture of an ELF program or library, as platforms name it; None for any other file."""
    head = (_read(path, 20, follow=False) or b"")[:20]
    if len(head) < 20 or not head.startswith(_ELF):  # noqa: PLR2004
        return None
    order = "<" if head[5] == 1 else ">"
    kind, machine = struct.unpack(f"{order}HH", head[16:20])
    return _MACHINES.get(machine) if kind in _PROGRAMS else None

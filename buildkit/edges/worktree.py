"""Work trees of git: which commit they are of, and what in them is not as that commit has it.

Git's own `status` and `diff` would read the work tree's files through filters, which are programs that a repository
names. So the index is held against the files here: by size and times as git notes them, and by content where these do
not settle it.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import feed, real_path
from buildkit.edges.git import ask, is_commit
from buildkit.edges.process import MIB, Limits, ProgramError
from buildkit.errors import UndeterminedError
from buildkit.model.worktree import WorkTree, touches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LIMITS: Final = Limits(seconds=120, output=256 * MIB)
_ENTRY: Final = re.compile(rb"(\d{6}) ([0-9a-f]{40,64}) (\d)\t(.+)", re.DOTALL)
# What `--debug` adds to an entry. Its form is not promised: an entry without it is held against the file's content.
_NOTED: Final = re.compile(
    rb"\A  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n  dev: \d+\tino: (\d+)\n  uid: \d+\tgid: \d+\n"
    rb"  size: (\d+)\tflags: [0-9a-f]+\n"
)
_COMMITTER: Final = re.compile(rb"^committer .*> (-?\d{1,18}) [+-]\d{4}$", re.MULTILINE)
_SSH: Final = re.compile(r"(?:ssh://)?git@([A-Za-z0-9.-]+)[:/](.+)")
_HTTPS: Final = re.compile(r"https://(?:[^/@\s]*@)?([A-Za-z0-9.-]+(?::\d+)?)/([^\s?#]+)")
_WORD: Final = 0xFFFFFFFF  # the index keeps the low 32 bits of sizes, times and inodes
_LINK, _FILE, _SUBMODULE, _EXECUTABLE = b"120000", b"100", b"160000", b"100755"
_SHA1: Final = 40
_MOST_READ: Final = 2048 * MIB  # of the files whose content has to be looked at; more of them count as changed


def find_root(folder: Path, known: dict[Path, Path | None]) -> Path | None:
    """The nearest folder around a real path, or itself, that has a `.git`; `known` remembers folders."""
    if folder not in known:
        above = None if folder.parent == folder else folder.parent
        known[folder] = folder if os.path.lexists(folder / ".git") else above and find_root(above, known)
    return known[folder]


def _near(paths: Iterable[str], places: Sequence[str]) -> Iterator[str]:
    """The paths in these places, or above them; all where there are none."""
    for path in paths:
        if not places or any(touches(path, place) or place.startswith(path) for place in places):
            yield path


def read_work_tree(root: Path, places: Sequence[str] = (".",)) -> WorkTree | None:
    """What git says of a repository, as far as these paths of it go; None for one without a commit, or not trusted.

    Raises:
        UndeterminedError: git is missing (ProgramError), or its objects cannot be read.
    """
    wanted = ("--", *(() if "." in places else sorted(set(places))))
    try:
        said = ask(root, "rev-parse", "--show-toplevel", check=False)
        top = os.fsdecode(said.stdout.removesuffix(b"\n"))
        commit = _read_commit(root) if said.code == 0 and top and real_path(top) == root else None
        if commit is None:
            return None
        staged = ask(root, "diff-index", "--cached", "--no-renames", "--name-only", "-z", commit[0], *wanted)
        entries = ask(root, "ls-files", "-z", "--stage", "--debug", *wanted, limits=_LIMITS).stdout
        new = ask(root, "ls-files", "-z", "--others", "--exclude-standard", *wanted, limits=_LIMITS).stdout
        # Of the whole repository: with a path below a folder that is ignored git ends in an internal error ("directory
        # entry not superset of prefix", git 2.39). Folders that are ignored as a whole are one entry.
        others = ("--others", "--ignored", "--exclude-standard", "--directory")
        ignored = ask(root, "ls-files", "-z", *others, limits=_LIMITS).stdout
    except ProgramError as error:
        raise UndeterminedError(f"{root}: {error}", hint=error.hint) from error
    index = _Index(root, entries)
    return WorkTree(
        root=str(root),
        commit=commit[0],
        committed=commit[1],
        origin=_read_origin(root),
        changed=tuple(sorted({*_names(staged.stdout), *_names(new), *index.changed()})),
        ignored=tuple(sorted({*_near(_names(ignored), wanted[1:]), *(f"{path}/" for path in index.submodules)})),
    )


def object_names(root: Path, names: Sequence[str]) -> tuple[str | None, ...]:
    """What git calls each of these (`COMMIT:PATH`); None for what is not there, or has a line's end in its name."""
    asked = [name for name in names if "\n" not in name]
    stdin = b"".join(os.fsencode(name) + b"\n" for name in asked)
    said = ask(root, "cat-file", "--batch-check=%(objectname)", stdin=stdin).stdout.split(b"\n")
    found = dict(zip(asked, (line.decode("utf-8", "replace") for line in said), strict=False))
    return tuple(found[name] if is_commit(found.get(name, "")) else None for name in names)


def changed_between(root: Path, before: str, after: str, places: Sequence[str]) -> tuple[str, ...]:
    """Files whose content, mode or presence differs between two commits, sorted."""
    wanted = () if "." in places else sorted(set(places))
    flags = ("-r", "--no-renames", "--name-only", "-z", before, after, "--", *wanted)
    try:
        return tuple(sorted(_names(ask(root, "diff-tree", *flags, limits=_LIMITS).stdout)))
    except ProgramError as error:
        raise UndeterminedError(f"{root}: {error}", hint=error.hint) from error


def _read_commit(root: Path) -> tuple[str, int] | None:
    """The commit of HEAD and when it was made; None before the first one."""
    said = ask(root, "cat-file", "--batch", stdin=b"HEAD^{commit}\n").stdout
    head, _, rest = said.partition(b"\n")
    words = head.decode("ascii", "replace").split()
    if len(words) != 3 or words[1] != "commit":  # noqa: PLR2004  # name, type and size; else `HEAD missing`
        return None
    header = rest[: int(words[2])].partition(b"\n\n")[0]
    made = _COMMITTER.search(header)
    return words[0], int(made[1]) if made else 0


def _read_origin(root: Path) -> str | None:
    said = ask(root, "config", "--get", "remote.origin.url", check=False)
    text = said.stdout.decode("utf-8", "replace").strip()
    match = _HTTPS.fullmatch(text) or _SSH.fullmatch(text)
    address = f"https://{match[1]}/{match[2].strip('/').removesuffix('.git')}" if match else ""
    return address if address.isascii() and address.isprintable() and address else None


def _names(said: bytes) -> Iterator[str]:
    return (os.fsdecode(name) for name in said.split(b"\0") if name)


class _Index:
    """Git's list of files, and what it noted of each when it last saw it."""

    def __init__(self, root: Path, said: bytes) -> None:
        self.root = root
        self.submodules: list[str] = []
        self._left = _MOST_READ
        self._inside: dict[str, bool] = {}
        self._written = self._time_of_index()
        self._unmerged: list[str] = []
        self._entries: dict[str, tuple[bytes, str, tuple[int, ...]]] = {}
        for record, noted in _records(said):
            path = os.fsdecode(record[4])
            if record[1] == _SUBMODULE:
                self.submodules.append(path)
            elif record[3] != b"0":
                self._unmerged.append(path)
            else:
                self._entries[path] = (record[1], record[2].decode(), noted)

    def changed(self) -> Iterator[str]:
        """Files that are not as the index has them."""
        yield from self._unmerged
        for path, (mode, name, noted) in self._entries.items():
            if not self._lies_inside(path) or not self._is_same(self.root / path, mode, name, noted):
                yield path

    def _lies_inside(self, path: str) -> bool:
        """Whether no link, and no name that git would not have written, leads to a file."""
        folder = os.path.dirname(os.path.join(self.root, path))  # noqa: PTH118, PTH120  (pathlib tidies names)
        if folder not in self._inside:
            self._inside[folder] = Path(folder).is_relative_to(self.root) and str(real_path(folder)) == folder
        return self._inside[folder]

    def _is_same(self, place: Path, mode: bytes, name: str, noted: tuple[int, ...]) -> bool:
        try:
            seen = os.lstat(place)
        except OSError:
            return False
        if noted and self._stands(seen, noted):
            return True
        if _mode_of(seen) != mode:
            return False
        self._left -= seen.st_size
        return self._left >= 0 and _name_of(place, seen, name) == name

    def _stands(self, seen: os.stat_result, noted: tuple[int, ...]) -> bool:
        """Whether size and times settle it: not where the file was written when the index was, or after it."""
        changed, modified = seen.st_ctime_ns, seen.st_mtime_ns
        now = (*_split(changed), *_split(modified), seen.st_ino & _WORD, seen.st_size & _WORD)
        return now == noted and modified < self._written

    def _time_of_index(self) -> int:
        said = ask(self.root, "rev-parse", "--git-path", "index", check=False).stdout.removesuffix(b"\n")
        try:
            return (self.root / os.fsdecode(said)).stat().st_mtime_ns
        except OSError:
            return 0


def _records(said: bytes) -> Iterator[tuple[re.Match[bytes], tuple[int, ...]]]:
    """Entries with what was noted of each: with -z the notes on one stand before the next one's name."""
    parts = said.split(b"\0")
    for number, part in enumerate(parts[:-1]):
        notes = _NOTED.match(parts[number + 1])
        head = part[last.end() :] if (last := _NOTED.match(part)) else part
        record = _ENTRY.fullmatch(head)
        if record is None:
            raise UndeterminedError(f"git lists a file in a way that is not understood: {head[:200]!r}")
        yield record, tuple(map(int, notes.groups())) if notes else ()


def _split(nanoseconds: int) -> tuple[int, int]:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return seconds & _WORD, rest


def _mode_of(seen: os.stat_result) -> bytes:
    if stat.S_ISLNK(seen.st_mode):
        return _LINK
    if stat.S_ISREG(seen.st_mode):
        return _EXECUTABLE if seen.st_mode & stat.S_IXUSR else b"100644"
    return b""


def _name_of(place: Path, seen: os.stat_result, wanted: str) -> str:
    """What git calls a file's or link's content, by the algorithm of another name; empty where it cannot be read."""
    found = hashlib.new("sha1" if len(wanted) == _SHA1 else "sha256", usedforsecurity=False)
    try:
        if stat.S_ISLNK(seen.st_mode):
            data = os.fsencode(place.readlink())
            found.update(b"blob %d\0" % len(data) + data)
            return found.hexdigest()
        found.update(b"blob %d\0" % seen.st_size)
        feed(place, found, seen.st_size)
    except OSError:
        return ""
    return found.hexdigest()

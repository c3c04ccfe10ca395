"""A chart copied to where helm may read it: nothing in the copy leads out of it.

Helm follows symbolic links in a chart's folder wherever they lead, and a `values.schema.json` makes it read any file
and ask any server that a `$ref` names. Archives of subcharts are packed anew, so that helm reads what was checked.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import read_limited
from buildkit.edges.process import MIB
from buildkit.edges.tree import copy_files, read_bytes, scan_tree
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA: Final = "values.schema.json"
_ARCHIVE: Final = ".tgz"
_LEADING: Final = frozenset({"$ref", "$schema", "$dynamicRef", "$recursiveRef"})
# The drafts of JSON Schema are built into helm; an unknown urn is let pass by it, with a warning.
_HARMLESS: Final = ("#", "urn:", "http://json-schema.org/", "https://json-schema.org/")
_MOST_NESTED: Final = 4
_MOST_UNPACKED: Final = 100 * MIB  # helm's own limit for a chart
_MOST_MEMBERS: Final = 20_000


def copy_chart(chart: Path, target: Path) -> None:
    """Copy a chart into an empty folder.

    Raises:
        UndeterminedError: it holds what leads out of it, or what cannot be read.
    """
    tree = scan_tree(chart)
    for path, why in tree.refused.items():
        raise UndeterminedError(f"{path}: {why}: a chart is rendered from its own files only")
    copy_files(tree, tree.files, target)
    for path in tree.files:
        if _name(path) == _SCHEMA:
            check_schema(path, read_bytes(tree, path))
        elif path.endswith(_ARCHIVE):
            packed = _Repacking().archive(path, read_bytes(tree, path))
            (target / path).unlink()  # it may be a link to a file of the chart that stays as it is
            (target / path).write_bytes(packed)


def unpack_chart(archive: Path, target: Path) -> Path:
    """Unpack a packaged chart (`helm package`) into a new folder; returns the chart's own folder in it.

    Only regular files are taken; `copy_chart` looks at what they are.

    Raises:
        UndeterminedError: no archive that can be read, a name that leads out of it, or more than one folder.
    """
    target.mkdir()
    folders = set()
    for name, content in _Repacking().files(archive.name, read_limited(archive, _MOST_UNPACKED)):
        steps = PurePosixPath(name).parts
        if len(steps) < 2 or ".." in steps or steps[0] == "/" or "\0" in name:  # noqa: PLR2004  # folder, file
            raise UndeterminedError(f"{archive.name}: {name}: no path of a file in a chart's folder")
        folders.add(steps[0])
        place = target.joinpath(*steps)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        except OSError as error:
            raise UndeterminedError(f"{archive.name}: {name}: cannot be unpacked: {error.strerror}") from error
    if len(folders) != 1:
        raise UndeterminedError(f"{archive.name}: {len(folders)} folders in it: a packaged chart has one")
    return target / folders.pop()


def archive_files(name: str, data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Path and content of each regular file of an archive (`helm package`), in its order.

    Raises:
        UndeterminedError: no archive that can be read.
    """
    return tuple(_Repacking().files(name, data))


def check_schema(path: str, data: bytes) -> None:
    """Refuse a schema of values that makes helm read something else.

    Raises:
        UndeterminedError: it does, or cannot be read.
    """
    found: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> None:
        values = (value for key, value in items if key in _LEADING)
        found.extend(one for one in values if isinstance(one, str) and not one.startswith(_HARMLESS))

    try:
        json.loads(data.decode("utf-8-sig", "replace"), object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise UndeterminedError(f"{path}: no JSON that can be read: {error}") from error
    if found:
        raise UndeterminedError(f"{path}: refers to {found[0][:200]}: a chart is rendered from its own files only")


class _Repacking:
    """One archive of a chart's folder, with the archives in it."""

    def __init__(self) -> None:
        self.left = _MOST_UNPACKED
        self.members = 0

    def archive(self, path: str, data: bytes, depth: int = 1) -> bytes:
        """The same files in an archive of ours, checked.

        Links and devices go: helm takes nothing from them.
        """
        if depth > _MOST_NESTED:
            raise UndeterminedError(f"{path}: more than {_MOST_NESTED} archives inside each other")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as target:
            for name, content in self.files(path, data):
                inner = f"{path}/{name}"
                if _name(name) == _SCHEMA:
                    check_schema(inner, content)
                kept = self.archive(inner, content, depth + 1) if name.endswith(_ARCHIVE) else content
                entry = tarfile.TarInfo(name)
                entry.size = len(kept)
                target.addfile(entry, io.BytesIO(kept))
        return packed.getvalue()

    def files(self, path: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of each regular file."""
        try:
            # Not tarfile's own "r|gz": that one stops at the extra field with which helm signs its archives.
            unpacked = gzip.GzipFile(fileobj=io.BytesIO(data))
            with tarfile.open(fileobj=unpacked, mode="r|") as source:
                for member in source:
                    self._count(path, member.size)
                    stream = source.extractfile(member) if member.isreg() else None
                    if stream is not None:
                        yield member.name, stream.read()
        except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
            raise UndeterminedError(f"{path}: no archive that can be read: {error}") from error

    def _count(self, path: str, size: int) -> None:
        self.left -= size
        self.members += 1
        if self.left < 0 or self.members > _MOST_MEMBERS:
            raise UndeterminedError(f"{path}: more than {_MOST_MEMBERS} files or {_MOST_UNPACKED // MIB} MiB")


def _name(path: str) -> str:
    return path.rpartition("/")[2]

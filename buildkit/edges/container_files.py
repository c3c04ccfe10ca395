"""The first bytes of a file in a container that does not run, links followed: the engine sends it as an archive."""

from __future__ import annotations

import posixpath
import tarfile
from io import BytesIO
from typing import Any, Final

from buildkit.model.program import HEAD

_LINKS: Final = 8
_ENOUGH: Final = 16 * 1024  # of the archive: its headers, and the beginning of the file
_MODE_LINK: Final = 1 << 27  # os.ModeSymlink of Go, in which the engine tells modes


def read_head(client: Any, name: str, path: str) -> bytes | None:
    """First bytes of a file, None where there is no file of that path."""
    import docker  # noqa: PLC0415

    for _ in range(_LINKS):
        try:
            pieces, stat = client.get_archive(name, path, chunk_size=_ENOUGH)
        except docker.errors.NotFound:
            return None
        target = (stat or {}).get("linkTarget")
        if int((stat or {}).get("mode", 0)) & _MODE_LINK and target:
            pieces.close()
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            continue
        return _head(_beginning(pieces))
    return None


def _beginning(pieces: Any) -> bytes:
    data = b""
    try:
        for piece in pieces:
            data += piece
            if len(data) >= _ENOUGH:
                break
    finally:
        pieces.close()
    return data


def _head(archive: bytes) -> bytes | None:
    try:
        with tarfile.open(fileobj=BytesIO(archive), mode="r|") as tar:
            member = tar.next()
            file = tar.extractfile(member) if member and member.isfile() else None
            return file.read(HEAD) if file else None
    except (tarfile.TarError, EOFError, OSError):
        return None

"""What was learned from a render, kept by the content of all it was made from; a damaged record is no record."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from buildkit.edges.files import trim, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Record = TypeVar("Record")
_LIMIT: Final = 256 * 1024 * 1024
_DIGEST: Final = 32
_MAX_RECORD: Final = 64 * 1024 * 1024


def key_of(parts: Iterable[str]) -> str:
    """One key for a list of texts; no text can pass for another's end."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(f"{len(part)}:{part}".encode())
    return whole.hexdigest()


class RecordStore(Generic[Record]):
    """Records of one type in a folder: `<key>` holds SHA-256, then compressed JSON."""

    def __init__(self, folder: Path, kind: type[Record]) -> None:
        self.folder, self.kind = folder, kind

    def read(self, key: str) -> Record | None:
        """A record, None where there is none or it is damaged (which removes it)."""
        path = self.folder / key[:2] / key
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            return msgspec.json.decode(_unpacked(content), type=self.kind)
        except (ValueError, zlib.error, msgspec.DecodeError):
            with contextlib.suppress(OSError):
                path.unlink()
            return None

    def write(self, key: str, record: Record) -> None:
        """Keep a record; a full or read-only disk only costs time later."""
        packed = zlib.compress(msgspec.json.encode(record), 1)
        with contextlib.suppress(OSError):
            write_whole(self.folder / key[:2] / key, hashlib.sha256(packed).digest() + packed)

    def trim(self) -> None:
        trim(self.folder, _LIMIT)


def _unpacked(content: bytes) -> bytes:
    digest, packed = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(packed).digest() != digest:
        raise ValueError
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, _MAX_RECORD)
    if unpacker.unconsumed_tail:
        raise ValueError
    return data

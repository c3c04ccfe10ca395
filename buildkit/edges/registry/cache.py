"""Manifests and configs on disk, by repository and digest, verified whenever they are read.

The repository is part of the key: that some other repository has a document does not say that this one does. Only
documents lie here, no credentials, readable by their owner alone. Each is written whole or not at all, so any number
of runs may share a cache; what is damaged is dropped and fetched again. Nothing here ever fails a run.

Files are written when the requests are done: six hundred of them in between cost the requests a third of their time.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from buildkit.edges.registry.content import matches

if TYPE_CHECKING:
    from pathlib import Path

_SIZE_LIMIT = 256 * 1024 * 1024
_KEPT_SHARE = 0.75
_TEMPORARY = ".tmp."
_PENDING_LIMIT = 32 * 1024 * 1024


class Cache:
    """A folder of documents; None: nothing is kept. Safe to use from many threads."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = str(folder) if folder else None
        self._lock = Lock()
        self._names = self._list()
        self._repositories = {name.rpartition(".")[2] for name in self._names}
        self._written = 0
        self._waiting = 0
        self._pending: dict[str, bytes] = {}

    def knows(self, repository: str) -> bool:
        """Whether earlier runs kept anything of a repository (`host/path`): then asking for digests alone pays."""
        return _short(repository) in self._repositories

    def has(self, repository: str, digest: str) -> bool:
        """Whether a document is there, whatever its state."""
        return _name(repository, digest) in self._names

    def read(self, repository: str, digest: str) -> bytes | None:
        name = _name(repository, digest)
        if self._folder is None or name not in self._names:
            return None
        pending = self._pending.get(name)
        if pending is not None:
            return pending
        path = os.path.join(self._folder, name)  # noqa: PTH118  # a thousand of them a run
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                body = file.read()
        except OSError:
            body = b""
        if body and matches(body, digest):
            return body
        with self._lock:
            self._names.discard(name)
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108
        return None

    def write(self, repository: str, digest: str, body: bytes) -> None:
        """Keep a document, verified by the caller; it reaches the disk with `close`, or when many are waiting."""
        if self._folder is None:
            return
        name = _name(repository, digest)
        with self._lock:
            if name in self._names:
                return
            self._pending[name] = body
            self._names.add(name)
            self._waiting += len(body)
            full = self._waiting > _PENDING_LIMIT
        if full:
            self._flush()

    def _flush(self) -> None:
        """Write what waits; a full disk or a folder that cannot be written is passed over."""
        with self._lock:
            pending, self._pending, self._waiting = self._pending, {}, 0
            self._written += len(pending)
            number = self._written
        temporary = os.path.join(self._folder or "", f"{_TEMPORARY}{os.getpid()}.{number}")  # noqa: PTH118
        for name, body in pending.items():
            try:
                _write_new(temporary, body)
                os.replace(temporary, os.path.join(self._folder or "", name))  # noqa: PTH105, PTH118
            except OSError:
                with suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108

    def close(self) -> None:
        """Write what waits; drop the oldest documents, and what dead runs left, when there are too many bytes."""
        if self._folder is None:
            return
        self._flush()
        if not self._written:
            return
        with suppress(OSError):
            entries = [(entry.stat(), entry.path, entry.name) for entry in os.scandir(self._folder)]
            total = sum(stat.st_size for stat, _, _ in entries)
            if total <= _SIZE_LIMIT:
                return
            for stat, path, _ in sorted(entries, key=lambda item: item[0].st_mtime):
                if total <= _SIZE_LIMIT * _KEPT_SHARE:
                    break
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108
                    total -= stat.st_size

    def _list(self) -> set[str]:
        if self._folder is None:
            return set()
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)  # noqa: PTH103
            return set(os.listdir(self._folder))  # noqa: PTH208
        except OSError:
            self._folder = None
            return set()


def _write_new(path: str, body: bytes) -> None:
    """Write a file that is not there yet, by system calls alone: `open()` costs more than all of them."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if os.write(descriptor, body) != len(body):
            raise OSError("a short write: the disk is full")
    finally:
        os.close(descriptor)


def _short(repository: str) -> str:
    return hashlib.sha256(repository.encode()).hexdigest()[:16]


def _name(repository: str, digest: str) -> str:
    return f"{digest.replace(':', '-')}.{_short(repository)}"

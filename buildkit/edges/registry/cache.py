"""Manifests and configs on disk, by repository and digest, verified whenever they are read.

The repository is part of the key: that some other repository has a document does not say that this one does. Only
documents lie here, no credentials, readable by their owner alone. Any number of runs may share a cache; what is
damaged is dropped and fetched again. Nothing here ever fails a run. The file itself: `cache_file.py`.

Documents are written in one go when the requests are done: in between they would cost the requests their time.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Protocol

from buildkit.edges.registry.cache_file import CacheFile
from buildkit.edges.registry.content import matches

if TYPE_CHECKING:
    from pathlib import Path

_PENDING_LIMIT = 32 * 1024 * 1024


class Documents(Protocol):
    """Where documents may already be; `Cache` says what each question means."""

    def knows(self, repository: str) -> bool: ...
    def has(self, repository: str, digest: str) -> bool: ...
    def read(self, repository: str, digest: str) -> bytes | None: ...
    def write(self, repository: str, digest: str, body: bytes) -> None: ...


class Nothing:
    """No cache: what has to be proven is asked for, whatever earlier runs have seen."""

    def knows(self, repository: str) -> bool:
        del repository
        return False

    def has(self, repository: str, digest: str) -> bool:
        del repository, digest
        return False

    def read(self, repository: str, digest: str) -> bytes | None:
        del repository, digest
        return None

    def write(self, repository: str, digest: str, body: bytes) -> None:
        """Keep nothing."""


class Cache:
    """Documents of earlier runs, in a folder, and those that this run adds; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._file = CacheFile(folder)
        self._lock = Lock()
        self._known: dict[str, dict[str, bytes | None]] = {}
        self._earlier: set[str] = set()
        self._pending: dict[tuple[str, str], bytes] = {}
        self._waiting = 0

    def knows(self, repository: str) -> bool:
        """Whether earlier runs kept anything of a repository (`host/path`): then asking for digests alone pays."""
        self._documents(repository)
        return repository in self._earlier

    def has(self, repository: str, digest: str) -> bool:
        """Whether a document is there, whatever its state."""
        return digest in self._documents(repository)

    def read(self, repository: str, digest: str) -> bytes | None:
        known = self._documents(repository)
        if digest not in known:
            return None
        body = self._pending.get((repository, digest))
        if body is not None:
            return body
        body = known.get(digest) or self._file.body(repository, digest)
        if isinstance(body, bytes) and matches(body, digest):
            return body
        known.pop(digest, None)
        return None

    def write(self, repository: str, digest: str, body: bytes) -> None:
        """Keep a document, verified by the caller; it reaches the disk with `close`, or when many are waiting."""
        known = self._documents(repository)
        with self._lock:
            if digest in known:
                return
            known[digest] = None
            self._pending[repository, digest] = body
            self._waiting += len(body)
            if self._waiting > _PENDING_LIMIT:
                self._flush()

    def close(self) -> None:
        """Write what waits, and close the file."""
        with self._lock:
            self._flush()
            self._file.close()

    def _flush(self) -> None:
        """Holds the lock. What cannot be written is forgotten."""
        self._file.write(self._pending)
        self._pending, self._waiting = {}, 0

    def _documents(self, repository: str) -> dict[str, bytes | None]:
        """What there is of a repository, asked of the file once; None: the body has to be asked for."""
        found = self._known.get(repository)
        if found is None:
            with self._lock:
                found = self._known.get(repository)
                if found is None:
                    found = self._file.documents(repository)
                    if found:
                        self._earlier.add(repository)
                    self._known[repository] = found
        return found

"""The cache's one file: SQLite, because six hundred small files cost a cold run more than a tenth of its time.

A file that is damaged or not ours is dropped and begun anew; one that is locked for long, cannot be written, or lies
on a full disk is done without. Nothing is synced: a crash of the machine costs the cache, not a run.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SIZE_LIMIT = 256 * 1024 * 1024
_NAME = "documents.sqlite"
_OURS = 0x6B666B31  # application_id: "kfk1", the 1 counts versions of the table
_ROOM = 32 * 1024 * 1024
_WAIT_SECONDS = 0.5
_DAY = 24 * 60 * 60
# Primary result codes (sqlite.org/rescode.html) of a file that is no cache: ERROR (another table), CORRUPT, NOTADB.
_DAMAGED = frozenset({1, 11, 26})
_PRIMARY = 0xFF

_CREATE = "CREATE TABLE IF NOT EXISTS documents (repository, digest, day, body, PRIMARY KEY (repository, digest))"
_INSERT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)"
_TOUCH = "UPDATE documents SET day = ? WHERE repository = ?"
_LIST = "SELECT digest, day, ifnull(length(body), 0) FROM documents WHERE repository = ?"
_BODIES = "SELECT digest, body FROM documents WHERE repository = ?"
_BODY = "SELECT digest, body FROM documents WHERE repository = ? AND digest = ?"
_EVICT = """DELETE FROM documents WHERE rowid IN
    (SELECT rowid FROM documents ORDER BY day, rowid LIMIT (SELECT 1 + count(*) / 4 FROM documents))"""

Key = tuple[str, str]


class CacheFile:
    """Documents by repository and digest; a file that fails reads as an empty one. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder / _NAME)
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._readable = os.path.exists(self._path)  # noqa: PTH110
        self._touched: list[str] = []
        self._room = _ROOM
        self._day = int(time.time() // _DAY)

    def documents(self, repository: str) -> dict[str, bytes | None]:
        """Digests of a repository; with the bodies (a query each would cost a warm run a tenth) as far as they fit."""
        found = self._read(_LIST, (repository,))
        if any(day != self._day for _, day, _ in found):
            self._touched.append(repository)
        size = sum(size for _, _, size in found)
        bodies: dict[str, bytes] = {}
        if size <= self._room:
            self._room -= size
            bodies = dict(self._read(_BODIES, (repository,)))
        return {digest: bodies.get(digest) for digest, _, _ in found}

    def body(self, repository: str, digest: str) -> bytes | None:
        return dict(self._read(_BODY, (repository, digest))).get(digest)

    def write(self, documents: Mapping[Key, bytes]) -> None:
        """Add documents, and note which repositories were asked for (by the day: mostly there is nothing to note)."""
        if not documents and not self._touched:
            return
        with self._lock:
            touched, self._touched = self._touched, []
            for _ in range(2):  # again, where the file was damaged
                try:
                    self._write(documents, touched)
                except _failures() as error:
                    if self._drop_damaged(error):
                        continue
                return

    def _write(self, documents: Mapping[Key, bytes], touched: Sequence[str]) -> None:
        connection = self._open()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_TOUCH, [(self._day, repository) for repository in touched])
            connection.executemany(_INSERT, [(*key, self._day, body) for key, body in documents.items()])
            _evict(connection)
        self._readable = True

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _read(self, query: str, values: tuple[str, ...]) -> list[Any]:
        if not self._readable:
            return []
        with self._lock:
            try:
                return self._open().execute(query, values).fetchall()
            except _failures() as error:
                self._readable = False
                self._drop_damaged(error)
                return []

    def _open(self) -> sqlite3.Connection:
        """Connection to a file that is ours, begun if need be. Holds the lock; raises what `_failures` names."""
        if self._connection is not None:
            return self._connection
        import sqlite3  # noqa: PLC0415  # 5 ms, and a run may have nothing to keep

        os.makedirs(self._folder, mode=0o700, exist_ok=True)  # noqa: PTH103
        with suppress(FileExistsError):  # SQLite would create it readable by all; its journal takes the file's mode
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(
            self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=16
        )
        self._connection = connection
        connection.execute("PRAGMA synchronous = OFF")
        if not _number(connection, "schema_version"):
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(_CREATE)
                connection.execute(f"PRAGMA application_id = {_OURS}")
        elif _number(connection, "application_id") != _OURS:
            raise _NotOursError
        return connection

    def _drop_damaged(self, error: Exception) -> bool:
        """Remove a file that is no cache of ours; tells whether it was one. Any other failure leaves it alone."""
        self._disconnect()
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if code not in _DAMAGED and not isinstance(error, _NotOursError):
            return False
        try:
            for path in (f"{self._path}-journal", self._path):
                with suppress(FileNotFoundError):
                    os.unlink(path)  # noqa: PTH108
        except OSError:
            return False
        return True

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _NotOursError(OSError):
    """The file is a database of somebody else."""


def _failures() -> tuple[type[Exception], ...]:
    """What opening, reading and writing may raise; a Python built without SQLite has no cache."""
    try:
        import sqlite3  # noqa: PLC0415
    except ImportError:
        return (OSError, ImportError)
    return (OSError, sqlite3.Error)


def _evict(connection: sqlite3.Connection) -> None:
    """Drop a quarter, of repositories not asked for the longest, until the rest is within the limit."""
    page = _number(connection, "page_size")
    while (_number(connection, "page_count") - _number(connection, "freelist_count")) * page > SIZE_LIMIT:
        if connection.execute(_EVICT).rowcount <= 0:
            return


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])

"""The cache by itself: what it keeps, for whom, and how much of it."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from buildkit.edges.registry import cache_file
from buildkit.edges.registry.cache import Cache
from buildkit.edges.registry.content import digest_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HERE, ELSEWHERE = "registry.example/here", "registry.example/elsewhere"


def keep(folder: Path, *bodies: bytes, repository: str = HERE) -> list[str]:
    """One run that writes documents; gives their digests."""
    cache = Cache(folder)
    digests = [digest_of(body) for body in bodies]
    for digest, body in zip(digests, bodies, strict=True):
        cache.write(repository, digest, body)
    cache.close()
    return digests


def rows(folder: Path, columns: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "documents.sqlite")) as database:
        return database.execute(f"SELECT {columns} FROM documents ORDER BY rowid").fetchall()  # noqa: S608


def test_a_document_is_there_at_once_and_in_the_next_run(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    digest = digest_of(b"{}")
    assert cache.read(HERE, digest) is None
    cache.write(HERE, digest, b"{}")
    assert cache.read(HERE, digest) == b"{}"
    cache.close()
    later = Cache(tmp_path)
    assert later.has(HERE, digest)
    assert later.read(HERE, digest) == b"{}"
    later.close()


def test_only_the_repository_that_had_it_has_it(tmp_path: Path) -> None:
    (digest,) = keep(tmp_path, b"{}")
    cache = Cache(tmp_path)
    assert not cache.has(ELSEWHERE, digest)
    assert cache.read(ELSEWHERE, digest) is None
    cache.write(ELSEWHERE, digest, b"{}")
    cache.close()
    assert rows(tmp_path, "repository") == [(HERE,), (ELSEWHERE,)]


def test_only_earlier_runs_make_a_repository_known(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert not cache.knows(HERE)
    cache.write(HERE, digest_of(b"{}"), b"{}")
    assert not cache.knows(HERE)
    cache.close()
    later = Cache(tmp_path)
    assert later.knows(HERE)
    assert not later.knows(ELSEWHERE)
    later.close()


def test_a_run_that_finds_nothing_new_writes_nothing(tmp_path: Path) -> None:
    (digest,) = keep(tmp_path, b"{}")
    file = tmp_path / "documents.sqlite"
    os.utime(file, (1, 1))
    cache = Cache(tmp_path)
    cache.read(HERE, digest)
    cache.close()
    assert file.stat().st_mtime == 1


def test_a_run_without_documents_makes_no_file(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert not cache.knows(HERE)
    cache.close()
    assert not (tmp_path / "cache").exists()


def test_many_waiting_documents_reach_the_disk_before_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buildkit.edges.registry.cache._PENDING_LIMIT", 1000)
    cache = Cache(tmp_path)
    bodies = [bytes([number]) * 400 for number in range(5)]
    for body in bodies:
        cache.write(HERE, digest_of(body), body)
    assert len(rows(tmp_path, "digest")) == 3
    assert [cache.read(HERE, digest_of(body)) for body in bodies] == bodies
    cache.close()
    assert len(rows(tmp_path, "digest")) == 5


def test_repositories_asked_for_last_stay_when_there_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 400_000
    monkeypatch.setattr(cache_file, "SIZE_LIMIT", limit)
    digests = keep(tmp_path, *(bytes([number]) * 10_000 for number in range(5)))
    keep(tmp_path, *(bytes([number]) * 10_000 for number in range(5, 30)), repository=ELSEWHERE)
    with closing(sqlite3.connect(tmp_path / "documents.sqlite")) as database, database:
        database.execute("UPDATE documents SET day = 7")
    cache = Cache(tmp_path)
    assert all(cache.read(HERE, digest) for digest in digests)
    cache.close()
    for number in range(100, 115):
        keep(tmp_path, bytes([number]) * 10_000, repository=f"{HERE}/{number}")
    kept = rows(tmp_path, "repository, digest")
    assert set(kept) >= {(HERE, digest) for digest in digests}
    assert 0 < [repository for repository, _ in kept].count(ELSEWHERE) < 25
    assert (tmp_path / "documents.sqlite").stat().st_size < 1.2 * limit


def test_a_repository_too_large_for_the_memory_is_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_file, "_ROOM", 1000)
    bodies = [bytes([number]) * 400 for number in range(5)]
    digests = keep(tmp_path, *bodies)
    cache = Cache(tmp_path)
    assert [cache.read(HERE, digest) for digest in digests] == bodies
    cache.close()


def test_nothing_but_repositories_digests_and_documents_is_kept(tmp_path: Path) -> None:
    (digest,) = keep(tmp_path, b"{}")
    assert rows(tmp_path, "repository, digest, body") == [(HERE, digest, b"{}")]
    assert [path.name for path in tmp_path.iterdir()] == ["documents.sqlite"]
    assert (tmp_path / "documents.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_python_without_sqlite_has_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (digest,) = keep(tmp_path, b"{}")
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    assert keep(tmp_path, b"[]")
    assert not Cache(tmp_path).has(HERE, digest)

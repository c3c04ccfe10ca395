"""The cache on disk: what a second run asks, what damage does, what two runs at once do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.ask import inspect, verdicts
from tests.support.fault_proxy import Faults, run_faults
from tests.support.push import index, push_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.model.inspection import Inspection
    from tests.support.registry_process import Registry

ROOT = Path(__file__).resolve().parents[3]
GOOD = {"amd64": "supported", "arm64": "supported"}


def methods(faults: Faults) -> list[str]:
    return [request.method for request in faults.seen]


def test_a_second_run_asks_one_head_per_tag(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/tag", "v1", index("linux/amd64", "linux/arm64", salt="cache"))
    with run_faults([], upstream=registry.host) as faults:
        first = inspect(f"{faults.host}/cache/tag:v1", cache=tmp_path)
        assert methods(faults) == ["GET"] * 5
        faults.seen.clear()
        assert inspect(f"{faults.host}/cache/tag:v1", cache=tmp_path) == first
        assert methods(faults) == ["HEAD"]


def test_a_pinned_digest_needs_no_request_at_all(registry: Registry, tmp_path: Path) -> None:
    digest = push_image(registry.host, "cache/pin", "v1", index("linux/amd64", "linux/arm64", salt="pin"))
    with run_faults([], upstream=registry.host) as faults:
        name = f"{faults.host}/cache/pin@{digest}"
        first = inspect(name, cache=tmp_path)
        faults.seen.clear()
        assert inspect(name, cache=tmp_path) == first
        assert not faults.seen


def test_another_repository_does_not_have_what_this_one_has(registry: Registry, tmp_path: Path) -> None:
    digest = push_image(registry.host, "cache/mine", "v1", index("linux/amd64", "linux/arm64", salt="mine"))
    inspect(f"{registry.host}/cache/mine@{digest}", cache=tmp_path)
    (record,) = inspect(f"{registry.host}/cache/other@{digest}", cache=tmp_path)
    assert str(record.verdict) == "absent"


def test_a_tag_that_moves_is_seen(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/move", "v1", index("linux/amd64", "linux/arm64", salt="before"))
    inspect(f"{registry.host}/cache/move:v1", cache=tmp_path)
    push_image(registry.host, "cache/move", "v1", index("linux/amd64", salt="after"))
    (record,) = inspect(f"{registry.host}/cache/move:v1", cache=tmp_path)
    assert verdicts(record) == {"amd64": "supported", "arm64": "missing"}


def _nothing(file: Path) -> None:
    file.write_bytes(b"")


def _text(file: Path) -> None:
    file.write_bytes(b"no database at all\n" * 100)


def _half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _noise_inside(file: Path) -> None:
    """The header stays, the pages behind it are noise."""
    body = file.read_bytes()
    file.write_bytes(body[:4096] + b"\xa5" * (len(body) - 4096))


def _of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE documents (unlike, ours)")


def _other_columns(file: Path) -> None:
    _run_sql(file, "ALTER TABLE documents RENAME COLUMN body TO text")


def _other_documents(file: Path) -> None:
    _run_sql(file, "UPDATE documents SET body = CASE rowid % 3 WHEN 0 THEN x'7b7d' WHEN 1 THEN 'text' END")


def _run_sql(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(sql)


@pytest.mark.parametrize(
    "damage",
    [_nothing, _text, _half, _noise_inside, _of_another_program, _other_columns, _other_documents, Path.unlink],
)
def test_what_is_damaged_is_dropped_and_fetched_again(
    damage: Callable[[Path], None], registry: Registry, tmp_path: Path
) -> None:
    push_image(registry.host, "cache/bad", "v1", index("linux/amd64", "linux/arm64", salt="bad"))
    with run_faults([], upstream=registry.host) as faults:
        name = f"{faults.host}/cache/bad:v1"
        first = inspect(name, cache=tmp_path)
        damage(tmp_path / "documents.sqlite")
        assert inspect(name, cache=tmp_path) == first
        faults.seen.clear()
        assert inspect(name, cache=tmp_path) == first
        assert methods(faults) == ["HEAD"]


def test_two_runs_on_one_cache(registry: Registry, tmp_path: Path) -> None:
    names = []
    for number in range(12):
        push_image(registry.host, f"cache/two-{number}", "v1", index("linux/amd64", "linux/arm64", salt=f"two{number}"))
        names.append(f"{registry.host}/cache/two-{number}:v1")
    found: list[list[Inspection]] = []
    threads = [threading.Thread(target=lambda: found.append(inspect(*names, cache=tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(verdicts(record) == GOOD for records in found for record in records)
    with closing(sqlite3.connect(tmp_path / "documents.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM documents").fetchone() == (60,)


def test_a_file_that_another_program_locks_is_done_without(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/locked", "v1", index("linux/amd64", "linux/arm64", salt="locked"))
    push_image(registry.host, "cache/later", "v1", index("linux/amd64", "linux/arm64", salt="later"))
    inspect(f"{registry.host}/cache/locked:v1", cache=tmp_path)
    names = [f"{registry.host}/cache/locked:v1", f"{registry.host}/cache/later:v1"]
    with closing(sqlite3.connect(tmp_path / "documents.sqlite", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        start = time.monotonic()
        assert all(verdicts(record) == GOOD for record in inspect(*names, cache=tmp_path))
        assert time.monotonic() - start < 4
        database.execute("ROLLBACK")
        assert database.execute("SELECT count(*) FROM documents").fetchone() == (5,)


def test_a_full_disk_costs_the_cache_and_nothing_else(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/full", "v1", index("linux/amd64", "linux/arm64", salt="full"))
    program = (
        "import resource, sys; from buildkit.cli.main import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)); sys.argv[0] = 'kfkit'; main()"
    )
    command = [sys.executable, "-c", program, "inspect", f"{registry.host}/cache/full:v1"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 supported" in done.stdout


def test_a_cache_that_cannot_be_written_is_done_without(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/ro", "v1", index("linux/amd64", "linux/arm64", salt="ro"))
    file = tmp_path / "file"
    file.write_text("in the way")
    (record,) = inspect(f"{registry.host}/cache/ro:v1", cache=file / "cache")
    assert verdicts(record) == GOOD


def test_no_file_is_readable_by_others(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/mode", "v1", index("linux/amd64", salt="mode"))
    inspect(f"{registry.host}/cache/mode:v1", cache=tmp_path / "cache")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "cache").iterdir())

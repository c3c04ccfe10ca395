"""The cache on disk: what a second run asks, what damage does, what two runs at once do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.support.ask import inspect, verdicts
from tests.support.fault_proxy import Faults, run_faults
from tests.support.push import index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.model.inspection import Inspection
    from tests.support.registry_process import Registry

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


def test_what_is_damaged_is_dropped_and_fetched_again(registry: Registry, tmp_path: Path) -> None:
    push_image(registry.host, "cache/bad", "v1", index("linux/amd64", "linux/arm64", salt="bad"))
    name = f"{registry.host}/cache/bad:v1"
    first = inspect(name, cache=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 5
    before = {path: path.read_bytes() for path in files}
    for path, damage in zip(files, (b"", b"{}", before[files[2]][:-1], b"\xff" * 100, b"x"), strict=True):
        path.write_bytes(damage)
    assert inspect(name, cache=tmp_path) == first
    assert {path: path.read_bytes() for path in files} == before


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
    assert len(list(tmp_path.iterdir())) == 60


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

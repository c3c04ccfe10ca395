from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.usage import measure_cache, measure_folder


def test_files_of_every_depth_count_and_links_do_not(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep").write_bytes(b"x" * 1000)
    (tmp_path / "top").write_bytes(b"x" * 24)
    (tmp_path / "link").symlink_to("top")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert measure_folder(tmp_path, seconds=10) == (1024, True)


def test_time_that_is_up_gives_a_lower_bound(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "two").write_bytes(b"x")
    assert measure_folder(tmp_path, seconds=-1) == (1, False)


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = measure_cache(seconds=1)
    assert (cache.path, cache.size, cache.complete) == (str(tmp_path / "kfkit"), 0, True)

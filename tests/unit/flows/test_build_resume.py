"""What an earlier run pushed is known by what went in, the images that it is built on included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildkit.flows.build_results import result_path, write_result
from buildkit.flows.build_resume import key_with, known_result, resumable
from tests.unit.builds.results import AMD64, ARM64, build, digest, pushed, result

if TYPE_CHECKING:
    from pathlib import Path

BASE, TOP = build("base"), build("top", needs=("base",))
KEYS = {(name, platform): digest(f"{name} {platform}") for name in ("base", "top") for platform in (AMD64, ARM64)}


def keep(folder: Path, platform: str, name: str = "app", key: str | None = "k") -> None:
    document = result(of=build(name), results=(pushed(platform, name, key=key),))
    write_result(result_path(folder, name, platform), document)


def test_a_result_of_the_same_key_is_known(tmp_path: Path) -> None:
    keep(tmp_path, AMD64)
    assert known_result(tmp_path, "app", AMD64, "k") == pushed(AMD64, key="k")


@pytest.mark.parametrize("key", ["other", None])
def test_one_of_another_key_or_of_none_is_not(tmp_path: Path, key: str | None) -> None:
    keep(tmp_path, AMD64, key=key)
    assert known_result(tmp_path, "app", AMD64, "k") is None
    assert known_result(tmp_path, "app", AMD64, None) is None


def test_what_cannot_be_read_or_is_anothers_is_no_result(tmp_path: Path) -> None:
    path = result_path(tmp_path, "app", AMD64)
    assert known_result(tmp_path, "app", AMD64, "k") is None
    for text in ("{", '{"schema": "kfkit/build-result/v1"}', '{"schema": "kfkit/pins/v1"}'):
        path.write_text(text)
        assert known_result(tmp_path, "app", AMD64, "k") is None
    keep(tmp_path, ARM64)
    result_path(tmp_path, "app", ARM64).rename(path)
    assert known_result(tmp_path, "app", AMD64, "k") is None
    two = result(AMD64, ARM64)
    write_result(path, replace(two, results=tuple(replace(one, key="k") for one in two.results)))
    assert known_result(tmp_path, "app", AMD64, "k") is None


def test_a_key_without_bases_is_the_key_and_with_them_another() -> None:
    assert key_with("k", []) == "k"
    assert key_with(None, [("base", digest("x"))]) is None
    keys = {key_with("k", [("base", digest(one))]) for one in "ab"} | {key_with("j", [("base", digest("a"))]), "k"}
    assert len(keys) == 4


def test_what_is_built_on_another_is_resumable_where_that_is_and_is_the_same(tmp_path: Path) -> None:
    keep(tmp_path, AMD64, "base", KEYS["base", AMD64])
    top = key_with(KEYS["top", AMD64], [("base", pushed(AMD64, "base").digest)])
    keep(tmp_path, AMD64, "top", top)
    keep(tmp_path, ARM64, "top", KEYS["top", ARM64])
    there = resumable([BASE, TOP], [AMD64, ARM64], KEYS, tmp_path)
    assert there == {("base", AMD64), ("top", AMD64)}
    assert resumable([BASE, TOP], [ARM64], KEYS, tmp_path) == set()


def test_what_is_built_on_a_component_of_another_run_has_its_own_key(tmp_path: Path) -> None:
    keep(tmp_path, ARM64, "top", KEYS["top", ARM64])
    assert resumable([TOP], [ARM64], KEYS, tmp_path) == {("top", ARM64)}


def test_without_keys_nothing_is_resumable(tmp_path: Path) -> None:
    keep(tmp_path, AMD64, "base", KEYS["base", AMD64])
    assert resumable([BASE], [AMD64], {}, tmp_path) == set()

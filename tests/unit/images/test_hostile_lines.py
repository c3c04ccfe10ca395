"""Lines written to make a pattern try every way of reading them: each takes a moment, not for ever."""

from __future__ import annotations

import time

import pytest

from buildkit.images.setters import split_image
from tests.unit.images.finding import config_map, texts

BLANKS = " " * 4000


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("config", f"a=b{BLANKS}b"),
        ("config", f"a='b'{BLANKS}b"),
        ("run__sh", "_image" * 680),
        ("run__sh", "_image" * 100_000),
        ("run__py", f"x_image{BLANKS}x"),
    ],
)
def test_a_line_takes_a_moment(key: str, line: str) -> None:
    start = time.monotonic()
    assert texts(config_map(**{key: f"{{{{ a }}}}\nx: [\nimage\n{line}\n"})) == []
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "line",
    [
        "my_image=r.example.com/a:1",
        "my_image = r.example.com/a:1  ; why",
        "my_image = 'r.example.com/a:1',",
        'export MY_IMAGE="r.example.com/a:1" # why',
        "MY_IMAGE:=r.example.com/a:1",
    ],
)
def test_assignments_are_read(line: str) -> None:
    assert texts(config_map(config=f"[section]\n[other]\n{line}\n")) == ["r.example.com/a:1"]


def test_image_names_split() -> None:
    assert split_image("a:1/b:2@sha256:3") == ("a:1/b", "2", "sha256:3")

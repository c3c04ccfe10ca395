"""Errors of TOML name the line, wherever tomllib does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.edges.toml import parse_toml, read_toml
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb\n", 2),
        ("a = [\n1,\n2\n\n\n", 3),
        ('a = 1\r\nb = """x\r\n', 2),
        ("a = 1\na = 2\n", 2),
        ("a =", 1),
        ("[" * 3, 1),
    ],
)
def test_the_line_comes_first(text: str, line: int) -> None:
    with pytest.raises(UsageError, match=rf"^my\.toml:{line}: "):
        parse_toml(text, "my.toml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'a = "\xff"\n')
    (tmp_path / "large").write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    (tmp_path / "deep").write_bytes(b"a = " + b"[" * 100_000)
    for name in ("none", ".", "latin", "large", "deep"):
        with pytest.raises(UsageError):
            read_toml(tmp_path / name)

"""Patches as real git takes them, whatever a file's lines end in and however it is called."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.pins.apply import order_edits, put_in
from buildkit.pins.patch import unified
from buildkit.pins.pin import Edit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def git(folder: Path, *arguments: str, given_: str = "") -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, input=given_.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def words(text: str, path: str = "x") -> list[Edit]:
    """Replace each `old` by something."""
    places = [index for index in range(len(text)) if text.startswith("old", index)]
    return [Edit(file=path, start=one, end=one + 3, old="old", new=f"new{number}") for number, one in enumerate(places)]


TEXTS = {
    "lf": "a\nb old\nc\n" + "x\n" * 20 + "old\nz\n",
    "crlf": "a\r\nb old old\r\nc\r\n" + "x\r\n" * 5 + "old\r\n",
    "bom": "\ufeffold: 1\r\nb: 2\r\n",
    "mixed": "old\r\nb\nold\rc\n",
    "unended": "a\nb old",
    "other line ends": "a\u2028old\x0cb\x85\nc old\n",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "path", ["plain.yaml", "with space/a b.yaml", "ünï/çödé.yaml", 'quo"te\\s.yaml', "a b 2026-01-01 10:00:00.yaml"]
)
@pytest.mark.parametrize("repository", [".", "..", None])
def test_git_applies_a_patch_byte_for_byte(tmp_path: Path, name: str, path: str, repository: str | None) -> None:
    text = TEXTS[name]
    root = tmp_path / "release"
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(text.encode())
    if repository:
        git(root / repository, "init", "-q")
    patch = unified(path, text, words(text))
    git(root, "apply", "--check", given_=patch)
    git(root, "apply", given_=patch)
    assert (root / path).read_bytes() == put_in(text, words(text)).encode()


def test_lines_that_come_and_go_are_applied(tmp_path: Path) -> None:
    text = "".join(f"{number}\n" for number in range(60))
    edits = (
        Edit(file="x", start=0, end=2, old="0\n", new=""),
        Edit(file="x", start=text.index("9\n"), end=text.index("9\n") + 4, old="9\n10", new="9\nnine\nand\n10"),
        Edit(file="x", start=text.index("12"), end=text.index("12") + 3, old="12\n", new=""),
        Edit(file="x", start=len(text), end=len(text), old="", new="end"),
    )
    (tmp_path / "x").write_text(text)
    git(tmp_path, "apply", given_=unified("x", text, edits))
    assert (tmp_path / "x").read_text() == put_in(text, edits)


def test_the_patch_of_nothing_is_empty() -> None:
    assert unified("x", "old\n", []) == ""
    assert unified("x", "old\n", [Edit(file="x", start=0, end=3, old="old", new="old")]) == ""


@given(st.integers(min_value=0, max_value=2**32))
def test_any_edits_of_any_lines_are_applied(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    pick = random.Random(seed)  # noqa: S311
    text = "".join(pick.choice(["a", "b\n", "c\r\n", "\n", "dd "]) for _ in range(pick.randrange(1, 40)))
    edits = []
    place = 0
    while place < len(text):
        start = pick.randrange(place, len(text))
        end = pick.randrange(start, min(start + 4, len(text)) + 1)
        new = "".join(pick.choice(["x", "y\n", "\r\n"]) for _ in range(pick.randrange(3)))
        edits.append(Edit(file="x", start=start, end=end, old=text[start:end], new=new))
        place = end + 1 + pick.randrange(12)
    ordered = order_edits(text, edits)
    after, patch = put_in(text, ordered), unified("x", text, ordered)
    folder = tmp_path_factory.mktemp("any")
    (folder / "x").write_bytes(text.encode())
    if patch:
        git(folder, "apply", "--unidiff-zero", given_=patch)
    left = (folder / "x").read_bytes() if (folder / "x").exists() else b""
    assert left == after.encode()

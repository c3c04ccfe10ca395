"""What a build reads, held against what changed; and what its .dockerignore leaves out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.builds.changed import Inputs, is_changed
from buildkit.builds.ignore import glob_matches, parse_ignore


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("apps/a/main.go", True),
        ("apps/a", True),
        ("apps/ab/main.go", False),
        ("README.md", False),
        ("build/Dockerfile", True),
        ("build/Dockerfile.dockerignore", True),
        ("build/other", False),
        ("apps/a/.dockerignore", True),
        (".dockerignore", False),
        ("apps/", True),
        ("apps/b/", False),
    ],
)
def test_a_dockerfile_may_stand_outside_its_context(path: str, *, changed: bool) -> None:
    inputs = Inputs(context="apps/a", dockerfile="build/Dockerfile")
    assert is_changed(inputs, [path]) is changed


def test_what_no_builder_sees_does_not_count() -> None:
    inputs = Inputs(
        context=".", dockerfile="Dockerfile", ignore="*.md\ndocs\nDockerfile\n.dockerignore\n!docs/keep.txt"
    )
    assert not is_changed(inputs, ["README.md", "docs/a/b.txt"])
    for path in ("docs/keep.txt", "a/README.md", "Dockerfile", ".dockerignore", "docs/"):
        assert is_changed(inputs, [path]), path


def test_nothing_changed_is_nothing_to_build() -> None:
    assert not is_changed(Inputs(context=".", dockerfile="Dockerfile"), [])


@pytest.mark.parametrize(
    ("pattern", "path", "out"),
    [
        ("a", "a", True),
        ("a", "b/a", False),
        ("/a", "a", True),
        ("a/", "a/b", True),
        ("**/a", "a", True),
        ("**/a", "x/y/a/z", True),
        ("a/**", "a/b", True),
        ("a/**", "a", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("*.go", "main.go", True),
        ("*.go", "x/main.go", False),
        ("*/*.go", "x/main.go", True),
        ("?.go", "ab.go", False),
        ("a/../b", "b", True),
        ("a*b*c", "aXbYbZc", True),
        ("a*b*c", "aXbYbZ", False),
        ("# a", "# a", False),
        ("  a  ", "a", True),
        ("*", "anything/below", True),
        ("**", "anything/below", True),
        (".", "a", False),
        ("[ab]", "a", False),
        ("a\\b", "a", False),
        ("../a", "a", False),
    ],
)
def test_patterns_match_as_buildkit_has_them_and_odd_ones_leave_nothing_out(
    pattern: str, path: str, *, out: bool
) -> None:
    assert parse_ignore(pattern).leaves_out([path]) is out


def test_the_last_pattern_that_matches_wins() -> None:
    ignore = parse_ignore("*\n!a\na/b\n!a/b/c\n")
    assert [ignore.leaves_out([path]) for path in ("x", "a/x", "a/b/x", "a/b/c")] == [True, False, True, False]


def test_more_patterns_than_anyone_has_leave_nothing_out() -> None:
    assert not parse_ignore("a\n" * 1001).leaves_out(["a"])
    assert not parse_ignore("a" * 501).leaves_out(["a" * 501])


def test_a_hostile_pattern_takes_no_longer_than_another() -> None:
    start = time.process_time()
    for glob, path in (("*a" * 240 + "b", "a" * 4000), ("**/" * 160 + "b", "a/" * 1000 + "a")):
        assert not glob_matches(glob, path)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/".join(["**", "a"] * 100), "/".join("a" * 1000)),
        ("/".join(["**", "*a" * 8] * 25), "/".join(["a" * 200] * 15)),
    ],
)
def test_a_hostile_ignore_file_leaves_nothing_out_after_a_while(pattern: str, path: str) -> None:
    text = "\n".join(f"{pattern}/{number}" for number in range(900))
    start = time.process_time()
    inputs = Inputs(context=".", dockerfile="Dockerfile", ignore=f"{text}\n{path[:3]}")
    assert is_changed(inputs, [f"{path}/{number}" for number in range(10_000)])
    assert time.process_time() - start < 10


def test_thousands_of_files_that_are_left_out_are_settled_at_once() -> None:
    text = "\n".join(f"dir{number}/**/*.pyc" for number in range(40))
    changed = [f"node_modules/p{number}/lib/x/y/z/f.js" for number in range(10_000)]
    start = time.process_time()
    assert not is_changed(Inputs(context=".", dockerfile="Dockerfile", ignore=f"{text}\nnode_modules"), changed)
    assert time.process_time() - start < 2


@given(st.text(), st.lists(st.sampled_from(["a", "b", "*", "**", "c.go"]), min_size=1, max_size=6))
def test_whatever_stands_in_the_file_every_path_has_an_answer(text: str, parts: list[str]) -> None:
    assert parse_ignore(text).leaves_out(["/".join(parts)]) in {True, False}

"""A difference as lines: exact where it is short, cut where it is long, never two lines that look the same."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.compare.comparison import ABSENT, Absent, Json
from buildkit.report.diff_lines import Line, changed_blocks, lines_of, shown
from tests.unit.report.diffs import change

TEXT = st.text(st.characters(), max_size=40)
LINES = st.lists(st.sampled_from(["", "a", "b", "c", "d", "  a", "a ", "\t", "é"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


def lines(a: Json | Absent, b: Json | Absent, most: int = 24) -> list[str]:
    return [f"{one.sign} {one.text}" for one in lines_of(change("x", a, b), most)]


def seen(found: list[Line] | tuple[Line, ...], sign: str) -> list[str]:
    return [one.text for one in found if one.sign == sign]


def test_a_number_and_its_text_are_told_apart() -> None:
    assert lines(1, "1") == ["- 1", '+ "1"']
    assert lines(None, "null") == ["- null", '+ "null"']
    assert lines(True, "true") == ["- true", '+ "true"']  # noqa: FBT003  # a value


def test_an_absent_side_has_no_line() -> None:
    assert lines(ABSENT, {}) == ["+ {}"]
    assert lines("", ABSENT) == ['- ""']


def test_a_subtree_is_shown_as_yaml() -> None:
    value: Json = {"ports": [{"name": "http", "port": 80}], "env": [], "run": "a\nb \n", "y": None, "a b": [[1, 2], 3]}
    assert lines(value, ABSENT) == [
        '- "a b":',
        "- - - 1",
        "-   - 2",
        "- - 3",
        "- env: []",
        "- ports:",
        '- - name: "http"',
        "-   port: 80",
        "- run: |",
        "-   a",
        "-   b·",
        "- y: null",
    ]


def test_a_long_text_is_shown_by_its_changed_lines() -> None:
    before = "".join(f"line {number}\n" for number in range(40))
    after = before.replace("line 10\n", "line ten  \n").replace("line 30\n", "")
    assert lines(before, after) == [
        *("~ line 8:", "  line 7", "  line 8", "  line 9", "- line 10", "+ line ten··"),
        *("  line 11", "  line 12", "  line 13", "~ line 28:", "  line 27", "  line 28", "  line 29"),
        *("- line 30", "  line 31", "  line 32", "  line 33"),
    ]


def test_changes_near_each_other_share_what_stands_between_them() -> None:
    assert lines("a\nb\nc\nd\n", "A\nb\nc\nD\n") == ["- a", "+ A", "  b", "  c", "- d", "+ D"]


def test_a_line_break_at_the_end_is_a_difference_to_be_seen() -> None:
    assert lines("a\nb\n", "a\nb")[-1] == "+ (no line break at the end)"
    assert lines("a\n", "a") == ['- "a\\n"', '+ "a"']
    assert lines("a\nb\n", "a\nb\n\n")[-1] == "+ "


def test_of_a_long_line_the_part_that_differs_is_shown() -> None:
    a, b = "x" * 5000 + "1" + "y" * 5000, "x" * 5000 + "2" + "y" * 5000
    first, second = lines(a, b)
    assert max(len(first), len(second)) < 300
    assert "x1y" in first
    assert "x2y" in second
    assert "characters" in first
    first, second = [line for line in lines(f"a\n{a}\n", f"a\n{b}\n") if line[0] in "-+"]
    assert "x1y" in first
    assert "x2y" in second


def test_characters_that_do_not_show_are_escapes() -> None:
    assert shown("a\x1b[2J\u202e\u200b\xa0\tb") == "a\\u001b[2J\\u202e\\u200b\\u00a0\\tb"
    assert lines("e\u0301", "\xe9") == ['- "e\\u0301"', '+ "\\u00e9"']
    assert lines("a\nb\r\n", "a\nb\n")[-2:] == ["- b\\r", "+ b"]


def test_what_is_huge_is_cut_and_says_by_how_much() -> None:
    found = lines([{"name": f"n{number}"} for number in range(1000)], ABSENT)
    assert len(found) == 24
    assert found[-1] == "~ … 977 more lines"
    text = "".join(f"{number}\n" for number in range(1000))
    both = lines_of(change("x", text, text.replace("\n", "x\n")), 24)
    assert len(both) <= 25
    assert seen(both, "-")
    assert seen(both, "+")


def test_deep_values_are_cut_too() -> None:
    value: Json = 1
    for _ in range(200):
        value = {"a": value}
    assert any("…" in line for line in lines(value, ABSENT, 100))


@given(a=LINES, b=LINES)
def test_the_blocks_turn_one_text_into_the_other(a: list[str], b: list[str]) -> None:
    made, at = list[str](), 0
    for a_from, a_to, b_from, b_to in changed_blocks(a, b):
        made += a[at:a_from] + b[b_from:b_to]
        at = a_to
    assert made + a[at:] == b


@given(a=LINES, b=LINES)
def test_lines_that_are_the_same_stay_out(a: list[str], b: list[str]) -> None:
    for a_from, a_to, b_from, b_to in changed_blocks(a, b):
        assert a[a_from:a_to] != b[b_from:b_to]
    assert changed_blocks(a, a) == []


@pytest.mark.parametrize("kinds", [1, 2, 300, 100_000])
def test_hostile_texts_take_no_long_time(kinds: int) -> None:
    dice = random.Random(kinds)  # noqa: S311  # the same every time
    a, b = (["\n".join(str(dice.randrange(kinds)) for _ in range(50_000))] for _ in range(2))
    start = time.perf_counter()
    lines_of(change("x", a[0], b[0] + "\nend"), 24)
    assert time.perf_counter() - start < 5


@given(a=VALUES, b=VALUES)
def test_what_differs_never_looks_the_same_and_steers_no_terminal(a: Json, b: Json) -> None:
    found = lines_of(change("x", a, b), 1000)
    if isinstance(a, str) and isinstance(b, str) and a != b:
        assert seen(found, "-") != seen(found, "+")
    for line in found:
        assert line.text.isprintable(), line
        line.text.encode()


@given(value=VALUES)
def test_a_value_is_never_without_a_line(value: Json) -> None:
    assert lines_of(change("x", value, ABSENT), 24)

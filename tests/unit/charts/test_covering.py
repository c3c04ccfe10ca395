"""Covering arrays: every pair is there, in few rows, always the same ones."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.covering import covering_array


def sized(*sizes: int) -> dict[str, range]:
    return {f"p{number}": range(size) for number, size in enumerate(sizes)}


def lacking(parameters: Mapping[str, Sequence[object]], rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Pairs that no row has, and values that none has where there is but one parameter."""
    missing = [
        f"{a}, {b}"
        for a, b in combinations(parameters, 2)
        if len({(row[a], row[b]) for row in rows}) != len(parameters[a]) * len(parameters[b])
    ]
    return missing + [name for name, values in parameters.items() if {row[name] for row in rows} != set(values)]


@given(st.lists(st.integers(1, 6), max_size=30))
def test_every_pair_of_values_stands_in_some_row(sizes: list[int]) -> None:
    parameters = sized(*sizes)
    rows = covering_array(parameters)
    assert lacking(parameters, rows) == []
    assert all(list(row) == list(parameters) for row in rows)


@given(st.integers(0, 80), st.lists(st.integers(3, 9), max_size=2))
def test_every_pair_stands_there_where_most_have_two_values(two: int, larger: list[int]) -> None:
    parameters = sized(*[2] * two, *larger)
    assert lacking(parameters, covering_array(parameters)) == []


@pytest.mark.parametrize(
    ("sizes", "most"),
    [
        ((2,), 2),
        ((2, 2), 4),
        ((2,) * 3, 4),
        ((1, 2, 1), 2),
        ((2,) * 120, 10),
        ((2,) * 126, 10),
        ((2,) * 127, 11),
        ((3, *(2,) * 119), 16),
        ((7, *(2,) * 119), 16),
        ((3, 3, *(2,) * 100), 18),
        ((5,) * 10, 48),
    ],
)
def test_rows_are_few(sizes: tuple[int, ...], most: int) -> None:
    assert len(covering_array(sized(*sizes))) <= most


def test_hundreds_of_parameters_take_no_time() -> None:
    start = time.monotonic()
    covering_array(sized(7, 5, *[2] * 500))
    assert time.monotonic() - start < 1


def test_the_same_parameters_give_the_same_rows_whatever_their_values_are() -> None:
    values: dict[str, list[object]] = {"a": [None, {"x": 1}], "b": [[], [1], "c"]}
    rows = covering_array(values)
    assert rows == covering_array(values)
    assert {"a": {"x": 1}, "b": "c"} in rows


def test_where_none_has_more_than_two_the_first_row_has_all_first_values() -> None:
    assert covering_array(sized(2, 1, 2, 2))[0] == {"p0": 0, "p1": 0, "p2": 0, "p3": 0}


def test_no_parameters_are_no_rows() -> None:
    assert covering_array({}) == ()


def test_a_parameter_without_values_is_an_error() -> None:
    with pytest.raises(ValueError, match="b has no values"):
        covering_array({"a": [1], "b": []})

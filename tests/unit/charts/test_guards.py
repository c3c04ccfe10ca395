"""Lines under conditions."""

from __future__ import annotations

import pytest

from buildkit.charts.guards import choice, guarded, together

EQ = 'eq .Values.profile "a"'
NE = 'ne .Values.profile "a"'


def test_each_way_stands_under_its_condition_and_the_rest_under_else() -> None:
    assert choice("  ", [("x", ["  a"]), ("y", ["  b"]), ("", ["  c"])]) == [
        "  {{- if x }}", "  a", "  {{- else if y }}", "  b", "  {{- else }}", "  c", "  {{- end }}",
    ]  # fmt: skip
    assert choice("", [("", ["a"])]) == ["a"]
    assert choice("", []) == []


def test_an_if_under_else_is_an_else_if() -> None:
    inner = guarded("", "y", ["b"], ["c"])
    assert choice("", [("x", ["a"]), ("", inner)]) == [
        "{{- if x }}", "a", "{{- else if y }}", "b", "{{- else }}", "c", "{{- end }}",
    ]  # fmt: skip


def test_an_if_under_else_with_more_behind_it_stays_one() -> None:
    inner = [*guarded("", "y", ["b"]), *guarded("", "z", ["c"])]
    assert choice("", [("x", ["a"]), ("", inner)]) == ["{{- if x }}", "a", "{{- else }}", *inner, "{{- end }}"]


def test_parts_of_one_condition_stand_under_one_if() -> None:
    assert together([guarded("", "x", ["a"]), guarded("", "x", ["b"]), ["c"], guarded("", "x", ["d"])]) == [
        "{{- if x }}", "a", "b", "{{- end }}", "c", "{{- if x }}", "d", "{{- end }}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"), [(EQ, NE), (NE, EQ), ("has a (list b)", "not (has a (list b))"), ("not (has a b)", "has a b")]
)
def test_opposite_conditions_are_if_and_else(one: str, other: str) -> None:
    assert together([guarded("", one, ["a"]), guarded("", other, ["b"])]) == [
        f"{{{{- if {one} }}}}", "a", "{{- else }}", "b", "{{- end }}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "part",
    [
        guarded("", "x", ["b"], ["c"]),
        [*guarded("", "x", ["b"]), "c"],
        [*guarded("", "x", ["b"]), *guarded("", "y", ["c"])],
        ["{{- range x }}", "b", "{{- end }}"],
        [],
    ],
)
def test_what_is_more_than_one_if_stays_as_it_is(part: list[str]) -> None:
    first = guarded("", "x", ["a"])
    assert together([first, part]) == [*first, *part]


def test_ifs_within_are_counted() -> None:
    inner = guarded("", "y", ["b"], ["c"])
    part = guarded("", "x", inner)
    assert together([guarded("", "x", ["a"]), part]) == ["{{- if x }}", "a", *inner, "{{- end }}"]

"""What stands for any values, and what asks for the rest."""

from __future__ import annotations

import pytest

from buildkit.charts.expressions import Expressions
from buildkit.charts.marks import ABSENT, Choice, Extended, Setting, Tree, When
from buildkit.charts.presence import certain, filled

A, B, AB = frozenset("a"), frozenset("b"), frozenset("ab")
ABSENT_SETTING = Setting(("v",), "string", ABSENT)


@pytest.mark.parametrize(
    ("tree", "profiles"),
    [
        ("x", AB), (None, AB), ({}, AB), (Setting(("v",), "string", "x"), AB), (ABSENT_SETTING, frozenset()),
        (Extended("v", ()), frozenset()), (Extended("v", ("x",)), AB), (Extended("v", (), "", []), AB),
        (When("v", "x"), frozenset()), (Choice(((A, "x"),)), A), (Choice(((A, "x"), (B, ABSENT_SETTING))), A),
    ],
)  # fmt: skip
def test_a_tree_stands_in_some_profiles_for_any_values(tree: Tree, profiles: frozenset[str]) -> None:
    assert certain(tree, AB) == profiles


@pytest.mark.parametrize(
    ("tree", "test"),
    [
        ({"x": 1, "y": ABSENT_SETTING}, ""),
        ({"x": Choice(((A, 1),)), "y": Choice(((B, 1),))}, ""),
        ({"y": ABSENT_SETTING}, ".Values.v"),
        ({"y": Setting(("v",), "integer", ABSENT)}, 'not (kindIs "invalid" .Values.v)'),
        ({"x": When("w", 1), "y": Extended("v", ())}, "or .Values.w .Values.v"),
        ({"x": Choice(((A, 1),)), "y": ABSENT_SETTING}, 'or (eq .Values.profile "a") .Values.v'),
        ({"x": Choice(((A, ABSENT_SETTING),))}, 'and (eq .Values.profile "a") .Values.v'),
        ({"x": ABSENT_SETTING, "y": ABSENT_SETTING}, ".Values.v"),
    ],
)
def test_a_mapping_that_may_be_empty_asks_for_its_entries(tree: dict[str, Tree], test: str) -> None:
    assert filled(tree, AB, Expressions(chart="c")) == test

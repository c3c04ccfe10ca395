"""Names in a list that a value adds to."""

from __future__ import annotations

from buildkit.charts.growing import names_of
from buildkit.charts.marks import ABSENT, Choice, Namespace, Setting, Text, Tree

A, B, AB = frozenset("a"), frozenset("b"), frozenset("ab")


def test_each_profile_has_its_own_names() -> None:
    text = Text((Namespace("kubeflow"),))
    items: list[Tree] = [
        {"name": "x", "value": 1},
        Choice(((A, {"name": "y"}), (B, {"name": text}))),
        {"name": Choice(((A, "z"),))},
        {"name": Setting(("v",), "string", "s")},
        {"name": Setting(("v",), "string", ABSENT)},
        {"name": 7},
        {},
        None,
    ]
    assert names_of(items, AB).variants == ((A, ["x", "y", "z", "s"]), (B, ["x", text, "s"]))


def test_profiles_of_the_same_names_are_together() -> None:
    assert names_of([{"name": "x"}], AB).variants == ((AB, ["x"]),)
    assert names_of([], AB).variants == ((AB, []),)

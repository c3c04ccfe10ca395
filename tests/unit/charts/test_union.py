"""Profiles made one."""

from __future__ import annotations

import time

import pytest

from buildkit.charts.evaluation import evaluate
from buildkit.charts.marks import ABSENT, Choice, Extended, Hashed, MarkedObject, Setting, Text, Tree, When
from buildkit.charts.union import DuplicateError, is_hashed, merge, unite
from tests.support.chart_parts import thing

A, B, AB = frozenset("a"), frozenset("b"), frozenset("ab")


def of(tree: Tree, profile: str) -> object:
    """What a profile has in a union."""
    if isinstance(tree, Choice):
        found = [of(one, profile) for some, one in tree.variants if profile in some]
        return found[0] if found else ABSENT
    if isinstance(tree, dict):
        pairs = {key: of(value, profile) for key, value in tree.items()}
        return {key: value for key, value in pairs.items() if value is not ABSENT}
    if isinstance(tree, list):
        return [value for one in tree if (value := of(one, profile)) is not ABSENT]
    return tree


def variants(tree: Tree) -> tuple[tuple[frozenset[str], Tree], ...]:
    assert isinstance(tree, Choice)
    return tree.variants


def test_what_is_equal_is_no_choice() -> None:
    tree: Tree = {"a": [1, {"b": None}], "c": "x"}
    assert merge({"a": tree, "b": {"a": [1, {"b": None}], "c": "x"}}) == tree


def test_what_differs_is_a_choice_where_it_differs_and_only_there() -> None:
    merged = merge({"a": {"same": 1, "x": 1}, "b": {"same": 1, "x": 2}})
    assert isinstance(merged, dict)
    assert merged["same"] == 1
    assert variants(merged["x"]) == ((A, 1), (B, 2))


def test_a_key_that_a_profile_lacks_is_guarded() -> None:
    merged = merge({"a": {"x": 1, "y": 1}, "b": {"y": 1}})
    assert isinstance(merged, dict)
    assert variants(merged["x"]) == ((A, 1),)


@pytest.mark.parametrize(
    ("a", "b"), [({}, {"x": 1}), ([], [1]), ({}, None), (1, True), (0, False), (1, "1"), ("", None), ([], {})]
)
def test_what_is_not_alike_stays_apart(a: Tree, b: Tree) -> None:
    merged = merge({"a": a, "b": b})
    assert of(merged, "a") == a
    assert of(merged, "b") == b
    assert type(of(merged, "a")) is type(a)


def test_elements_with_names_are_merged_by_their_names() -> None:
    merged = merge({"a": [{"name": "x", "v": 1}, {"name": "y"}], "b": [{"name": "x", "v": 2}]})
    assert isinstance(merged, list)
    first, second = merged
    assert isinstance(first, dict)
    assert first["name"] == "x"
    assert variants(second) == ((A, {"name": "y"}),)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2, 3], [3, 2, 1]),
        ([1, 1, 1], [1]),
        ([{"name": "x"}, {"name": "x"}], [{"name": "x"}]),
        ([{"name": "x"}, {"name": "y"}], [{"name": "y"}, {"name": "x"}]),
        (["a", "b"], ["a", "new", "b"]),
        ([[1], [2]], [[2]]),
        ([1], [True]),
    ],
)
def test_each_profile_keeps_its_list_in_its_order(a: list[Tree], b: list[Tree]) -> None:
    merged = merge({"a": a, "b": b})
    assert (of(merged, "a"), of(merged, "b")) == (a, b)


def test_long_lists_that_have_nothing_in_common_take_no_time() -> None:
    start = time.monotonic()
    a, b = ["x"] * 6000, [*["x"] * 3000, "y", *["x"] * 3001]
    merged = merge({"a": a, "b": b})
    assert time.monotonic() - start < 5
    assert (of(merged, "a"), of(merged, "b")) == (a, b)


def test_settings_of_one_value_are_one_with_a_choice_of_defaults() -> None:
    merged = merge({"a": Setting(("v",), "integer", 1), "b": Setting(("v",), "integer", 2)})
    assert isinstance(merged, Setting)
    assert variants(merged.default) == ((A, 1), (B, 2))  # type: ignore[arg-type]
    absent = merge({"a": Setting(("v",), "integer", ABSENT), "b": Setting(("v",), "integer", ABSENT)})
    assert isinstance(absent, Setting)
    assert absent.default is ABSENT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Setting(("v",), "integer", 1), Setting(("v",), "integer", ABSENT)),
        (Setting(("v",), "integer", 1), Setting(("w",), "integer", 1)),
        (Extended("v", ()), Extended("v", ("x",))),
        (Extended("v", ()), Extended("v", (), "", [])),
        (Extended("v", (), "", None), Extended("v", (), "", [])),
        (When("v", 1), When("w", 1)),
    ],
)
def test_marks_that_mean_something_else_stay_apart(one: Tree, other: Tree) -> None:
    assert [some for some, _ in variants(merge({"a": one, "b": other}))] == [A, B]


def test_lists_that_grow_are_one() -> None:
    merged = merge({"a": Extended("v", ("x",), "", ()), "b": Extended("v", ("x", "y"), "", ())})
    assert isinstance(merged, Extended)
    assert merged.items[0] == "x"
    assert variants(merged.items[1]) == ((B, "y"),)


def test_generated_names_are_one_whatever_their_hashes_are() -> None:
    one, other = (Text((Hashed("Secret", "s", name),)) for name in ("s-1", "s-2"))
    assert merge({"a": one, "b": other}) == one


def test_objects_stand_in_the_order_of_the_profiles_that_have_them_first() -> None:
    united = unite({"a": [thing("y", 1), thing("x", 1)], "b": [thing("z", 1), thing("x", 2)]})
    assert [(one.key[3], one.profiles) for one in united] == [("y", A), ("x", AB), ("z", B)]


def test_an_object_twice_in_one_profile_is_refused() -> None:
    with pytest.raises(DuplicateError, match="profile a has two objects test/Thing/x"):
        unite({"a": [thing("x", 1), thing("x", 2)]})


def test_a_generated_object_is_another_one_than_that_which_is_named_like_its_stem() -> None:
    key = ("", "Secret", "kubeflow", "s")
    plain = MarkedObject(key=key, body={"kind": "Secret", "metadata": {"name": "s"}})
    made = MarkedObject(key=key, body={"kind": "Secret", "metadata": {"name": Text((Hashed("Secret", "s", "s-1"),))}})
    assert (is_hashed(plain), is_hashed(made)) == (False, True)
    assert len(unite({"a": [plain, made]})) == 2


def test_a_union_itself_cannot_be_evaluated() -> None:
    with pytest.raises(TypeError):
        evaluate([thing("x", Choice(((A, 1),)))], {}, "kubeflow")

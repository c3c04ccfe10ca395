"""What marks mean for some values."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from buildkit.charts.evaluation import RefusedError, evaluate, image_reference, is_set
from buildkit.charts.hashes import hashed_name
from buildkit.charts.marks import (
    ABSENT,
    Condition,
    Extended,
    Hashed,
    Image,
    MarkedObject,
    Namespace,
    Setting,
    Text,
    Tree,
    When,
    Word,
)
from tests.support.chart_parts import thing

DIGEST = "sha256:" + "a" * 64


def held(tree: Tree, values: dict[str, Any] | None = None, namespace: str = "kubeflow") -> object:
    (one,) = evaluate([thing("x", {"it": tree})], values or {}, namespace)
    return one["held"].get("it", ABSENT)  # type: ignore[union-attr]


@pytest.mark.parametrize(("value", "counts"), [(None, False), ("", False), ([], False), ({}, False), (0, True),
                                               (False, True), ("x", True), ([0], True)])  # fmt: skip
def test_nothing_empty_is_set_but_zero_and_false_are(value: object, counts: bool) -> None:  # noqa: FBT001
    assert is_set(value) is counts


def test_a_text_is_its_pieces_one_behind_the_other() -> None:
    text = Text(
        ("http://", Word("db.host", "string", "mysql"), ".", Namespace("kubeflow"), ":", Word("p", "integer", "1"))
    )
    assert held(text) == "http://mysql.kubeflow:1"
    assert held(text, {"db": {"host": "h"}, "p": 0}, "other") == "http://h.other:0"


def test_a_word_of_a_secret_is_encoded_set_or_not() -> None:
    word = Text((Word("v", "boolean", "x"),), encoded=True)
    assert held(word) == "eA=="
    assert held(word, {"v": False}) == "ZmFsc2U="


def test_the_place_of_an_unset_value_may_name_the_namespace() -> None:
    assert held(Text((Word("v", "string", Text(("a.", Namespace("kubeflow")))),)), {}, "n") == "a.n"


def test_a_setting_is_the_first_that_is_set_else_what_stood_there() -> None:
    setting = Setting(("own", "all"), "string", "old")
    assert held(setting) == "old"
    assert held(setting, {"all": "a"}) == "a"
    assert held(setting, {"all": "a", "own": "o"}) == "o"
    assert held(Setting(("own",), "string", ABSENT), {"own": ""}) is ABSENT


def test_a_list_grows_behind_what_it_has() -> None:
    more = [{"name": "b"}]
    assert held(Extended("v", ({"name": "a"},)), {"v": more}) == [{"name": "a"}, {"name": "b"}]
    assert held(Extended("v", ()), {}) is ABSENT
    assert held(Extended("v", (), "", []), {}) == []
    assert held(Extended("v", (), "name", None), {"v": ["b"]}) == [{"name": "b"}]


def test_a_name_that_stands_there_already_is_left_out_where_it_is_all_that_an_element_is() -> None:
    assert held(Extended("v", ({"name": "a"},), "name"), {"v": ["a", "b"]}) == [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize("more", [[{"name": "a", "value": "1"}], [{"name": "b"}, {"name": "b"}]])
def test_an_element_of_a_name_that_stands_there_already_is_refused(more: list[Any]) -> None:
    with pytest.raises(RefusedError, match=r"v: [ab] stands there already"):
        held(Extended("v", ({"name": "a"},)), {"v": more})


def test_what_stands_only_while_a_value_is_on_is_away_else() -> None:
    assert held(When("v", "x"), {"v": True}) == "x"
    assert held(When("v", "x"), {"v": False}) is ABSENT
    assert held(When("v", "x")) is ABSENT


@pytest.mark.parametrize(
    ("test", "value", "stands"),
    [
        ("unless", "", True), ("unless", "x", False), ("unless", None, True),
        ("exists", None, True), ("exists", True, True), ("exists", False, False),
        ("enabled", None, True), ("enabled", True, True), ("enabled", False, False),
        ("is", None, False), ("is", True, True), ("is", False, False),
    ],
)  # fmt: skip
def test_an_object_stands_while_its_conditions_hold(test: str, value: object, stands: bool) -> None:  # noqa: FBT001
    found = evaluate([thing("x", 1, (Condition("a.v", test),))], {"a": {"v": value}}, "kubeflow")
    assert bool(found) is stands


@pytest.mark.parametrize(
    ("reference", "said", "wanted"),
    [
        ("mysql:8", {}, "mysql:8"),
        ("mysql:8", {"registry": "m.example"}, "m.example/library/mysql:8"),
        ("docker.io/mysql", {"registry": "m.example"}, "m.example/library/mysql"),
        ("index.docker.io/a/b", {"tag": "2"}, "index.docker.io/a/b:2"),
        ("a/b:1", {"registry": "m.example"}, "m.example/a/b:1"),
        ("ghcr.io/a/b:1", {"registry": "m.example:5000/x"}, "m.example:5000/x/a/b:1"),
        ("ghcr.io/a/b:1", {"repository": "c"}, "ghcr.io/c:1"),
        ("mysql:8", {"repository": "c"}, "c:8"),
        (f"ghcr.io/a/b:1@{DIGEST}", {"tag": "2"}, "ghcr.io/a/b:2"),
        ("ghcr.io/a/b:1", {"digest": DIGEST}, f"ghcr.io/a/b:1@{DIGEST}"),
        (f"ghcr.io/a/b@{DIGEST}", {"tag": "2", "digest": DIGEST}, f"ghcr.io/a/b:2@{DIGEST}"),
        ("localhost/b", {"tag": "2"}, "localhost/b:2"),
        ("h:5000/b", {"tag": "2"}, "h:5000/b:2"),
    ],
)
def test_what_is_set_takes_the_place_of_its_part_of_a_reference(
    reference: str, said: dict[str, str], wanted: str
) -> None:
    assert image_reference({"images": {"x": said}}, "x", reference) == wanted
    assert held(Text((Image("x", reference),)), {"images": {"x": said}}) == wanted


def test_an_images_own_registry_counts_before_the_one_for_all() -> None:
    values = {"global": {"imageRegistry": "all.example"}, "images": {"x": {"registry": "own.example"}}}
    assert image_reference(values, "x", "a/b") == "own.example/a/b"
    assert image_reference(values, "y", "a/b") == "all.example/a/b"


def test_a_generated_name_and_what_refers_to_it_follow_what_the_object_holds() -> None:
    name = Text((Hashed("ConfigMap", "c", "c-old", "kubeflow"),))
    body: dict[str, Tree] = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": Text((Word("v", "string", "x"),))}}
    one = MarkedObject(key=("", "ConfigMap", "kubeflow", "c"), body={**body, "metadata": {"name": name}})
    found, user = evaluate([one, thing("u", name)], {"v": "y"}, "kubeflow")
    wanted = hashed_name({"kind": "ConfigMap", "data": {"a": "y"}}, "c")
    assert found["metadata"] == {"name": wanted}
    assert user["held"] == wanted
    elsewhere = dataclasses.replace(one, key=("", "ConfigMap", "other", "c"))
    assert evaluate([elsewhere, thing("u", name)], {"v": "y"}, "kubeflow")[1]["held"] == "c-old"

"""A specification's values in their places."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.evaluation import evaluate
from buildkit.charts.marks import MarkedObject
from buildkit.charts.placing import Placing
from buildkit.charts.spec import Accepted, SpecValue, Spot
from tests.support.chart_parts import spec

KEY = ("", "ConfigMap", "kubeflow", "c")
SECRET = ("", "Secret", "kubeflow", "c")


def value(*at: Spot, kind: Any = "string", **more: Any) -> SpecValue:
    return SpecValue(name="db.host", kind=kind, description="d", sample="s", at=at, **more)


def put(placed: SpecValue, body: dict[str, Any], said: object, key: Any = KEY) -> Any:
    marked = Placing(spec(values=(placed,))).place(key, body)
    (one,) = evaluate([MarkedObject(key=key, body=marked)], {"db": {"host": said}}, "kubeflow")
    return one


@pytest.mark.parametrize(
    ("kind", "known", "said", "wanted"),
    [
        ("string", "old", "new", "new"),
        ("integer", 3306, 1, 1),
        ("integer", "3306", 1, "1"),
        ("boolean", "true", False, "false"),
        ("boolean", True, False, False),
        ("array", [1], [2], [2]),
        ("object", {"a": 1}, {"b": 2}, {"b": 2}),
    ],
)
def test_a_value_takes_a_whole_place_in_the_type_that_stands_there(
    kind: str, known: object, said: object, wanted: object
) -> None:
    one = value(Spot(object="ConfigMap/c", path="data.a[0]"), kind=kind)
    assert put(one, {"data": {"a": [known]}}, said) == {"data": {"a": [wanted]}}
    assert put(one, {"data": {"a": [known]}}, None) == {"data": {"a": [known]}}


def test_a_word_of_a_text_is_replaced_everywhere_in_it() -> None:
    one = value(Spot(object="ConfigMap/*", path="data.*", text="mysql"))
    body = {"data": {"a": "mysql:3306 mysql mysqld", "b": "x"}, "kind": "mysql"}
    assert put(one, body, "h") == {"data": {"a": "h:3306 h mysqld", "b": "x"}, "kind": "mysql"}


def test_a_value_of_a_secret_is_encoded_as_it_stands_there() -> None:
    one = value(Spot(object="Secret/c", path="data.a"))
    assert put(one, {"data": {"a": "b2xk"}}, "new", SECRET) == {"data": {"a": "bmV3"}}
    assert put(one, {"data": {"a": "b2xk"}}, "", SECRET) == {"data": {"a": "b2xk"}}


def test_a_place_that_cannot_take_the_value_counts_as_none() -> None:
    placing = Placing(spec(values=(value(Spot(object="Secret/c", path="data.a")),)))
    body = {"data": {"a": "not base64!"}}
    assert placing.place(SECRET, body) == body
    assert [message for message, _ in placing.unplaced()] == ["db.host: no profile has data.a in Secret/c"]


def test_a_key_is_added_only_once_the_value_is_set_and_only_where_it_does_not_stand() -> None:
    one = value(Spot(object="ConfigMap/c", path="spec.*.a?"))
    body: dict[str, Any] = {"spec": {"x": {}, "y": {"a": 1}, "z": [], "n": None}}
    assert put(one, body, "") == body
    assert put(one, body, "v") == {"spec": {**body["spec"], "x": {"a": "v"}}}


def test_places_and_objects_that_no_profile_has_are_told_with_the_line() -> None:
    one = value(Spot(object="ConfigMap/c", path="data.a", text="x"), omits=("Secret/gone",), line=7)
    placing = Placing(spec(values=(one,)))
    placing.place(KEY, {"data": {"a": "y"}})
    assert list(placing.unplaced()) == [
        ("db.host: no profile has `x` data.a in ConfigMap/c", 7),
        ("db.host: no profile has an object Secret/gone", 7),
    ]
    assert list(placing.omitting(("", "Secret", "kubeflow", "gone"))) == ["db.host"]
    placing.place(KEY, {"data": {"a": "x"}})
    assert list(placing.unplaced()) == []


def test_only_what_is_empty_is_dropped() -> None:
    placing = Placing(spec(accepted=(Accepted(object="ConfigMap/c", path="**.x", reason="r", drop=True),)))
    body: dict[str, Any] = {"a": {"x": []}, "b": [{"x": {}}, {"x": [0]}], "x": ""}
    assert placing.drop(KEY, body) == {"a": {}, "b": [{}, {"x": [0]}], "x": ""}
    assert placing.drop(SECRET, body) == body

"""Which places follow the release's namespace."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.marks import Namespace, Text, Word
from buildkit.charts.namespaces import NamespaceMarker, shown_key
from buildkit.charts.spec import NamespaceText

KEY = ("", "ConfigMap", "kubeflow", "c")
NS = Namespace("kubeflow")


def mark(body: dict[str, Any], *rules: NamespaceText) -> tuple[Any, NamespaceMarker]:
    marker = NamespaceMarker(namespace="kubeflow", rules=rules)
    return marker.mark(KEY, body), marker


@pytest.mark.parametrize("text", ["kubeflows", "my-kubeflow", "kubeflow_x", "KUBEFLOW", "kubeflow2"])
def test_the_name_within_a_longer_word_is_none(text: str) -> None:
    found, marker = mark({"data": {"a": text}})
    assert found == {"data": {"a": text}}
    assert marker.unsaid == set()


def test_a_rule_covers_what_stands_around_the_name() -> None:
    rule = NamespaceText(text="{namespace}.svc", follow=True)
    found, marker = mark({"data": {"a": "x.kubeflow.svc kubeflow.org"}}, rule)
    assert found["data"]["a"] == Text(("x.", NS, ".svc kubeflow.org"))
    assert [text for _, _, text in marker.unsaid] == ["x.kubeflow.svc kubeflow.org"]
    assert marker.used == {rule}


def test_the_name_alone_is_covered_only_where_it_is_all_there_is_or_a_path_says_where() -> None:
    rule = NamespaceText(text="{namespace}", follow=True)
    found, marker = mark({"data": {"a": "kubeflow", "b": "in kubeflow"}}, rule)
    assert found["data"] == {"a": Text((NS,)), "b": "in kubeflow"}
    assert [path for _, path, _ in marker.unsaid] == ["data.b"]
    there = NamespaceText(text="{namespace}", path="data.b", follow=True)
    assert mark({"data": {"b": "in kubeflow"}}, there)[0]["data"]["b"] == Text(("in ", NS))


def test_a_rule_is_for_the_objects_that_it_names() -> None:
    rule = NamespaceText(text="x.{namespace}", object="Secret/*", follow=True)
    assert mark({"data": {"a": "x.kubeflow"}}, rule)[1].unsaid


def test_what_stands_in_the_place_of_a_value_follows_too() -> None:
    body = {"data": {"a": Text((Word("v", "string", "x.kubeflow"),))}}
    found, _ = mark(body, NamespaceText(text="x.{namespace}", follow=True))
    assert found["data"]["a"] == Text((Word("v", "string", Text(("x.", NS))),))


def test_kind_and_version_are_no_text() -> None:
    body = {"apiVersion": "kubeflow/v1", "kind": "kubeflow", "data": {}}
    found, marker = mark(body)
    assert (found, marker.unsaid) == (body, set())


def test_an_object_is_shown_as_globs_name_it() -> None:
    assert shown_key(KEY) == "ConfigMap/c"
    assert shown_key(("apps", "Deployment", "kubeflow", "d")) == "apps/Deployment/d"

"""What outlives a release, and what a claim can be told."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.evaluation import evaluate
from buildkit.charts.kept import claims_of, mark_kept
from buildkit.charts.marks import MarkedObject

CLAIM = ("", "PersistentVolumeClaim", "kubeflow", "data")
SECRET = ("", "Secret", "kubeflow", "s")
KEEP = {"helm.sh/resource-policy": "keep"}

SPECS: tuple[Any, ...] = (
    {},
    {"resources": {}},
    {"resources": {"requests": None}},
    {"resources": {"requests": {"storage": "1Gi"}}},
    {"storageClassName": None},
    None,
)


def rendered(key: Any, body: dict[str, Any], values: dict[str, Any] | None = None) -> Any:
    (one,) = evaluate([MarkedObject(key=key, body=mark_kept(key, body, "data"))], values or {}, "kubeflow")
    return one


@pytest.mark.parametrize(
    "body",
    [
        *({"metadata": {"name": "x"}, "spec": spec} for spec in SPECS),
        *({"metadata": {"name": "x", "annotations": notes}} for notes in ({}, None, {"a": "b"}, KEEP)),
        {"metadata": None},
        {},
    ],
)  # fmt: skip
def test_with_nothing_set_it_is_as_it_was(body: dict[str, Any]) -> None:
    assert rendered(CLAIM, body) == body


def test_a_claim_takes_size_and_class() -> None:
    body = {"metadata": {}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    values = {"storage": {"data": {"size": "2Gi", "className": "fast"}}}
    assert rendered(CLAIM, body, values)["spec"] == {
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "2Gi"}},
    }


@pytest.mark.parametrize("notes", [{"annotations": {"a": "b"}}, {"annotations": {}}, {}])
@pytest.mark.parametrize(
    ("key", "value"),
    [(CLAIM, "data"), (SECRET, "data"), (("apiextensions.k8s.io", "CustomResourceDefinition", "", "c"), "crds")],
)
def test_it_is_kept_if_its_user_says_so(key: Any, value: str, notes: dict[str, Any]) -> None:
    found = rendered(key, {"metadata": notes}, {value: {"keep": True}})
    assert found["metadata"]["annotations"] == {**notes.get("annotations", {}), **KEEP}


def test_nothing_else_is_kept() -> None:
    body = {"metadata": {"name": "x"}}
    assert mark_kept(("", "ConfigMap", "kubeflow", "c"), body, "") is body


def test_the_claims_of_a_stateful_set_are_named_after_both() -> None:
    body: dict[str, Any] = {
        "spec": {"volumeClaimTemplates": [{"metadata": {"name": "db"}, "spec": {"accessModes": []}}, {"spec": 1}]}
    }
    key = ("apps", "StatefulSet", "kubeflow", "data")
    assert list(claims_of(key, body, "data")) == [(("spec", "volumeClaimTemplates", 0, "spec"), "dataDb")]
    spec = rendered(key, body, {"storage": {"dataDb": {"className": "fast"}}})["spec"]["volumeClaimTemplates"][0][
        "spec"
    ]
    assert spec == {"accessModes": [], "storageClassName": "fast"}

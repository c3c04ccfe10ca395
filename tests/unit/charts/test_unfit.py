"""Objects that no release can hold."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.unfit import LARGEST, complaints


@pytest.mark.parametrize("metadata", [{}, None, {"name": ""}, {"name": 7}, []])
def test_an_object_without_a_name_is_told(metadata: Any) -> None:
    (said,) = complaints({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})
    assert said == "Pod cannot be in a chart: it has no name, so that helm could not find it again"


def test_a_name_that_the_cluster_makes_is_none() -> None:
    (said,) = complaints({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "run-"}})
    assert "`generateName: run-` gives it a new name each time" in said


@pytest.mark.parametrize(("kind", "part"), [("ConfigMap", "data"), ("Secret", "stringData")])
def test_what_is_larger_than_kubernetes_takes_is_told(kind: str, part: str) -> None:
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": "x"},
        part: {"a": "é" * (LARGEST // 2)},
    }
    assert list(complaints(body)) == []
    body[part] = {"a": "é" * (LARGEST // 2), "b": "1"}
    assert list(complaints(body)) == [
        f"{kind} x holds {LARGEST + 1} bytes, and Kubernetes takes no more than {LARGEST}"
    ]


@pytest.mark.parametrize(("kind", "part"), [("ConfigMap", "binaryData"), ("Secret", "data")])
def test_what_is_encoded_counts_decoded(kind: str, part: str) -> None:
    body: dict[str, Any] = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, part: {"a": "A" * LARGEST}}
    assert list(complaints(body)) == []

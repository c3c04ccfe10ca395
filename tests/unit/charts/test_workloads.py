"""The values of workloads."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.evaluation import evaluate
from buildkit.charts.marks import MarkedObject
from buildkit.charts.workloads import main_container, mark_workload, workload_of

KEY = ("apps", "Deployment", "kubeflow", "web")


def deployment(pod: Any, **spec: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "spec": {**spec, "template": {"spec": pod}}}


def rendered(body: dict[str, Any], values: dict[str, Any] | None = None, key: Any = KEY) -> Any:
    marked = mark_workload(key, body, "web", "main")
    (one,) = evaluate([MarkedObject(key=key, body=marked)], values or {}, "kubeflow")
    return one


POD: dict[str, Any] = {
    "containers": [{"name": "main", "env": [{"name": "A"}]}, {"name": "side-car", "env": []}],
    "initContainers": [{"name": "start"}],
}


@pytest.mark.parametrize(
    "pod",
    [
        POD,
        {},
        {"containers": [{}]},
        {"containers": None},
        {"containers": [None, "x"]},
        {"containers": {}},
        {"imagePullSecrets": []},
        {"imagePullSecrets": None},
        {"imagePullSecrets": [{"name": "a"}]},
        {"nodeSelector": None},
        {"containers": [{"name": "main", "env": None, "resources": {}}]},
        {"tolerations": [], "affinity": {}},
    ],
)
def test_a_workload_with_nothing_set_is_as_it_was(pod: dict[str, Any]) -> None:
    body = deployment(pod)
    assert rendered(body) == body


@pytest.mark.parametrize("secrets", [None, [], "absent"])
def test_pull_secrets_are_named_wherever_there_were_none(secrets: object) -> None:
    pod = {"containers": []} if secrets == "absent" else {"containers": [], "imagePullSecrets": secrets}
    found = rendered(deployment(pod), {"global": {"imagePullSecrets": ["a"]}})
    assert found["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "a"}]


def test_each_value_reaches_its_place() -> None:
    own = {"replicas": 0, "resources": {"limits": {"cpu": 1}}, "env": [{"name": "B"}], "nodeSelector": {"a": "b"},
           "tolerations": [{"key": "k"}], "affinity": {"podAffinity": {"x": 1}},
           "sidecars": {"sideCar": {"env": [{"name": "A"}]}}}  # fmt: skip
    values = {"workloads": {"web": own}, "global": {"imagePullPolicy": "Never"}}
    spec = rendered(deployment(POD, replicas=2), values)["spec"]
    pod = spec["template"]["spec"]
    assert spec["replicas"] == 0
    assert pod["containers"] == [
        {
            "name": "main",
            "env": [{"name": "A"}, {"name": "B"}],
            "imagePullPolicy": "Never",
            "resources": own["resources"],
        },
        {"name": "side-car", "env": [{"name": "A"}], "imagePullPolicy": "Never"},
    ]
    assert pod["initContainers"] == [{"name": "start", "imagePullPolicy": "Never"}]
    assert [pod[key] for key in ("nodeSelector", "tolerations", "affinity")] == [
        own[key] for key in ("nodeSelector", "tolerations", "affinity")
    ]


def test_a_job_has_no_replicas_and_a_service_is_no_workload() -> None:
    job = ("batch", "Job", "kubeflow", "web")
    assert "replicas" not in rendered(deployment(POD), {"workloads": {"web": {"replicas": 3}}}, job)["spec"]
    service = ("", "Service", "kubeflow", "web")
    body = deployment(POD)
    assert mark_workload(service, body, "web", "main") is body
    assert workload_of(service, body, "web", "main") is None


def test_the_main_container_is_the_one_named_like_the_workload_else_the_first_that_all_have() -> None:
    side, web, other = {"name": "side"}, {"name": "web"}, {"name": "other"}
    assert main_container("web", [deployment({"containers": [side, web]})], KEY) == "web"
    versions = [deployment({"containers": [side, other]}), deployment({"containers": [other]})]
    assert main_container("web", versions, KEY) == "other"
    assert main_container("web", [deployment({})], KEY) == ""


def test_containers_whose_values_are_called_alike_share_them() -> None:
    found = workload_of(KEY, deployment({"containers": [{"name": "a--b"}, {"name": "a-b"}]}), "web", "main")
    assert found is not None
    assert found.sidecars == ("aB",)

"""Which file an object goes to."""

from __future__ import annotations

import pytest

from buildkit.charts.layout import lay_out
from buildkit.charts.union import UnionObject, unite
from tests.support.chart_parts import marked


def files(text: str) -> dict[str, list[str]]:
    united: tuple[UnionObject, ...] = unite(marked(text).profiles)
    return {
        path: [f"{one.key[1]}/{one.key[3]}" for one in ones if one.key[1] != "Namespace"]
        for path, ones in lay_out(united).items()
        if path != "namespace.yaml"
    }


def workload(name: str, kind: str = "Deployment", pod: str = "{}") -> str:
    group = "batch/v1" if kind == "Job" else "apps/v1"
    return f"""---
apiVersion: {group}
kind: {kind}
metadata: {{name: {name}, namespace: kubeflow}}
spec: {{template: {{metadata: {{labels: {{app: {name}}}}}, spec: {pod}}}}}
"""


SERVICE = """---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: kubeflow}
spec: {selector: {app: web}}
"""
ACCESS = """---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web-account, namespace: kubeflow}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web-role}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web-binding}
roleRef: {kind: ClusterRole, name: web-role}
subjects: [{kind: ServiceAccount, name: web-account, namespace: kubeflow}]
"""
MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: kubeflow}\n"
POD = "{serviceAccountName: web-account, volumes: [{configMap: {name: settings}}]}"


def test_a_workload_has_its_service_account_roles_and_configuration_with_it_in_one_order() -> None:
    assert files(workload("web", pod=POD) + SERVICE + ACCESS + MAP) == {
        "web.yaml": [
            "ServiceAccount/web-account",
            "ClusterRole/web-role",
            "ClusterRoleBinding/web-binding",
            "ConfigMap/settings",
            "Deployment/web",
            "Service/front",
        ]
    }


def test_what_several_workloads_share_lies_by_its_kind() -> None:
    found = files(workload("web", pod=POD) + workload("api", pod=POD) + ACCESS + MAP)
    assert found["configmap.yaml"] == ["ConfigMap/settings"]
    assert found["rbac.yaml"] == [
        "ServiceAccount/web-account",
        "ClusterRole/web-role",
        "ClusterRoleBinding/web-binding",
    ]


def test_what_nothing_uses_lies_by_its_kind() -> None:
    assert files(SERVICE + ACCESS) == {
        "service.yaml": ["Service/front"],
        "rbac.yaml": ["ServiceAccount/web-account", "ClusterRole/web-role", "ClusterRoleBinding/web-binding"],
    }


def test_definitions_lie_apart() -> None:
    text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b.c}\n"
    assert list(files(text)) == ["crds/a.b.c.yaml"]


def test_workloads_of_one_name_have_files_of_their_own() -> None:
    assert list(files(workload("web") + workload("web", "Job"))) == ["web-deployment.yaml", "web-job.yaml"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Web", "web.yaml"),
        ("..", "unnamed.yaml"),
        (".hidden", "hidden.yaml"),
        ("_x", "x.yaml"),
        ("a/../b", "a-..-b.yaml"),
    ],
)
def test_a_name_becomes_one_that_every_disk_and_helm_takes(name: str, file: str) -> None:
    assert list(files(workload(name))) == [file]


def test_the_longest_name_still_fits_a_disk_and_stays_apart_from_its_like() -> None:
    found = list(files(workload("a" * 253) + workload("a" * 252 + "b")))
    assert len(found) == 2
    assert max(map(len, found)) < 230


def test_names_that_differ_by_case_alone_share_a_file_and_none_is_lost() -> None:
    assert files(workload("web") + workload("Web")) == {"web.yaml": ["Deployment/Web", "Deployment/web"]}


def test_the_same_objects_lie_alike_in_whatever_order_they_come() -> None:
    one, other = workload("web", pod=POD) + SERVICE, SERVICE + workload("web", pod=POD)
    assert files(one) == files(other)

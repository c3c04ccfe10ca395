"""Upgrades: what Kubernetes refuses, and what goes with an object that the new chart does not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.upgrade import UpgradeProblem, upgrade_problems
from buildkit.compare.objects import Object, Text, read_objects
from buildkit.compare.values import same


def objects(text: str) -> tuple[Object, ...]:
    return read_objects(Text("x", text))


def one(version: str, kind: str, body: str = "", more: str = "") -> str:
    """A document; the body is the inside of a flow mapping."""
    rest = f", {body}" if body else ""
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: x{more}}}{rest}}}\n---\n"


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(one.path, one.kind) for one in upgrade_problems(objects(old), objects(new))]


@pytest.mark.parametrize(
    ("version", "kind", "old", "new", "paths"),
    [
        ("apps/v1", "Deployment", "spec: {selector: {matchLabels: {a: b}}}", "spec: {selector: {matchLabels: {a: c}}}",
         ["spec.selector"]),
        ("apps/v1", "Deployment", "spec: {replicas: 1, template: {a: b}}", "spec: {replicas: 2, template: {a: c}}", []),
        ("apps/v1", "DaemonSet", "spec: {selector: {}}", "spec: {selector: {a: b}}", ["spec.selector"]),
        ("apps/v1", "ReplicaSet", "spec: {selector: {a: b}}", "spec: {}", ["spec.selector"]),
        ("apps/v1", "StatefulSet", "spec: {serviceName: a, volumeClaimTemplates: [{a: b}], replicas: 1}",
         "spec: {serviceName: b, volumeClaimTemplates: [{a: c}], replicas: 2, podManagementPolicy: Parallel}",
         ["spec.podManagementPolicy", "spec.serviceName", "spec.volumeClaimTemplates"]),
        ("apps/v1", "StatefulSet", "spec: {podManagementPolicy: OrderedReady, template: {a: b}, minReadySeconds: 1}",
         "spec: {updateStrategy: {type: OnDelete}, persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}}", []),
        ("batch/v1", "Job", "spec: {template: {a: b}, completions: 1, suspend: true}",
         "spec: {template: {a: c}, completions: 2, suspend: false}", ["spec.completions", "spec.template"]),
        ("batch/v1", "Job", "spec: {completionMode: Indexed, completions: 1, parallelism: 1}",
         "spec: {completionMode: Indexed, completions: 2, parallelism: 2}", []),
        ("batch/v1", "Job", "spec: {completionMode: NonIndexed}", "spec: {}", []),
        ("v1", "PersistentVolumeClaim", "spec: {accessModes: [A], resources: {requests: {storage: 10Gi}}}",
         "spec: {accessModes: [B], resources: {requests: {storage: 5Gi}}, storageClassName: fast}",
         ["spec.accessModes", "spec.resources.requests.storage", "spec.storageClassName"]),
        ("v1", "PersistentVolumeClaim", "spec: {resources: {requests: {storage: 1Gi}}, volumeMode: Filesystem}",
         "spec: {resources: {requests: {storage: 1025Mi}}, volumeName: x, volumeAttributesClassName: y}", []),
        ("v1", "PersistentVolumeClaim", "spec: {volumeName: x}", "spec: {volumeName: y}", ["spec.volumeName"]),
        ("v1", "PersistentVolumeClaim", "spec: {}", "spec: {storageClassName: ''}", ["spec.storageClassName"]),
        ("v1", "PersistentVolume", "spec: {nfs: {path: a}, capacity: {storage: 1}}",
         "spec: {nfs: {path: b}, capacity: {storage: 2}, nodeAffinity: {a: b}}", ["spec.nfs"]),
        ("v1", "Service", "spec: {}", "spec: {clusterIP: None}", ["spec.clusterIP"]),
        ("v1", "Service", "spec: {clusterIP: None}", "spec: {}", ["spec.clusterIP"]),
        ("v1", "Service", "spec: {clusterIP: 10.0.0.1}", "spec: {}", []),
        ("v1", "Service", "spec: {clusterIP: 10.0.0.1}", "spec: {clusterIP: 10.0.0.2}", ["spec.clusterIP"]),
        ("v1", "Service", "spec: {clusterIPs: [10.0.0.1]}", "spec: {clusterIPs: [10.0.0.1, '::1']}", []),
        ("v1", "Service", "spec: {clusterIP: 10.0.0.1}", "spec: {type: ExternalName, externalName: x}", []),
        ("v1", "Service", "spec: {ipFamilies: [IPv4]}", "spec: {ipFamilies: [IPv6]}", ["spec.ipFamilies"]),
        ("v1", "Service", "spec: {}", "spec: {ipFamilies: [IPv6], loadBalancerClass: x}", []),
        ("v1", "Service", "spec: {loadBalancerClass: x}", "spec: {ports: [{port: 1}]}", ["spec.loadBalancerClass"]),
        ("v1", "Secret", "type: Opaque", "data: {a: b}", []),
        ("v1", "Secret", "type: kubernetes.io/tls", "type: Opaque", ["type"]),
        ("v1", "Secret", "immutable: true, data: {a: b}", "immutable: true, data: {a: c}", ["data"]),
        ("v1", "ConfigMap", "immutable: true, data: {a: b}", "data: {a: c}, binaryData: {a: b}",
         ["binaryData", "data", "immutable"]),
        ("v1", "ConfigMap", "data: {a: b}", "data: {a: c}, immutable: true", []),
        ("v1", "Pod", "spec: {nodeName: a, containers: [{image: a}]}", "spec: {nodeName: b, containers: [{image: b}]}",
         ["spec.nodeName"]),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {kind: Role, name: a}",
         "roleRef: {kind: Role, name: b}", ["roleRef.name"]),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef: {kind: ClusterRole, name: a, apiGroup: x}",
         "roleRef: {kind: ClusterRole, name: a}, subjects: [{a: b}]", []),
        ("storage.k8s.io/v1", "StorageClass", "provisioner: a, parameters: {a: b}, allowVolumeExpansion: true",
         "provisioner: b, reclaimPolicy: Retain, volumeBindingMode: Immediate",
         ["parameters", "provisioner", "reclaimPolicy"]),
        ("storage.k8s.io/v1", "CSIDriver", "spec: {attachRequired: true, podInfoOnMount: true}",
         "spec: {volumeLifecycleModes: [Persistent, Ephemeral]}", ["spec.volumeLifecycleModes"]),
        ("scheduling.k8s.io/v1", "PriorityClass", "value: 1, description: a", "value: 2", ["value"]),
        ("networking.k8s.io/v1", "IngressClass", "spec: {controller: a}", "spec: {controller: b}", ["spec.controller"]),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition",
         "spec: {scope: Namespaced, names: {kind: A, plural: a}}",
         "spec: {scope: Cluster, names: {kind: B, plural: a, shortNames: [x]}}", ["spec.names.kind", "spec.scope"]),
        ("kubeflow.org/v1", "Deployment", "spec: {selector: a}", "spec: {selector: b}", []),
        ("v1", "ConfigMap", "data: {a: b}", "data: {a: c}", []),
    ],
)  # fmt: skip
def test_fields_that_stay_as_they_were_made(version: str, kind: str, old: str, new: str, paths: list[str]) -> None:
    assert told(one(version, kind, old), one(version, kind, new)) == [(path, "refused") for path in paths]


def test_a_version_of_an_api_that_objects_are_stored_in_has_to_stay() -> None:
    def crd(*versions: str) -> str:
        listed = ", ".join(versions)
        return one("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"spec: {{versions: [{listed}]}}")

    v1, beta = "{name: v1, served: true, storage: true}", "{name: v1beta1, served: true}"
    assert told(crd(v1, beta), crd(v1, beta)) == []
    assert told(crd(v1, beta), crd(v1)) == [("spec.versions[1]", "version")]
    assert told(crd(v1, beta), crd(v1, "{name: v1beta1, served: false}")) == [("spec.versions[1]", "version")]
    assert told(crd(v1), crd("{name: v2, served: true, storage: true}")) == [("spec.versions[0]", "refused")]
    assert told(crd(v1), crd("{name: v1, served: true}", "{name: v2, served: true, storage: true}")) == []


@pytest.mark.parametrize(
    ("version", "kind", "body", "lost"),
    [
        ("v1", "PersistentVolumeClaim", "", "data"),
        ("v1", "PersistentVolume", "spec: {persistentVolumeReclaimPolicy: Delete}", "data"),
        ("v1", "PersistentVolume", "spec: {persistentVolumeReclaimPolicy: Retain}", ""),
        ("apps/v1", "StatefulSet", "spec: {volumeClaimTemplates: [{}]}", ""),
        (
            "apps/v1",
            "StatefulSet",
            "spec: {volumeClaimTemplates: [{}], persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}}",
            "data",
        ),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec: {names: {kind: Trial}}", "objects"),
        ("v1", "Namespace", "", "objects"),
        ("v1", "Secret", "", ""),
        ("apps/v1", "Deployment", "", ""),
    ],
)
def test_what_goes_with_an_object_that_is_not_there_any_more(version: str, kind: str, body: str, lost: str) -> None:
    assert told(one(version, kind, body), "") == ([("", lost)] if lost else [])
    assert told("", one(version, kind, body)) == []
    kept = one(version, kind, body, ", annotations: {helm.sh/resource-policy: keep}")
    assert told(kept, "") == []


def test_a_claim_in_another_namespace_is_another_claim() -> None:
    here, there = (one("v1", "PersistentVolumeClaim", more=f", namespace: {name}") for name in ("a", "b"))
    assert told(here, there) == [("", "data")]


def test_another_version_of_the_same_api_is_the_same_object() -> None:
    old, new = (one(f"apps/{name}", "Deployment", "spec: {selector: {a: b}}") for name in ("v1beta2", "v1"))
    assert told(old, new) == []
    assert told(old, new.replace("a: b", "a: c")) == [("spec.selector", "refused")]


def test_hooks_are_made_anew_and_can_change() -> None:
    hook = one("batch/v1", "Job", "spec: {template: {a: b}}", ", annotations: {helm.sh/hook: test}")
    assert told(hook, hook.replace("a: b", "a: c")) == []


def test_a_problem_says_where_it_is_and_what_to_do() -> None:
    old = one("apps/v1", "StatefulSet", "spec: {serviceName: a}", ", namespace: team")
    new = old.replace("serviceName: a", "serviceName: b")
    advice = "delete it with --cascade=orphan before the upgrade: helm makes it anew, pods and claims stay"
    assert upgrade_problems(objects(old), objects(new)) == (
        UpgradeProblem(
            object="apps/v1/StatefulSet/team/x",
            path="spec.serviceName",
            kind="refused",
            message=f"of a StatefulSet cannot change, the upgrade fails: {advice}",
        ),
    )
    (crd,) = upgrade_problems(
        objects(one("apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec: {names: {kind: Trial}}")), ()
    )
    assert crd.message.startswith("is deleted, and every Trial in the cluster: annotate it")


@pytest.mark.parametrize(
    ("old", "new", "shrinks"),
    [
        ("1Gi", "1G", True), ("1G", "1Gi", False), ("1024Mi", "1Gi", False), ("1.5Gi", "1536Mi", False),
        ("1e9", "1G", False), ("1E3", "999", True), ("2Ki", "2048000m", False), ("1000", "0.5k", True),
        ("x", "1Gi", False),
        ("1Gi", "-1", False), ("1Gi", "9" * 100, False), ("1", "1e99", False), ("1Ei", "1P", True),
        (".5k", "499", True),
    ],
)  # fmt: skip
def test_sizes_are_compared_as_kubernetes_reads_them(old: str, new: str, shrinks: object) -> None:
    before, after = (
        one("v1", "PersistentVolumeClaim", f"spec: {{resources: {{requests: {{storage: '{size}'}}}}}}")
        for size in (old, new)
    )
    assert bool(told(before, after)) is shrinks


_LEAVES: st.SearchStrategy[object] = st.sampled_from([None, "", "a", 0, 1, True, [], {}])
_BODIES = st.recursive(
    _LEAVES,
    lambda below: (
        st.lists(below, max_size=2)
        | st.dictionaries(
            st.sampled_from(["spec", "versions", "storage", "name", "template", "type"]), below, max_size=3
        )
    ),
    max_leaves=8,
)


_TYPES = [
    *("v1/Secret", "v1/Service", "v1/PersistentVolumeClaim", "apps/v1/StatefulSet", "batch/v1/Job"),
    "apiextensions.k8s.io/v1/CustomResourceDefinition",
]


@given(st.sampled_from(_TYPES), _BODIES, _BODIES)
def test_whatever_an_object_holds_nothing_is_told_of_what_is_the_same(typed: str, old: object, new: object) -> None:
    version, _, kind = typed.rpartition("/")

    def made(spec: object) -> list[Object]:
        (read,) = objects(one(version, kind))
        return [Object(id=read.id, body={**read.body, "spec": spec}, line=1)]  # type: ignore[dict-item]

    assert upgrade_problems(made(old), made(old)) == ()
    found = upgrade_problems(made(old), made(new))
    assert not (found and same(old, new))  # type: ignore[arg-type]

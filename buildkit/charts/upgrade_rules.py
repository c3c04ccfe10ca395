"""What Kubernetes refuses to change of an object that is there, kind by kind.

Read from the API server's validation, as of 1.33: Job, CustomResourceDefinition, CSIDriver, StorageClass,
PersistentVolume, PersistentVolumeClaim. The others are from the API's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from buildkit.compare.comparison import Json

Kind = tuple[str, str]
Place = tuple[str, ...]
_DELETE: Final = "delete it before the upgrade and helm makes it anew"
_RBAC: Final = "rbac.authorization.k8s.io"
_STORAGE: Final = "storage.k8s.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What of a kind stays as it was made.

    Attributes:
        fixed: fields, and what each is where it is not said; None for nothing.
        below: a field all of whose keys are fixed but those of `free`; None where `fixed` says all.
        once: fields that may be set while they are not, and never changed then.
        exact: fields where an empty text is not the same as nothing.
        advice: what to do, as the end of a sentence.
    """

    fixed: Mapping[Place, Json] = field(default_factory=dict)
    below: Place | None = None
    free: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    advice: str = _DELETE


def _fields(*names: str, of: str = "spec") -> dict[Place, Json]:
    return {(of, *name.split(".")): None for name in names}


_WORKLOAD: Final = Rule(
    fixed=_fields("selector"),
    advice=f"{_DELETE}; its pods stop meanwhile, and with --cascade=orphan the old ones are left without an owner",
)
RULES: Final[Mapping[Kind, Rule]] = {
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "DaemonSet"): _WORKLOAD,
    ("apps", "ReplicaSet"): _WORKLOAD,
    ("apps", "StatefulSet"): Rule(
        fixed={("spec", "podManagementPolicy"): "OrderedReady"},
        below=("spec",),
        free=frozenset(
            {
                *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
                *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
            }
        ),
        advice="delete it with --cascade=orphan before the upgrade: helm makes it anew, pods and claims stay",
    ),
    ("batch", "Job"): Rule(
        fixed={
            **_fields(
                *("selector", "template", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
            ),
            ("spec", "completionMode"): "NonIndexed",
        },
        advice="delete it before the upgrade; the Job that helm makes then runs again",
    ),
    ("", "PersistentVolumeClaim"): Rule(
        fixed={("spec", "volumeMode"): "Filesystem", ("spec", "resources", "limits"): None},
        below=("spec",),
        free=frozenset({"resources", "volumeAttributesClassName"}),
        once=frozenset({"volumeName"}),
        exact=frozenset({"storageClassName"}),
        advice="keep it as it was, or take a claim of another name and copy the data; deleting it deletes the data",
    ),
    ("", "PersistentVolume"): Rule(
        fixed={("spec", "volumeMode"): "Filesystem"},
        below=("spec",),
        free=frozenset(
            {
                *("capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName"),
                *("mountOptions", "volumeAttributesClassName"),
            }
        ),
        once=frozenset({"nodeAffinity"}),
        advice="keep it as it was, or take a volume of another name",
    ),
    ("", "Secret"): Rule(fixed={("type",): "Opaque"}),
    ("", "Pod"): Rule(
        below=("spec",),
        free=frozenset({"containers", "initContainers", "activeDeadlineSeconds", "tolerations"}),
    ),
    (_RBAC, "RoleBinding"): Rule(fixed={("roleRef", "kind"): None, ("roleRef", "name"): None}),
    (_RBAC, "ClusterRoleBinding"): Rule(fixed={("roleRef", "kind"): None, ("roleRef", "name"): None}),
    (_STORAGE, "StorageClass"): Rule(
        fixed={
            ("provisioner",): None,
            ("parameters",): None,
            ("reclaimPolicy",): "Delete",
            ("volumeBindingMode",): "Immediate",
        },
        advice=f"{_DELETE}; volumes that are there keep what they have",
    ),
    (_STORAGE, "CSIDriver"): Rule(
        fixed={("spec", "attachRequired"): True, ("spec", "volumeLifecycleModes"): ["Persistent"]},
    ),
    (_STORAGE, "VolumeAttributesClass"): Rule(fixed={("driverName",): None, ("parameters",): None}),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(
        fixed=_fields("group", "scope", "names.kind", "names.plural"),
        advice="keep it as it was: to delete it deletes all its objects",
    ),
    ("scheduling.k8s.io", "PriorityClass"): Rule(
        fixed={("value",): 0, ("preemptionPolicy",): "PreemptLowerPriority"},
        advice=f"{_DELETE}; pods that are there keep their priority",
    ),
    ("networking.k8s.io", "IngressClass"): Rule(fixed=_fields("controller")),
    ("node.k8s.io", "RuntimeClass"): Rule(fixed={("handler",): None}),
    ("discovery.k8s.io", "EndpointSlice"): Rule(fixed={("addressType",): None}),
    ("certificates.k8s.io", "CertificateSigningRequest"): Rule(below=("spec",)),
    ("resource.k8s.io", "ResourceClaim"): Rule(below=("spec",)),
    ("resource.k8s.io", "ResourceClaimTemplate"): Rule(below=("spec",)),
}

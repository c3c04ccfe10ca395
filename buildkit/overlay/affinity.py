"""Node affinity for workloads whose images do not run on every required architecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.compare.comparison import Json
from buildkit.images.locate import parse_path
from buildkit.model.path import child, item
from buildkit.overlay.operation import Operation, value_at

if TYPE_CHECKING:
    from buildkit.model.resource import ObjectId

ARCHITECTURE: Final = "kubernetes.io/arch"
_BETA: Final = "beta.kubernetes.io/arch"
_TEMPLATE: Final = "spec.template.spec"
_PODS: Final[Mapping[tuple[str, str], str]] = {
    ("", "Pod"): "spec",
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("batch", "CronJob"): "spec.jobTemplate.spec.template.spec",
    ("batch", "Job"): _TEMPLATE,
}
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_RULES: Final = "matchExpressions"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pods:
    """The pod template of a workload: `path` of its spec, and the images of its containers by their paths."""

    path: str
    spec: Mapping[str, Json]
    images: tuple[tuple[str, str], ...]


def pods_of(identity: ObjectId, body: Mapping[str, Json]) -> Pods | None:
    """The pods of a built-in workload; None of anything else."""
    path = _PODS.get((identity.group, identity.kind))
    spec = value_at(body, parse_path(path)) if path is not None else None
    if path is None or not isinstance(spec, Mapping):
        return None
    return Pods(path=path, spec=spec, images=tuple(_images(spec, path)))


def _images(spec: Mapping[str, Json], path: str) -> Iterator[tuple[str, str]]:
    for name in _CONTAINERS:
        for index, one in enumerate(_list(spec.get(name))):
            image = one.get("image") if isinstance(one, Mapping) else None
            if isinstance(image, str):
                yield child(item(child(path, name), index), "image"), image


def selected(spec: Mapping[str, Json]) -> str | None:
    """The architecture that the pods' `nodeSelector` asks for."""
    selector = spec.get("nodeSelector")
    for key in (ARCHITECTURE, _BETA) if isinstance(selector, Mapping) else ():
        value = selector.get(key) if isinstance(selector, Mapping) else None
        if isinstance(value, str):
            return value
    return None


def restrict(name: str, pods: Pods, architectures: Sequence[str]) -> tuple[Operation, ...]:
    """What puts the rule into every term of the pods' required node affinity; nothing where it is there already.

    Terms are alternatives, so each gets it. A term without any rule matches no node and stays as it is.

    Args:
        name: of the object.
        pods: its pod template.
        architectures: that the pods may run on, as nodes are labelled.
    """
    rule: Json = {"key": ARCHITECTURE, "operator": "In", "values": list(architectures)}
    path, holder = pods.path, pods.spec
    whole: Json = [{"matchExpressions": [rule]}]
    keys = ("affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms")
    for index, key in enumerate(keys):
        path, value = child(path, key), holder.get(key)
        last = index == len(keys) - 1
        if isinstance(value, Mapping) and not last:
            holder = value
        elif not last or not _list(value):
            for inner in reversed(keys[index + 1 :]):
                whole = {inner: whole}
            return (Operation(object=name, path=path, old=value, new=whole),)
    return tuple(
        Operation(object=name, path=child(item(path, index), _RULES), old=old, new=[*_list(old), rule])
        for index, old in _open_terms(_list(holder.get(keys[-1])), rule)
    )


def _open_terms(terms: Sequence[Json], rule: Json) -> Iterator[tuple[int, Json]]:
    """Terms that do not hold the rule yet, by their index, with the rules they have."""
    for index, term in enumerate(terms):
        if isinstance(term, Mapping) and (term.get(_RULES) or term.get("matchFields")):
            rules = term.get(_RULES)
            if not any(_implies(one, rule) for one in _list(rules)):
                yield index, rules


def _implies(rule: Json, wanted: Json) -> bool:
    """Whether a rule allows nothing that the wanted one does not."""
    if not isinstance(rule, Mapping) or not isinstance(wanted, Mapping):
        return False
    if rule.get("key") not in {ARCHITECTURE, _BETA} or rule.get("operator") != "In":
        return False
    return all(one in _list(wanted.get("values")) for one in _list(rule.get("values")))


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []

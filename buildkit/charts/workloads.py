"""Where pods are made, and the values that every workload has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from buildkit.charts.marks import ABSENT, Extended, Key, Setting, Tree
from buildkit.charts.naming import camel
from buildkit.charts.rewriting import Steps, replace_at, tree_at

if TYPE_CHECKING:
    from buildkit.charts.spec import Kind

POD_PATHS: Final[Mapping[tuple[str, str], Steps]] = {
    ("apps", "Deployment"): ("spec", "template", "spec"),
    ("apps", "StatefulSet"): ("spec", "template", "spec"),
    ("apps", "DaemonSet"): ("spec", "template", "spec"),
    ("batch", "Job"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
SCALED: Final = frozenset({("apps", "Deployment"), ("apps", "StatefulSet")})
_POD: Final[tuple[tuple[str, Kind], ...]] = (
    ("nodeSelector", "object"),
    ("tolerations", "array"),
    ("affinity", "object"),
)
PULL_POLICY: Final = "global.imagePullPolicy"
PULL_SECRETS: Final = "global.imagePullSecrets"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """A workload's values: its name below `workloads`, whether it has replicas, its containers but the main one."""

    name: str
    shown: str
    scaled: bool
    replicas: int | None
    sidecars: tuple[str, ...]


def main_container(name: str, versions: Sequence[Mapping[str, Tree]], key: Key) -> str:
    """Tell whose resources and environment are the workload's own: one name in all profiles, the default one first.

    The container that is named like the workload, else the first that all versions have, else the first.
    """
    listed = [list(_names(tree_at(body, (*POD_PATHS[key[:2]], "containers")))) for body in versions]
    every = [one for names in listed for one in names]
    common = [one for one in every if all(one in names for names in listed)]
    return next((one for one in every if one == name), (*common, *every, "")[0])


def workload_of(key: Key, body: Mapping[str, Tree], name: str, main: str) -> Workload | None:
    """Tell what values a workload has; None for an object that makes no pods."""
    path = POD_PATHS.get(key[:2])
    pod = tree_at(body, path) if path else None
    if not isinstance(pod, Mapping):
        return None
    replicas = tree_at(body, ("spec", "replicas"))
    if isinstance(replicas, Setting):
        replicas = replicas.default if isinstance(replicas.default, int) else None
    return Workload(
        name=name,
        shown=f"{key[1]} {key[3]}",
        scaled=key[:2] in SCALED,
        replicas=replicas if isinstance(replicas, int) else None,
        sidecars=tuple(dict.fromkeys(one for one in _names(pod.get("containers")) if one != main)),
    )


def mark_workload(key: Key, body: Mapping[str, Tree], name: str, main: str) -> Mapping[str, Tree]:
    """Put the values of a workload into it; `main` as `main_container` gives it."""
    path = POD_PATHS.get(key[:2])
    if path is None or not isinstance(tree_at(body, path), Mapping):
        return body
    root = f"workloads.{name}"
    marked = cast(
        "Mapping[str, Tree]", replace_at(body, path, lambda pod: _pod(cast("Mapping[str, Tree]", pod), root, main))
    )
    if key[:2] in SCALED:
        spec = cast("Mapping[str, Tree]", marked["spec"])
        marked = {**marked, "spec": {**spec, "replicas": _setting(spec, "replicas", f"{root}.replicas", "integer")}}
    return marked


def _pod(pod: Mapping[str, Tree], root: str, main: str) -> Mapping[str, Tree]:
    if not pod:  # nothing that could run
        return pod
    changed = dict(pod)
    for key, kind in _POD:
        changed[key] = _setting(pod, key, f"{root}.{key}", kind)
    changed["imagePullSecrets"] = _extended(pod, "imagePullSecrets", PULL_SECRETS, "name")
    containers = pod.get("containers")
    if isinstance(containers, list):
        changed["containers"] = [
            _container(one, root if camel(_name(one)) == main else f"{root}.sidecars.{camel(_name(one))}")
            for one in containers
        ]
    starting = pod.get("initContainers")
    if isinstance(starting, list):
        changed["initContainers"] = [_container(one, None) for one in starting]
    return changed


def _container(container: Tree, root: str | None) -> Tree:
    if not isinstance(container, Mapping) or not container:
        return container
    changed = {**container, "imagePullPolicy": _setting(container, "imagePullPolicy", PULL_POLICY, "string")}
    if root is not None:
        changed["resources"] = _setting(container, "resources", f"{root}.resources", "object")
        changed["env"] = _extended(container, "env", f"{root}.env")
    return changed


def _setting(holder: Mapping[str, Tree], key: str, value: str, kind: Kind) -> Setting:
    return Setting((value,), kind, holder.get(key, ABSENT))


def _extended(holder: Mapping[str, Tree], key: str, value: str, wrapped: str = "") -> Tree:
    """Let a list grow; what is none there stays what it is until something is set."""
    items = holder.get(key, ())
    if items is None or (isinstance(items, Sequence) and not isinstance(items, str)):
        return Extended(value, tuple(items or ()), wrapped, ABSENT if key not in holder else items)
    return items


def _names(containers: Tree) -> list[str]:
    known = containers if isinstance(containers, Sequence) and not isinstance(containers, str) else ()
    return [camel(_name(one)) for one in known]


def _name(container: Tree) -> str:
    return str(container.get("name", "")) if isinstance(container, Mapping) else ""

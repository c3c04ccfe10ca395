"""Which file of a chart an object goes to: a workload with its service, account and roles; the rest by kind."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from buildkit.charts.marks import Choice, Extended, Key, Setting, Text, Tree, When
from buildkit.charts.rewriting import tree_at
from buildkit.charts.workloads import POD_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.union import UnionObject

_RBAC: Final = "rbac.authorization.k8s.io"
_BINDINGS: Final = frozenset({"RoleBinding", "ClusterRoleBinding"})
_ROLES: Final = frozenset({"Role", "ClusterRole"})
_HELD: Final = frozenset({"ConfigMap", "Secret", "PersistentVolumeClaim"})
_ACCESS: Final = "rbac.yaml"
_LONGEST: Final = 200
_UNSAFE: Final = re.compile(r"[^a-z0-9.-]+")
# What a workload's file begins with; kinds that are not named stand behind the workload.
_ORDER: Final = (
    "Namespace", "ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret",
    "PersistentVolumeClaim", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service",
)  # fmt: skip


def lay_out(objects: Sequence[UnionObject]) -> dict[str, tuple[UnionObject, ...]]:
    """Put every object into a file below `templates`; the same objects always lie alike."""
    places = _Places(objects)
    files: defaultdict[str, list[UnionObject]] = defaultdict(list)
    for one in objects:
        files[places.file_of(one)].append(one)
    return {name: tuple(sorted(ones, key=_order)) for name, ones in sorted(files.items())}


def _order(one: UnionObject) -> tuple[int, str, str, str]:
    rank = _ORDER.index(one.key[1]) if one.key[1] in _ORDER else len(_ORDER)
    return rank, one.key[1], one.key[3], one.key[2]


class _Places:
    def __init__(self, objects: Sequence[UnionObject]) -> None:
        self.pods = {one.key: pod for one in objects if (pod := _pod(one)) is not None}
        names = Counter(key[3] for key in self.pods)
        self.files = {key: f"{_safe(key[3] if names[key[3]] == 1 else f'{key[3]}-{key[1]}')}.yaml" for key in self.pods}
        self.labels = {one.key: _labels(one) for one in objects if one.key in self.pods}
        self._bindings = [one for one in objects if one.key[1] in _BINDINGS]
        self.users = self._users()
        self.owners: dict[Key, str] = {}
        for rank in (self._of_account, self._of_binding, self._of_role, self._of_selector):
            self.bound = self._bound()  # once for all roles: a release may have thousands of both
            for one in objects:
                if one.key not in self.files and one.key not in self.owners:
                    found = {file for file in rank(one) if file}
                    if len(found) == 1:
                        self.owners[one.key] = found.pop()

    def file_of(self, one: UnionObject) -> str:
        """Name the file of an object."""
        group, kind, _, name = one.key
        if kind == "CustomResourceDefinition":
            return f"crds/{_safe(name)}.yaml"
        if one.key in self.files:
            return self.files[one.key]
        if one.key in self.owners:
            return self.owners[one.key]
        return _ACCESS if group == _RBAC or kind == "ServiceAccount" else f"{_safe(kind.lower())}.yaml"

    def _users(self) -> dict[tuple[str, str, str], set[str]]:
        """By kind, namespace and name of what pods name, the files of those pods."""
        users: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        for key, pod in self.pods.items():
            for kind, name in named_in(pod):
                users[kind, key[2], name].add(self.files[key])
        return users

    def _of_account(self, one: UnionObject) -> set[str]:
        kind = one.key[1]
        return self.users.get((kind, one.key[2], one.key[3]), set()) if kind in {"ServiceAccount", *_HELD} else set()

    def _of_binding(self, one: UnionObject) -> set[str]:
        if one.key[1] not in _BINDINGS:
            return set()
        found: set[str] = set()
        for subject in _plain(one.body.get("subjects")):
            if tree_at(subject, ("kind",)) == "ServiceAccount":
                name = _words(tree_at(subject, ("name",)))
                namespace = _words(tree_at(subject, ("namespace",))) or one.key[2]
                found |= self.users.get(("ServiceAccount", namespace, name), {""})
        return found

    def _of_role(self, one: UnionObject) -> set[str]:
        """The file of the bindings that bind it, if that is one."""
        if one.key[1] not in _ROLES:
            return set()
        return self.bound.get((one.key[1], one.key[2], one.key[3]), set())

    def _bound(self) -> dict[tuple[str, str, str], set[str]]:
        bound: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        for one in self._bindings:
            kind, name = (_words(tree_at(one.body, ("roleRef", part))) for part in ("kind", "name"))
            namespace = one.key[2] if kind == "Role" else ""
            bound[kind, namespace, name].add(self.owners.get(one.key, ""))
        return bound

    def _of_selector(self, one: UnionObject) -> set[str]:
        """The workloads whose pods it selects, or the one that it names as its target."""
        for path in (("spec", "scaleTargetRef"), ("spec", "targetRef")):
            target = tree_at(one.body, path)
            if isinstance(target, Mapping):
                return {file for key, file in self.files.items() if key[3] == _words(target.get("name"))}
        spec = tree_at(one.body, ("spec",))
        return self._selected(one, spec) if isinstance(spec, Mapping) else set()

    def _selected(self, one: UnionObject, spec: Mapping[str, Tree]) -> set[str]:
        for path in (("selector",), ("selector", "matchLabels"), ("podSelector", "matchLabels")):
            labels = tree_at(spec, path)
            if isinstance(labels, Mapping) and labels and all(isinstance(label, str) for label in labels.values()):
                return {
                    self.files[key]
                    for key in self.pods
                    if key[2] == one.key[2] and labels.items() <= self.labels[key].items()
                }
        return set()


def _pod(one: UnionObject) -> Mapping[str, Tree] | None:
    path = POD_PATHS.get(one.key[:2])
    pod = tree_at(one.body, path) if path else None
    return pod if isinstance(pod, Mapping) else None


def _labels(one: UnionObject) -> dict[str, str]:
    labels = tree_at(one.body, (*POD_PATHS[one.key[:2]][:-1], "metadata", "labels"))
    known = labels.items() if isinstance(labels, Mapping) else ()
    return {key: value for key, value in known if isinstance(value, str)}


def named_in(pod: Mapping[str, Tree]) -> Iterator[tuple[str, str]]:
    """Yield kind and name of the accounts, configuration and claims that a pod names."""
    yield "ServiceAccount", _words(pod.get("serviceAccountName"))
    yield from _references(pod)


def _references(tree: Tree) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            kind = _REFERRING.get(key)
            if kind is not None:
                yield from ((kind[0], _words(tree_at(value, (field,)))) for field in kind[1:])
            yield from _references(value)
    else:
        for one in _plain(tree):
            yield from _references(one)


_REFERRING: Final = {
    "configMap": ("ConfigMap", "name"),
    "configMapRef": ("ConfigMap", "name"),
    "configMapKeyRef": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName", "name"),  # of a volume of its own, of a projected one
    "secretRef": ("Secret", "name"),
    "secretKeyRef": ("Secret", "name"),
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
}


def _plain(tree: Tree) -> list[Tree]:
    """The elements below a tree, whatever guards them."""
    if isinstance(tree, Choice):
        return [inner for _, one in tree.variants for inner in (_plain(one) or [one])]
    if isinstance(tree, Extended):
        return [inner for one in tree.items for inner in (_plain(one) if isinstance(one, Choice) else [one])]
    if isinstance(tree, Setting | When):
        return _plain(tree.default) if isinstance(tree, Setting) and isinstance(tree.default, list) else []
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return [inner for one in tree for inner in (_plain(one) if isinstance(one, Choice) else [one])]
    return []


def _words(tree: Tree) -> str:
    """A name as Kustomize has it, without its hash."""
    if isinstance(tree, Text):
        return "".join(
            piece if isinstance(piece, str) else getattr(piece, "stem", "") or _words(getattr(piece, "default", ""))
            for piece in tree.pieces
        )
    if isinstance(tree, Setting):
        return _words(tree.default) if isinstance(tree.default, str | Text) else ""
    return tree if isinstance(tree, str) else ""


def _safe(name: str) -> str:
    """Name a file as every disk takes it, without a dot in front, as helm skips such."""
    whole = _UNSAFE.sub("-", name.lower()).lstrip(".-_") or "unnamed"
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"

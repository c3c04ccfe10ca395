"""How kustomize is told which object a patch is for: identity as anchored regular expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit.model.resource import ObjectId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_DEFAULT = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An object of the install as kustomize knows it when the overlay is applied.

    Attributes:
        id: as the install's render has it.
        name: without the hash of a generated ConfigMap or Secret.
        first: name and namespace before anything in the install changed them; kustomize remembers them.
        labels: of the object.
    """

    id: ObjectId
    name: str
    first: tuple[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.name, self.first[0]})

    @property
    def namespaces(self) -> frozenset[str]:
        """Kustomize takes an object without a namespace for one of `default`, unless its kind has none."""
        return frozenset({self.id.namespace or _DEFAULT, self.first[1] or _DEFAULT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """An object of the install.

    Attributes:
        id: as the install's render has it.
        name: as kustomize knows it when the overlay is applied.
        namespace: as a pattern of its own; None where the kind and the name tell enough.
        label: `key=value` that it has and others of that name have not; None where none is needed.
        twin: another object that this target would meet too.
        alone: whether nothing else of its kind has, or had, its name.
    """

    id: ObjectId
    name: str
    namespace: str | None = None
    label: str | None = None
    twin: ObjectId | None = None
    alone: bool = True

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of kustomize's `target`; an empty pattern would match anything."""
        yield "group", _literal(self.id.group) if self.id.group else "^$"
        yield "version", _literal(self.id.version)
        yield "kind", _literal(self.id.kind)
        yield "name", _literal(self.name)
        if self.namespace is not None:
            yield "namespace", _literal(self.namespace)
        if self.label is not None:
            yield "labelSelector", self.label

    def plain(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of kustomize's `source`, which are no patterns; an empty one counts as none."""
        yield "group", self.id.group
        yield "version", self.id.version
        yield "kind", self.id.kind
        yield "name", self.name
        yield "namespace", self.namespace or ""


def target_of(one: Known, others: Collection[Known]) -> Target:
    """The target of an object; `others` are all objects of the render.

    A target meets what has the name now, and what had it before a prefix or another namespace was put in.
    """
    named = [other for other in others if other.id != one.id and one.id.kind == other.id.kind]
    alike = [other for other in named if _kind(other) == _kind(one) and one.name in other.names]
    spaced = any(other.id.namespace or other.first[1] for other in alike)
    namespace = one.id.namespace or (_DEFAULT if spaced else None)
    twins = [other for other in alike if namespace is None or namespace in other.namespaces]
    label = _telling(one, twins) if twins else None
    twin = twins[0].id if twins and label is None else None
    alone = all(one.name not in other.names for other in named)
    return Target(id=one.id, name=one.name, namespace=namespace, label=label, twin=twin, alone=alone)


def _kind(one: Known) -> tuple[str, str, str]:
    return one.id.group, one.id.version, one.id.kind


def _telling(one: Known, twins: Collection[Known]) -> str | None:
    """A label that tells an object from its twins."""
    found = ((key, text) for key, text in sorted(one.labels.items()) if text)
    return next((f"{key}={text}" for key, text in found if all(twin.labels.get(key) != text for twin in twins)), None)


def _literal(text: str) -> str:
    """A pattern that only this text meets; `re.escape` would put backslashes before hyphens too."""
    return re.sub(r"[^A-Za-z0-9_-]", r"\\\g<0>", text)

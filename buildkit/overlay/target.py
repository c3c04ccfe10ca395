"""How kustomize is told which object a patch is for: identity as anchored regular expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.model.resource import ObjectId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """An object of the install.

    Attributes:
        id: as the install's render has it.
        name: as kustomize knows it when the overlay is applied: without the hash of a generated ConfigMap or Secret.
        namespace: as a pattern of its own; None where the kind and the name tell enough.
    """

    id: ObjectId
    name: str
    namespace: str | None = None

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of kustomize's `target`; an empty pattern would match anything."""
        yield "group", _literal(self.id.group) if self.id.group else "^$"
        yield "version", _literal(self.id.version)
        yield "kind", _literal(self.id.kind)
        yield "name", _literal(self.name)
        if self.namespace is not None:
            yield "namespace", _literal(self.namespace)


def target_of(one: ObjectId, name: str, others: Collection[ObjectId]) -> Target:
    """The target of an object; `others` are all objects of the render.

    Kustomize takes an object without a namespace for one of `default`, unless its kind has none.
    """
    twins = any(other != one and _alike(other, one) for other in others)
    return Target(id=one, name=name, namespace=one.namespace or ("default" if twins else None))


def _literal(text: str) -> str:
    """A pattern that only this text meets; `re.escape` would put backslashes before hyphens too."""
    return re.sub(r"[^A-Za-z0-9_-]", r"\\\g<0>", text)


def _alike(a: ObjectId, b: ObjectId) -> bool:
    return (a.group, a.version, a.kind, a.name) == (b.group, b.version, b.kind, b.name)

"""Kubernetes resources: identity and body, and the paths that name a value inside one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A YAML value with its scalars as text: what the source says, never what a YAML 1.1 or 1.2 reader makes of it
# (facts: `1.10` as a tag must stay `1.10`). None stands for an absent value (`key:`).
Value = Mapping[str, "Value"] | Sequence["Value"] | str | None


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ObjectId:
    """Identity of an object; `str()` gives `group/version/Kind/namespace/name` (core group left out, `-` for none)."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        prefix = f"{self.group}/" if self.group else ""
        return f"{prefix}{self.version}/{self.kind}/{self.namespace or '-'}/{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One object of a render or a source file; `line` is where its document starts in the text it came from."""

    id: ObjectId
    body: Mapping[str, Value]
    line: int

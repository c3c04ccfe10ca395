"""What a comparison says: the values behind `kfkit diff`, and behind the proofs of pins, overlays and charts.

Objects are written as `group/version/Kind/namespace/name`, with the version of the side they stand on; two objects are
the same where everything but the version is (DESIGN.md, "JSON").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

# A value as Kubernetes reads it: YAML turned into JSON by the rules of sigs.k8s.io/yaml. `1.0` is the int 1.
Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


class Absent(Enum):
    """The side of a difference that has no value there; not the same as null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One value that differs.

    Attributes:
        object: as A has it; of a renamed object A's name.
        path: `spec.containers[0].image`, `data["a.b"]`; empty for the whole object.
        a: the value in A; a whole subtree where B has nothing there.
        b: the value in B.
    """

    object: str
    path: str
    a: Json | Absent
    b: Json | Absent


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All differences between A and B; objects and differences sorted.

    Attributes:
        only_a: objects that B lacks; `only_b` the other way round.
        renamed: pairs of those whose names differ only in the content hash that kustomize appends.
        duplicates: objects that stand more than once on a side, each named once.
        differences: values, of renamed pairs too (but for the name itself), that differ.
    """

    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def equal(self) -> bool:
        return not (self.only_a or self.only_b or self.renamed or self.duplicates or self.differences)

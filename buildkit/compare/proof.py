"""Proof that a change changes what it should and nothing else: the differences of renders, told into two heaps."""

from __future__ import annotations

from dataclasses import dataclass

from buildkit.compare.comparison import Absent, Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A difference, and the kustomizations whose renders have it; path and values as in `Difference`."""

    kustomizations: tuple[str, ...]
    object: str
    path: str
    a: Json | Absent
    b: Json | Absent


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What rendering before and after showed.

    Attributes:
        kustomizations: how many were rendered on both sides.
        changed: what differs as it should, and what follows from it (hash suffixes and references to them).
        unintended: everything else that differs. A proof holds where there is none.
        unproven: `folder: reason` of those in reach that do not render, so that nothing can be said of them.
    """

    kustomizations: int
    changed: tuple[Change, ...]
    unintended: tuple[Change, ...]
    unproven: tuple[str, ...]

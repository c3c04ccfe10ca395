"""What became of each kustomization of a tree (`kustomizations` in the images and audit documents)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["rendered", "covered", "component", "broken"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Kustomization:
    """One kustomization folder.

    Attributes:
        path: relative to the tree's root, `.` for the root.
        status: rendered by itself; covered by one that rendered; a component; broken.
        why: for `broken` the reason, for `covered` and `component` one rendered kustomization that reaches it.
        warnings: kustomize's own (deprecated fields), as it printed them, sorted, each once.
    """

    path: str
    status: Status
    why: str | None = None
    warnings: tuple[str, ...]

"""Images that a release can pull, and every place it takes them from.

The field names are those of the `kfkit/images/v1` document (DESIGN.md, "JSON").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["pod", "field", "embedded", "environment", "argument", "split", "script", "declared"]
Pinned = Literal["digest", "tag", "none"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ImageUse:
    """One place that names an image.

    Attributes:
        file: relative to the tree's root, `remote:github.com/OWNER/REPO@REF/…` in a remote base.
        line: from 1; where the effective tag or digest stands, the object's own where that cannot be told.
        kustomizations: folders of the rendered kustomizations that bring this use, sorted; empty for samples.
        object: `group/version/Kind/namespace/name`, None where the place is no Kubernetes object.
        path: `spec.containers[0].image`; inside embedded text it goes on after ` | `.
        how: what kind of place it is.
        sample: Kubernetes YAML no kustomization reaches, documentation, or an `_example` key.
    """

    file: str
    line: int
    kustomizations: tuple[str, ...]
    object: str | None = None
    path: str | None = None
    how: How
    sample: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image and all its uses; `name` is its identity (docker.io/library/mysql:8.4)."""

    reference: str
    name: str
    pinned: Pinned
    default_install: bool
    uses: tuple[ImageUse, ...]

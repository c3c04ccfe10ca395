"""The JSON documents, one dataclass each; field names and their order are the interface (DESIGN.md, "JSON")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from buildkit.audit.record import AuditedImage
from buildkit.model.image import Image
from buildkit.model.inspection import Inspection, Verdict
from buildkit.model.installation import Installation
from buildkit.model.kustomization import Kustomization


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesDocument:
    """`kfkit images`: every image a release can pull, and what became of each kustomization."""

    source: str
    images: tuple[Image, ...]
    kustomizations: tuple[Kustomization, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectDocument:
    """`kfkit inspect`: what the registries said, in input order."""

    images: tuple[Inspection, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditDocument:
    """`kfkit audit`: each image with its uses, its platforms and its owner; `summary` counts the images in scope."""

    source: str
    required: tuple[str, ...]
    summary: Mapping[Verdict, int]
    images: tuple[AuditedImage, ...]
    kustomizations: tuple[Kustomization, ...]


DOCUMENTS = {
    "audit": AuditDocument,
    "doctor": Installation,
    "images": ImagesDocument,
    "inspect": InspectDocument,
}

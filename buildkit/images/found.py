"""One place that names an image, as the finder sees it: before it is traced back to a file and a line."""

from __future__ import annotations

from dataclasses import dataclass

from buildkit.model.image import How
from buildkit.model.reference import Reference
from buildkit.model.resource import ObjectId


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An image at a place of an object.

    Attributes:
        object: where the value stands.
        path: `spec.containers[0].image`; inside embedded text it goes on after ` | `.
        text: the reference as rendered, split parts joined.
        reference: the same, parsed.
        how: what kind of place it is.
        sample: an `_example` key, or a source file that no kustomization reaches.
        parts: `(path, raw text)` of each scalar it is made of; the last one holds the effective tag or digest.
        holder: `str()` of the object that holds the last part, where that is another one; else empty.
        source: for `declared` the data file; else empty.
        line: from 1, in the source file or the data file; 0 where only a render is known.
    """

    object: ObjectId
    path: str
    text: str
    reference: Reference
    how: How
    sample: bool = False
    parts: tuple[tuple[str, str], ...]
    holder: str = ""
    source: str = ""
    line: int = 0

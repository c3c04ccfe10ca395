"""A tag that stands for something else than an image, such as a chart: its manifest, and what that names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.edges.registry.details import descriptor_of
from buildkit.edges.registry.documents import decode_document
from buildkit.edges.registry.failures import ExchangeError, LookupFailedError
from buildkit.edges.registry.presence import find_manifest
from buildkit.model.contents import Descriptor
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from buildkit.edges.registry.source import Source
    from buildkit.model.reference import Reference


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A manifest: its digest, the media type of its config, and its layers; of an index both are empty."""

    digest: str
    config_type: str
    layers: tuple[Descriptor, ...]


def read_artifact(source: Source, reference: Reference) -> Artifact | Failure | None:
    """What a tag stands for at the place that is asked first, None where the registry has no such tag."""
    try:
        digest = find_manifest(source.place, reference)
        if not isinstance(digest, str):
            return digest
        body = source.document(digest, "manifests", lost=Verdict.MISSING)
        document = decode_document(body)
        layers = tuple(descriptor_of(one) for one in document.layers or ())
        config = descriptor_of(document.config).media_type if document.config else ""
        return Artifact(digest=digest, config_type=config, layers=layers)
    except LookupFailedError as error:
        return replace(error.failure, verdict=Verdict.UNKNOWN)
    except ExchangeError as error:
        return Failure(verdict=Verdict.UNKNOWN, reason=error.reason)

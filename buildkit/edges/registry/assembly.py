"""Manifests and the answers about their blobs, put together as contents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.edges.registry.details import config_contents, descriptor_of, parse_statement
from buildkit.edges.registry.documents import EMPTY_LAYERS, ConfigDocument, RawDocument, classify
from buildkit.edges.registry.failures import ExchangeError
from buildkit.model.contents import (
    AttestationContents,
    BlobContents,
    ChildContents,
    ConfigContents,
    Descriptor,
    StatementContents,
)
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

STATEMENT_LIMIT = 4 * 1024 * 1024
PREDICATE = "in-toto.io/predicate-type"
PROVENANCE = "https://slsa.dev/provenance/"
_REFERS = "vnd.docker.reference.digest"
# Layers that a registry need not have: they are fetched from elsewhere (OCI image-spec, layer.md).
_ELSEWHERE = ("application/vnd.docker.image.rootfs.foreign.", "application/vnd.oci.image.layer.nondistributable.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What is to be found out about a blob: its content (`read`), or whether it is there with that size."""

    size: int
    read: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was found out; `body` only where it was to be read."""

    body: bytes | None = None
    size: int | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """An entry that is no index; `document` and `size` once its manifest is read."""

    descriptor: Descriptor
    attestation: bool = False
    document: RawDocument | None = None
    size: int | None = None
    failure: Failure | None = None


class Needs:
    """Every blob of a reference, each once."""

    def __init__(self) -> None:
        self.by_digest: dict[str, Need] = {}

    def add(self, document: RawDocument, *, attestation: bool) -> None:
        """Add the blobs of a manifest; an image's config and an attestation's provenance are to be read.

        Raises:
            ExchangeError: a descriptor that is none.
        """
        if document.config is not None:
            self._add(descriptor_of(document.config), read=not attestation)
        for raw in document.layers or ():
            layer = descriptor_of(raw)
            if not layer.media_type.startswith(_ELSEWHERE):
                self._add(layer, read=attestation and is_provenance(layer) and layer.size <= STATEMENT_LIMIT)

    def _add(self, blob: Descriptor, *, read: bool) -> None:
        known = self.by_digest.get(blob.digest)
        self.by_digest[blob.digest] = Need(size=blob.size, read=read or bool(known and known.read))


def is_provenance(layer: Descriptor) -> bool:
    """Whether a layer of an attestation says that it holds SLSA provenance."""
    return (layer.annotation(PREDICATE) or "").startswith(PROVENANCE)


def assemble_image(leaf: Leaf, answers: Mapping[str, Answer]) -> ChildContents:
    """One image, with the answers about its config and layers."""
    child = ChildContents(descriptor=leaf.descriptor, size=leaf.size, failure=leaf.failure)
    document = leaf.document
    if document is None or leaf.failure:
        return child
    if document.config is None:
        return _schema1(child, document)
    blob = descriptor_of(document.config)
    layers = tuple(_blob(descriptor_of(layer), answers) for layer in document.layers or ())
    child = replace(
        child,
        config_blob=_blob(blob, answers),
        layers=layers,
        own_layers=tuple(one.descriptor.digest for one in layers if one.descriptor.digest not in EMPTY_LAYERS),
    )
    answer = answers.get(blob.digest, Answer())
    if answer.body is None:
        reason = f"its config: {answer.failure.reason}" if answer.failure else "its config was not read"
        return replace(child, failure=Failure(verdict=Verdict.UNKNOWN, reason=reason))
    try:
        return replace(child, config=config_contents(answer.body))
    except ExchangeError as error:
        return replace(child, failure=Failure(verdict=Verdict.UNKNOWN, reason=error.reason))


def assemble_attestation(leaf: Leaf, answers: Mapping[str, Answer]) -> AttestationContents:
    """One attestation manifest, with the answers about its statements."""
    refers, document = leaf.descriptor.annotation(_REFERS), leaf.document
    found = AttestationContents(descriptor=leaf.descriptor, refers=refers, size=leaf.size, failure=leaf.failure)
    if document is None or leaf.failure:
        return found
    return replace(
        found,
        subject=document.subject.digest if document.subject else None,
        config_blob=_blob(descriptor_of(document.config), answers) if document.config else None,
        statements=tuple(_statement(descriptor_of(layer), answers) for layer in document.layers or ()),
    )


def _schema1(child: ChildContents, document: RawDocument) -> ChildContents:
    """A schema 1 manifest is its own config; its layers have no sizes that could be held against anything."""
    known = classify(document)
    if not isinstance(known, ConfigDocument):
        return child
    return replace(child, config=ConfigContents(platform=known.platform, variant_said=known.variant_said))


def _statement(layer: Descriptor, answers: Mapping[str, Answer]) -> StatementContents:
    found = StatementContents(blob=_blob(layer, answers), predicate_type=layer.annotation(PREDICATE) or "")
    if not is_provenance(layer):
        return found
    body = answers.get(layer.digest, Answer()).body
    if body is None:
        reason = f"a statement of {layer.size} bytes is not read" if layer.size > STATEMENT_LIMIT else "it was not read"
        return replace(found, failure=found.blob.failure or Failure(verdict=Verdict.UNKNOWN, reason=reason))
    try:
        statement = parse_statement(body)
    except ExchangeError as error:
        return replace(found, failure=Failure(verdict=Verdict.NOT_AN_IMAGE, reason=error.reason))
    return replace(found, stated_type=statement.predicate_type, subjects=statement.subjects)


def _blob(blob: Descriptor, answers: Mapping[str, Answer]) -> BlobContents:
    answer = answers.get(blob.digest, Answer())
    return BlobContents(descriptor=blob, found=answer.size, failure=answer.failure)

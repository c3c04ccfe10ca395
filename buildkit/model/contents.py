"""What a registry holds for one reference, read completely: every descriptor, manifest, config, attestation and blob.

No judgement in it (`builds/verification.py`). A `Failure` says why a part is not there to be judged: `missing` where
the registry answered that it has no such thing, `not-an-image`, or `unknown` where that could not be found out.
"""

from __future__ import annotations

from dataclasses import dataclass

from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict
from buildkit.model.platform import Platform
from buildkit.model.reference import Reference

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A reference to read: `whole`, or its root document alone (then no child, config or blob is asked for)."""

    reference: Reference
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Descriptor:
    """One descriptor; `platform` is normalised, None where it names none; `annotations` are sorted.

    `os_version` tells images of one platform apart that serve different versions of Windows.
    """

    digest: str
    size: int
    media_type: str = ""
    platform: Platform | None = None
    os_version: str = ""
    annotations: Pairs = ()

    def annotation(self, name: str) -> str | None:
        """Value of an annotation."""
        return dict(self.annotations).get(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class BlobContents:
    """One blob: what its descriptor says, and how many bytes of it the registry has.

    Attributes:
        descriptor: digest, size and media type, as the manifest says.
        found: size that the registry gives; None where it has no such blob or it is not known.
        failure: `missing`: the registry answered that it has none; `unknown`: that could not be found out. Neither
            size nor failure: it was not asked for, because it is kept elsewhere (a foreign layer).
    """

    descriptor: Descriptor
    found: int | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigContents:
    """An image's config.

    Attributes:
        platform: None where it names no architecture.
        variant_said: whether it names a variant, rather than leaving the default.
        labels: sorted.
        diff_ids: digests of the layers unpacked.
    """

    platform: Platform | None
    variant_said: bool = False
    labels: Pairs = ()
    diff_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildContents:
    """One image: an entry of the index, or the root itself where there is no index.

    Attributes:
        descriptor: of the index; of the root itself its digest and size.
        size: of the manifest, as it was read; None where it was not.
        config: what the config says; None where it could not be read, and `failure` says why.
        config_blob: None for a schema 1 manifest, which has none.
        layers: in their order.
        own_layers: digests of the layers without those known to hold nothing.
        failure: why manifest or config could not be read.
    """

    descriptor: Descriptor
    size: int | None = None
    config: ConfigContents | None = None
    config_blob: BlobContents | None = None
    layers: tuple[BlobContents, ...] = ()
    own_layers: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def digest(self) -> str:
        return self.descriptor.digest

    @property
    def platform(self) -> Platform | None:
        """What a client takes it for: the descriptor decides, the config where no descriptor does."""
        return self.descriptor.platform or (self.config.platform if self.config else None)

    @property
    def artifact(self) -> bool:
        """Whether it is no image at all: a chart, a signature."""
        return self.failure is not None and self.failure.verdict is Verdict.NOT_AN_IMAGE

    @property
    def blobs(self) -> tuple[BlobContents, ...]:
        """Config and layers."""
        return (*((self.config_blob,) if self.config_blob else ()), *self.layers)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementContents:
    """One in-toto layer of an attestation.

    Attributes:
        blob: the layer.
        predicate_type: as the layer's annotation says; empty where it says none.
        stated_type: `predicateType` of the statement itself; None where it was not read.
        subjects: sha256 digests (`sha256:…`) that the statement is about; None where it was not read.
        failure: why a provenance statement could not be read.
    """

    blob: BlobContents
    predicate_type: str = ""
    stated_type: str | None = None
    subjects: tuple[str, ...] | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AttestationContents:
    """One attestation manifest of the index.

    Attributes:
        descriptor: of the index.
        refers: digest of the image it is about (`vnd.docker.reference.digest`); None where it names none.
        subject: digest of the image it is about as its manifest says (OCI image-spec 1.1); None where it names none.
        size: of the manifest, as it was read; None where it was not.
        config_blob: its config.
        statements: its layers.
        failure: why it could not be read.
    """

    descriptor: Descriptor
    refers: str | None
    subject: str | None = None
    size: int | None = None
    config_blob: BlobContents | None = None
    statements: tuple[StatementContents, ...] = ()
    failure: Failure | None = None

    @property
    def blobs(self) -> tuple[BlobContents, ...]:
        """Config and layers."""
        return (*((self.config_blob,) if self.config_blob else ()), *(one.blob for one in self.statements))


@dataclass(frozen=True, kw_only=True, slots=True)
class TagContents:
    """Everything that one reference stands for.

    Attributes:
        name: the reference in full.
        place: `host/repository` that was read, as registries.conf leads there; empty where none may be.
        digest: of the root document, of its content; None where it could not be had.
        index: whether it is an index.
        images: entries in the order of the index, nested indexes opened; the image itself where there is no index.
            An entry for a platform is one of them whatever it is: a client takes it for that platform's image.
        attestations: entries that are no images but tell something of one.
        others: entries that are neither (signatures, charts); not read.
        failure: why there is nothing of all that.
    """

    name: str
    place: str = ""
    digest: str | None = None
    index: bool = False
    images: tuple[ChildContents, ...] = ()
    attestations: tuple[AttestationContents, ...] = ()
    others: tuple[Descriptor, ...] = ()
    failure: Failure | None = None

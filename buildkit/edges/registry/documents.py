"""Manifests, indexes and configs as typed values. What a document is, its content says; headers are not believed.

OCI image-spec (manifest.md, image-index.md, config.md), Docker schema 2 and manifest lists, schema 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from buildkit.edges.registry.content import signed_payload
from buildkit.edges.registry.failures import ExchangeError
from buildkit.model.platform import Platform, normalised
from buildkit.model.reference import is_digest

_CONFIG_TYPES = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
        # What old registries and clients wrote for images; Docker pulls these too (distribution/distribution#1621).
        "application/octet-stream",
        "application/json",
        "text/html",
        "",
    }
)
_LAYER_TYPES = ("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.", "application/octet-stream")
INDEX_TYPES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
_MANIFEST_TYPES = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "",
    }
)
_PLATFORM_LIMIT = 128
ATTESTATION = "vnd.docker.reference.type"
# Layers that hold nothing: the empty tar, gzipped by Docker, by Go, and plain. Sharing them says nothing.
EMPTY_LAYERS = frozenset(
    {
        "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d663cb16422d00e8a7c22955b46d4",
        "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1",
        "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    }
)


class _Platform(msgspec.Struct):
    os: str | None = None
    architecture: str | None = None
    variant: str | None = None
    os_version: object = msgspec.field(name="os.version", default=None)


class RawDescriptor(msgspec.Struct, rename="camel"):
    digest: str
    size: int = 0
    media_type: str | None = None
    artifact_type: str | None = None
    platform: _Platform | None = None
    annotations: dict[str, object] | None = None


class _History(msgspec.Struct, rename="camel"):
    v1_compatibility: str = ""


class RawDocument(msgspec.Struct, rename="camel"):
    schema_version: int = 0
    media_type: str | None = None
    artifact_type: str | None = None
    manifests: list[RawDescriptor] | None = None
    config: RawDescriptor | None = None
    layers: list[RawDescriptor] | None = None
    blobs: list[RawDescriptor] | None = None
    subject: RawDescriptor | None = None
    history: list[_History] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """One entry of an index: `platform` None where the descriptor names none; `image` False where it cannot be one."""

    digest: str
    platform: Platform | None
    nested: bool
    image: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexDocument:
    """`children` without attestations and other entries for no platform at all."""

    children: tuple[Child, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestDocument:
    """`size` in bytes: config and layers, each once; `image` False for an artifact."""

    config: str
    size: int
    layers: tuple[str, ...]
    image: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigDocument:
    """Platform that a config or a schema 1 manifest names, and whether it names a variant."""

    platform: Platform | None
    variant_said: bool = False


Document = IndexDocument | ManifestDocument | ConfigDocument
_document = msgspec.json.Decoder(RawDocument)
_platform = msgspec.json.Decoder(_Platform)


def decode_document(body: bytes) -> RawDocument:
    """A document as it stands.

    Raises:
        ExchangeError: no JSON of that form, or an index and a manifest at once (CVE-2021-41190).
    """
    try:
        document = _document.decode(signed_payload(body) or body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ExchangeError("the answer is no manifest") from None
    is_index = document.manifests is not None
    is_manifest = document.config is not None or document.layers is not None
    if is_index and is_manifest:
        raise ExchangeError("the document is both an index and a manifest")
    return document


def parse_document(body: bytes) -> Document:
    """Index, manifest, or the platform of a schema 1 manifest.

    Raises:
        ExchangeError: none of these, or two of them at once.
    """
    return classify(decode_document(body))


def classify(document: RawDocument) -> Document:
    """What a document is.

    Raises:
        ExchangeError: none that we know.
    """
    if document.schema_version == 1:
        return _schema1(document)
    if document.manifests is not None:
        return IndexDocument(children=tuple(_children(document.manifests)))
    if document.config is not None:
        return _manifest(document.config, document.layers or [])
    if document.blobs is not None or document.artifact_type:
        return ManifestDocument(config="", size=0, layers=(), image=False)
    raise ExchangeError("the answer is no manifest")


def parse_config(body: bytes) -> ConfigDocument:
    """Platform of an image config; none where it names no architecture.

    Raises:
        ExchangeError: not a config.
    """
    try:
        return _config(_platform.decode(body))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ExchangeError("the config cannot be read") from None


def _config(platform: _Platform) -> ConfigDocument:
    return ConfigDocument(platform=normalised_platform(platform), variant_said=bool(platform.variant))


def normalised_platform(platform: _Platform | None) -> Platform | None:
    if platform is None or not platform.architecture:
        return None
    parts = (platform.os or "", platform.architecture, platform.variant or "")
    if max(map(len, parts)) > _PLATFORM_LIMIT:
        raise ExchangeError(f"a platform with a part longer than {_PLATFORM_LIMIT} characters")
    return normalised(*parts)


def _schema1(document: RawDocument) -> ConfigDocument:
    """The first history entry is the image's own config (distribution `manifest-v2-1.md`)."""
    if not document.history:
        raise ExchangeError("a schema 1 manifest without history")
    return parse_config(document.history[0].v1_compatibility.encode())


def _children(descriptors: list[RawDescriptor]) -> list[Child]:
    return [
        Child(
            digest=checked(descriptor).digest,
            platform=normalised_platform(descriptor.platform),
            nested=descriptor.media_type in INDEX_TYPES,
            image=may_be_image(descriptor),
        )
        for descriptor in descriptors
        if not is_attestation(descriptor)
    ]


def is_attestation(descriptor: RawDescriptor) -> bool:
    """Entries that buildx adds, and any other for the platform `unknown/unknown`, which nothing runs on."""
    if ATTESTATION in (descriptor.annotations or {}):
        return True
    platform = descriptor.platform
    return platform is not None and platform.architecture == "unknown" and platform.os in {"unknown", "", None}


def may_be_image(descriptor: RawDescriptor) -> bool:
    media_type = descriptor.media_type or ""
    if media_type in INDEX_TYPES:
        return True
    return media_type in _MANIFEST_TYPES and (descriptor.artifact_type or "") in _CONFIG_TYPES


def _manifest(config: RawDescriptor, layers: list[RawDescriptor]) -> ManifestDocument:
    sizes = {descriptor.digest: checked(descriptor).size for descriptor in (config, *layers)}
    is_image = (config.media_type or "") in _CONFIG_TYPES and (
        not layers or any(not layer.media_type or layer.media_type.startswith(_LAYER_TYPES) for layer in layers)
    )
    return ManifestDocument(
        config=config.digest,
        size=sum(sizes.values()),
        layers=tuple(layer.digest for layer in layers if layer.digest not in EMPTY_LAYERS),
        image=is_image,
    )


def checked(descriptor: RawDescriptor) -> RawDescriptor:
    if not is_digest(descriptor.digest):
        raise ExchangeError("a descriptor without a digest that can be verified")
    if descriptor.size < 0:
        raise ExchangeError("a descriptor of negative size")
    return descriptor

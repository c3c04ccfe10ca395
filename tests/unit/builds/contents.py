"""Contents of tags as a registry client would give them: a good one, and every way to spoil it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from buildkit.builds.expectation import BuiltDigest, Expectation
from buildkit.model.contents import (
    AttestationContents,
    BlobContents,
    ChildContents,
    ConfigContents,
    Descriptor,
    StatementContents,
    TagContents,
)
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict
from buildkit.model.platform import parse_platform

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = "ghcr.io/x/y:v1"
AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
BOTH: Final = (AMD64, ARM64)
PROVENANCE: Final = "https://slsa.dev/provenance/v1"
SBOM: Final = "https://spdx.dev/Document"
LABELS: Final = (("org.opencontainers.image.revision", "abc"), ("org.opencontainers.image.version", "v1"))
UNREAD: Final = Failure(verdict=Verdict.UNKNOWN, reason="no answer")
GONE: Final = Failure(verdict=Verdict.MISSING, reason="the registry has none")


def digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def blob(name: str, size: int = 10, **facts: Any) -> BlobContents:
    return BlobContents(descriptor=Descriptor(digest=digest(name), size=size), **{"found": size, **facts})


def image(platform: str, *, config: str | None = None, layer: str | None = None, **facts: Any) -> ChildContents:
    """Build an image whose config says what its descriptor says, with a layer of its own."""
    said = parse_platform(config or platform)
    layers = (blob(layer or f"layer {platform}"),)
    child = ChildContents(
        descriptor=Descriptor(digest=digest(f"{platform} {layer}"), size=7, platform=parse_platform(platform)),
        size=7,
        config=ConfigContents(platform=said, labels=LABELS, diff_ids=(digest("diff"),)),
        config_blob=blob(f"config {platform}"),
        layers=layers,
        own_layers=tuple(one.descriptor.digest for one in layers),
    )
    return replace(child, **facts)


def labelled(one: ChildContents, *labels: tuple[str, str]) -> ChildContents:
    assert one.config is not None
    return replace(one, config=replace(one.config, labels=labels))


def statement(subject: str, **facts: Any) -> StatementContents:
    found = StatementContents(
        blob=blob(f"statement {subject}"),
        predicate_type=PROVENANCE,
        stated_type=PROVENANCE,
        subjects=(subject,),
    )
    return replace(found, **facts)


def attestation(of: ChildContents, *more: StatementContents, **facts: Any) -> AttestationContents:
    """Build the attestation of an image, with its provenance."""
    found = AttestationContents(
        descriptor=Descriptor(
            digest=digest(f"about {of.digest}"),
            size=9,
            annotations=(("vnd.docker.reference.type", "attestation-manifest"),),
        ),
        refers=of.digest,
        subject=of.digest,
        size=9,
        config_blob=blob("{}", 2),
        statements=(statement(of.digest), *more),
    )
    return replace(found, **facts)


def tag(images: Sequence[ChildContents] | None = None, *, attested: bool = False, **facts: Any) -> TagContents:
    """Build a tag of both platforms."""
    chosen = tuple([image("linux/amd64"), image("linux/arm64")] if images is None else images)
    found = TagContents(
        name=NAME,
        place="ghcr.io/x/y",
        digest=digest("index"),
        index=True,
        images=chosen,
        attestations=tuple(map(attestation, chosen)) if attested else (),
    )
    return replace(found, **facts)


def expected(**facts: Any) -> Expectation:
    return replace(Expectation(platforms=BOTH), **facts)


def built(*of: ChildContents) -> tuple[BuiltDigest, ...]:
    return tuple(
        BuiltDigest(platform=one.platform, digest=digest(f"pushed {one.digest}"), manifest=one.digest)
        for one in of
        if one.platform
    )

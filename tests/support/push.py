"""Tiny images and indexes of any shape, built in memory and pushed over HTTP.

    push_image(registry.host, "library/mysql", "8.4", index("linux/amd64", "linux/arm64"))

A shape is an `Image`, an `Index` of `Entry`, or `Raw` bytes; `build` gives every document of it by digest, so a test
can also serve one by itself where a real registry would refuse it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_ZSTD_LAYER = "application/vnd.oci.image.layer.v1.tar+zstd"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"

_DOCKER_TYPES = {OCI_CONFIG: DOCKER_CONFIG, OCI_LAYER: DOCKER_LAYER}


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image manifest. `platform` is what its config says (None: nothing); `salt` makes equal images differ.

    `layers` None means one layer that no other platform or salt shares; `settings` are those of a container: Labels,
    Entrypoint.
    """

    platform: str | None = "linux/amd64"
    layers: tuple[bytes, ...] | None = None
    salt: str = ""
    docker: bool = False
    config_type: str = OCI_CONFIG
    layer_type: str = OCI_LAYER
    artifact_type: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    layer_annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A document as it stands, under the media type given."""

    body: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One descriptor of an index; `absent` names a child that is never pushed."""

    content: Image | Index | Raw
    platform: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str | None = None
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Index:
    entries: tuple[Entry, ...]
    docker: bool = False
    artifact_type: str | None = None


Shape = Image | Index | Raw


@dataclass(kw_only=True)
class Built:
    """Every document of a shape: `manifests` maps a digest to (media type, bytes), children before parents."""

    digest: str = ""
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)


def index(*platforms: str, salt: str = "", docker: bool = False, attested: bool = False) -> Index:
    """Build an ordinary multi-platform shape, with attestations as buildx adds them when `attested`."""
    images = tuple(Entry(content=Image(platform=name, salt=salt, docker=docker), platform=name) for name in platforms)
    proofs = tuple(attestation(entry) for entry in images) if attested else ()
    return Index(entries=images + proofs, docker=docker)


def attestation(entry: Entry) -> Entry:
    """Build the attestation entry that buildx adds for an image entry."""
    digest = build(entry.content).digest
    return Entry(
        content=Image(
            platform="unknown/unknown",
            salt=digest,
            layer_type="application/vnd.in-toto+json",
            layers=(digest.encode(),),
        ),
        platform="unknown/unknown",
        annotations={
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": digest,
        },
    )


def digest_of(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def platform_fields(platform: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))


def build(shape: Shape) -> Built:
    """Every document of the shape; `digest` is the root's."""
    built = Built()
    _, built.digest, _ = _add(shape, built, keep=True)
    return built


def push_image(host: str, repository: str, tag: str, shape: Shape) -> str:
    """Push the shape and tag it; gives the digest of its root. Plain HTTP, one connection."""
    connection = http.client.HTTPConnection(host, timeout=20)
    try:
        return push_over(connection, repository, tag, build(shape))
    finally:
        connection.close()


def push_over(connection: http.client.HTTPConnection, repository: str, tag: str, built: Built) -> str:
    """Push over an open connection: what fills a registry with hundreds of images."""
    for digest, body in built.blobs.items():
        _push_blob(connection, repository, digest, body)
    for digest, (media_type, body) in built.manifests.items():
        target = tag if digest == built.digest else digest
        _ask(connection, "PUT", f"/v2/{repository}/manifests/{target}", body=body, media_type=media_type)
    return built.digest


def delete_blob(host: str, repository: str, digest: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=20)
    _ask(connection, "DELETE", f"/v2/{repository}/blobs/{digest}")
    connection.close()


def delete_manifest(host: str, repository: str, digest: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=20)
    _ask(connection, "DELETE", f"/v2/{repository}/manifests/{digest}")
    connection.close()


def _push_blob(connection: http.client.HTTPConnection, repository: str, digest: str, body: bytes) -> None:
    location = _ask(connection, "POST", f"/v2/{repository}/blobs/uploads/")
    path = location.split("://", 1)[-1]
    path = path[path.index("/") :]
    joint = "&" if "?" in path else "?"
    _ask(connection, "PUT", f"{path}{joint}digest={digest}", body=body, media_type="application/octet-stream")


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, *, body: bytes = b"", media_type: str = ""
) -> str:
    headers = {"Content-Length": str(len(body))} | ({"Content-Type": media_type} if media_type else {})
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
    return answer.getheader("Location", "")


def _add(shape: Shape, built: Built, *, keep: bool) -> tuple[str, str, int]:
    if isinstance(shape, Raw):
        return _document(shape.media_type, shape.body, built, keep=keep)
    if isinstance(shape, Image):
        return _add_image(shape, built, keep=keep)
    return _add_index(shape, built, keep=keep)


def _add_image(image: Image, built: Built, *, keep: bool) -> tuple[str, str, int]:
    layers = (f"{image.platform} {image.salt}".encode(),) if image.layers is None else image.layers
    config = {
        "created": "2026-01-01T00:00:00Z",
        **(platform_fields(image.platform) if image.platform else {}),
        "config": {"Env": [f"SALT={image.salt}"], **image.settings},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
    }
    kind = OCI_MANIFEST
    types = (image.config_type, image.layer_type)
    if image.docker:
        kind = DOCKER_MANIFEST
        types = (_DOCKER_TYPES.get(types[0], types[0]), _DOCKER_TYPES.get(types[1], types[1]))
    noted = {"annotations": dict(image.layer_annotations)} if image.layer_annotations else {}
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        **({"artifactType": image.artifact_type} if image.artifact_type else {}),
        "config": _blob(types[0], json.dumps(config).encode(), built, keep=keep),
        "layers": [{**_blob(types[1], layer, built, keep=keep), **noted} for layer in layers],
    }
    return _document(kind, json.dumps(manifest).encode(), built, keep=keep)


def _add_index(shape: Index, built: Built, *, keep: bool) -> tuple[str, str, int]:
    descriptors = []
    for entry in shape.entries:
        media_type, digest, size = _add(entry.content, built, keep=keep and not entry.absent)
        descriptors.append(
            {
                "mediaType": media_type,
                "digest": digest,
                "size": size,
                **({"platform": platform_fields(entry.platform)} if entry.platform else {}),
                **({"annotations": dict(entry.annotations)} if entry.annotations else {}),
                **({"artifactType": entry.artifact_type} if entry.artifact_type else {}),
            }
        )
    kind = DOCKER_LIST if shape.docker else OCI_INDEX
    extra = {"artifactType": shape.artifact_type} if shape.artifact_type else {}
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, **extra, "manifests": descriptors}).encode()
    return _document(kind, body, built, keep=keep)


def _document(media_type: str, body: bytes, built: Built, *, keep: bool) -> tuple[str, str, int]:
    digest = digest_of(body)
    if keep:
        built.manifests[digest] = (media_type, body)
    return media_type, digest, len(body)


def _blob(media_type: str, body: bytes, built: Built, *, keep: bool) -> dict[str, str | int]:
    digest = digest_of(body)
    if keep:
        built.blobs[digest] = body
    return {"mediaType": media_type, "digest": digest, "size": len(body)}

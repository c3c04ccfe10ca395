"""Documents from hostile registries: a typed value or a refusal, nothing else."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges.registry.content import digest_of, matches, own_digest, signed_payload
from buildkit.edges.registry.documents import (
    ConfigDocument,
    IndexDocument,
    ManifestDocument,
    parse_config,
    parse_document,
)
from buildkit.edges.registry.failures import ExchangeError

DIGEST = "sha256:" + "a" * 64
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(DIGEST),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["schemaVersion", "mediaType", "manifests", "config", "layers", "digest", "size", "platform", "history"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def document(**fields: Any) -> bytes:
    return json.dumps({"schemaVersion": 2, **fields}).encode()


@given(_json.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(ExchangeError):
        parse_document(body)
    with suppress(ExchangeError):
        parse_config(body)


def test_nulls_are_what_is_left_out() -> None:
    found = parse_document(document(config={"digest": DIGEST, "size": 3, "annotations": None}, layers=None))
    assert found == ManifestDocument(config=DIGEST, size=3, layers=(), image=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"manifests": [], "config": {"digest": DIGEST}},
        {"manifests": [], "layers": []},
        {"manifests": [{"digest": "sha256:short"}]},
        {"config": {"digest": DIGEST, "size": -1}},
        {"config": {"digest": DIGEST}, "layers": [{"digest": "x"}]},
        {"manifests": {}},
        {"layers": []},
        {},
    ],
)
def test_what_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ExchangeError):
        parse_document(document(**fields))


@pytest.mark.parametrize(
    ("config", "layer", "image"),
    [
        (OCI_CONFIG, "application/vnd.oci.image.layer.v1.tar+zstd", True),
        (OCI_CONFIG, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", True),
        ("application/octet-stream", "application/vnd.docker.image.rootfs.diff.tar.gzip", True),
        (OCI_CONFIG, "application/vnd.in-toto+json", False),
        ("application/vnd.docker.plugin.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip", False),
        ("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", False),
        ("application/vnd.oci.empty.v1+json", "application/vnd.oci.empty.v1+json", False),
    ],
)
def test_images_and_artifacts(config: str, layer: str, image: bool) -> None:  # noqa: FBT001
    parts = {"config": {"digest": DIGEST, "mediaType": config}, "layers": [{"digest": DIGEST, "mediaType": layer}]}
    found = parse_document(document(**parts))
    assert isinstance(found, ManifestDocument)
    assert found.image is image


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ({"os": "linux", "architecture": "arm64", "variant": "v8"}, "linux/arm64"),
        ({"architecture": "arm64"}, "linux/arm64"),
        ({"os": "linux"}, "None"),
        ({}, "None"),
        (None, "None"),
    ],
)
def test_platforms_of_descriptors(platform: dict[str, str] | None, expected: str) -> None:
    found = parse_document(document(manifests=[{"digest": DIGEST, "platform": platform}]))
    assert isinstance(found, IndexDocument)
    assert [str(child.platform) for child in found.children] == [expected]


def test_attestations_are_left_out() -> None:
    unknown = {"digest": DIGEST, "platform": {"os": "unknown", "architecture": "unknown"}}
    noted = {"digest": DIGEST, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    assert parse_document(document(manifests=[unknown, noted])) == IndexDocument(children=())


def test_the_empty_layer_says_nothing() -> None:
    empty = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d663cb16422d00e8a7c22955b46d4"
    found = parse_document(document(config={"digest": DIGEST, "size": 5}, layers=[{"digest": empty, "size": 32}] * 2))
    assert found == ManifestDocument(config=DIGEST, size=37, layers=(), image=True)


def test_schema_1_without_history_is_refused() -> None:
    with pytest.raises(ExchangeError):
        parse_document(b'{"schemaVersion": 1, "fsLayers": []}')
    body = json.dumps({"schemaVersion": 1, "history": [{"v1Compatibility": '{"os":"linux"}'}]}).encode()
    assert parse_document(body) == ConfigDocument(platform=None)


def test_what_a_signature_does_not_cover_is_not_read() -> None:
    """A signed body matches the digest of its payload, whatever stands beside that."""
    history = [{"v1Compatibility": '{"architecture":"amd64"}'}]
    true = json.dumps({"schemaVersion": 1, "history": history}).encode()
    assert parse_document(_with_more(true)) == parse_document(true)
    modern = document(manifests=[])
    assert matches(_with_more(true), digest_of(true))
    assert not matches(_with_more(modern), digest_of(modern))


def _with_more(payload: bytes) -> bytes:
    protected = json.dumps({"formatLength": len(payload) - 1, "formatTail": "fQ"}).encode()
    signature = json.dumps([{"protected": urlsafe_b64encode(protected).decode()}]).encode()
    lie = b'[{"v1Compatibility":"{\\"architecture\\":\\"arm64\\"}"}]'
    return payload[:-1] + b',"signatures":' + signature + b',"history":' + lie + b"}"


def test_platforms_of_any_length_are_not_carried_on() -> None:
    with pytest.raises(ExchangeError, match="longer than"):
        parse_config(json.dumps({"architecture": "x" * 1000}).encode())


@given(st.binary(max_size=80))
def test_digests_of_plain_content(body: bytes) -> None:
    assert matches(body, digest_of(body))
    assert matches(body, digest_of(body, "sha512"))
    assert not matches(body + b" ", digest_of(body))
    assert own_digest(body) == digest_of(body)


@pytest.mark.parametrize("body", [b'{"signatures": []}', b'{"signatures": [{"protected": "e30"}]}', b'"signatures"'])
def test_broken_signatures_are_no_signatures(body: bytes) -> None:
    assert signed_payload(body) is None

"""Every shape a tag can have (facts: "Shapes a tag can have"), pushed to a real registry and judged."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.ask import BOTH, inspect, verdicts
from tests.support.push import (
    DOCKER_LIST,
    OCI_ZSTD_LAYER,
    Entry,
    Image,
    Index,
    Raw,
    Shape,
    build,
    delete_manifest,
    index,
    push_image,
)

if TYPE_CHECKING:
    from tests.support.registry_process import Registry

_NUMBERS = itertools.count()


def entry(declared: str | None, configured: str | None = None, salt: str = "", **more: object) -> Entry:
    image = Image(platform=configured or declared, salt=salt, **more)  # type: ignore[arg-type]
    return Entry(content=image, platform=declared)


def helm_chart() -> Image:
    return Image(
        config_type="application/vnd.cncf.helm.config.v1+json",
        layer_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    )


def signature() -> Image:
    """cosign signs with an image config and layers that are no layers."""
    return Image(platform=None, layer_type="application/vnd.dev.cosign.simplesigning.v1+json")


def wrapped(shape: Shape, times: int) -> Shape:
    """The shape as the only child of an index, again and again."""
    return Index(entries=(Entry(content=wrapped(shape, times - 1)),)) if times else shape


SAME_IMAGE = Image(platform="linux/amd64", salt="own digest")


@dataclass(frozen=True)
class Case:
    shape: Shape
    verdicts: dict[str, str]
    image: str
    platforms: str = BOTH
    descriptor: dict[str, str] = field(default_factory=dict)
    """Verdicts at `--depth descriptor` where they differ."""


GOOD = {"amd64": "supported", "arm64": "supported"}
AMD64_ONLY = {"amd64": "supported", "arm64": "missing"}
NO_IMAGE = {"amd64": "not-an-image", "arm64": "not-an-image"}
UNKNOWN = {"amd64": "unknown", "arm64": "unknown"}

CASES = {
    "index": Case(index("linux/amd64", "linux/arm64"), GOOD, "supported"),
    "docker list": Case(index("linux/amd64", "linux/arm64", docker=True), GOOD, "supported"),
    "variant v8": Case(index("linux/amd64", "linux/arm64/v8"), GOOD, "supported"),
    "v8 required": Case(
        index("linux/amd64", "linux/arm64"), {"arm64": "supported"}, "supported", platforms="linux/arm64/v8"
    ),
    "attestations": Case(index("linux/amd64", "linux/arm64", attested=True), GOOD, "supported"),
    "amd64 with attestations": Case(index("linux/amd64", attested=True), AMD64_ONLY, "missing"),
    "single amd64": Case(Image(platform="linux/amd64"), AMD64_ONLY, "missing"),
    "single arm64": Case(Image(platform="linux/arm64/v8"), {"amd64": "missing", "arm64": "supported"}, "missing"),
    "single docker": Case(Image(platform="linux/amd64", docker=True), AMD64_ONLY, "missing"),
    "single windows": Case(Image(platform="windows/amd64"), {"amd64": "missing", "arm64": "missing"}, "missing"),
    "zstd layers": Case(
        Index(
            entries=(entry("linux/amd64", layer_type=OCI_ZSTD_LAYER), entry("linux/arm64", layer_type=OCI_ZSTD_LAYER))
        ),
        GOOD,
        "supported",
    ),
    "nested": Case(
        Index(entries=(Entry(content=index("linux/amd64")), Entry(content=index("linux/arm64")))), GOOD, "supported"
    ),
    "nested with platforms": Case(
        Index(
            entries=(
                Entry(content=index("linux/amd64"), platform="linux/amd64"),
                Entry(content=index("linux/arm64"), platform="linux/arm64"),
            )
        ),
        GOOD,
        "supported",
    ),
    "nested under the label of one platform": Case(
        Index(entries=(Entry(content=index("linux/amd64", "linux/arm64"), platform="linux/amd64"),)),
        {"amd64": "supported", "arm64": "missing"},
        "missing",
    ),
    "nested too deep": Case(wrapped(index("linux/amd64"), 4), UNKNOWN, "unknown"),
    "nested three deep": Case(wrapped(index("linux/amd64", "linux/arm64"), 3), GOOD, "supported"),
    "no platforms": Case(
        Index(entries=(entry(None, "linux/amd64"), entry(None, "linux/arm64"))), GOOD, "supported", descriptor=UNKNOWN
    ),
    "no platforms, amd64 alone": Case(
        Index(entries=(entry(None, "linux/amd64"),)), AMD64_ONLY, "missing", descriptor=UNKNOWN
    ),
    "windows/arm64": Case(index("linux/amd64", "windows/arm64"), AMD64_ONLY, "missing"),
    "arm/v7": Case(index("linux/amd64", "linux/arm/v7"), AMD64_ONLY, "missing"),
    "arm without variant": Case(index("linux/arm"), {"arm/v7": "supported"}, "supported", platforms="linux/arm"),
    "arm/v6 config without variant": Case(
        Index(entries=(entry("linux/arm/v6", "linux/arm"),)), {"arm/v6": "supported"}, "supported", "linux/arm/v6"
    ),
    "arm/v6 serves v7": Case(index("linux/arm/v6"), {"arm/v7": "supported"}, "supported", platforms="linux/arm/v7"),
    "amd64/v3 alone": Case(
        index("linux/amd64/v3", "linux/arm64"), {"amd64": "missing", "arm64": "supported"}, "missing"
    ),
    "arm64 says amd64": Case(
        Index(entries=(entry("linux/amd64", salt="a"), entry("linux/arm64", "linux/amd64", salt="b"))),
        {"amd64": "supported", "arm64": "mislabelled"},
        "mislabelled",
        descriptor=GOOD,
    ),
    "amd64's own digest": Case(
        Index(
            entries=(
                Entry(content=SAME_IMAGE, platform="linux/amd64"),
                Entry(content=SAME_IMAGE, platform="linux/arm64"),
            )
        ),
        {"amd64": "supported", "arm64": "mislabelled"},
        "mislabelled",
        descriptor={"amd64": "mislabelled", "arm64": "mislabelled"},
    ),
    "identical layers": Case(
        Index(
            entries=(entry("linux/amd64", layers=(b"same",)), entry("linux/arm64", layers=(b"same",))),
        ),
        {"amd64": "suspect", "arm64": "suspect"},
        "suspect",
        descriptor=GOOD,
    ),
    "no layers": Case(
        Index(entries=(entry("linux/amd64", layers=()), entry("linux/arm64", layers=()))), GOOD, "supported"
    ),
    "one shared base layer": Case(
        Index(
            entries=(entry("linux/amd64", layers=(b"base", b"a")), entry("linux/arm64", layers=(b"base", b"b"))),
        ),
        GOOD,
        "supported",
    ),
    "helm chart": Case(helm_chart(), NO_IMAGE, "not-an-image"),
    "cosign signature": Case(signature(), NO_IMAGE, "not-an-image"),
    "artifact type": Case(
        Image(config_type="application/vnd.oci.empty.v1+json", artifact_type="application/spdx+json"),
        NO_IMAGE,
        "not-an-image",
    ),
    "index of artifacts": Case(
        Index(
            entries=(
                Entry(
                    content=Image(config_type="application/vnd.oci.empty.v1+json", artifact_type="application/x"),
                    artifact_type="application/x",
                ),
            ),
            artifact_type="application/x",
        ),
        NO_IMAGE,
        "not-an-image",
    ),
    "image beside an artifact": Case(
        Index(entries=(entry("linux/amd64"), Entry(content=helm_chart()))),
        AMD64_ONLY,
        "missing",
        descriptor={"amd64": "supported", "arm64": "unknown"},
    ),
    "child never pushed": Case(
        Index(
            entries=(
                entry("linux/amd64"),
                Entry(content=Image(platform="linux/arm64"), platform="linux/arm64", absent=True),
            )
        ),
        AMD64_ONLY,
        "missing",
        descriptor=GOOD,
    ),
    "empty index": Case(Index(entries=()), {"amd64": "missing", "arm64": "missing"}, "missing"),
    "config names no platform": Case(Image(platform=None), UNKNOWN, "unknown"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_shape_is_judged_right(name: str, registry: Registry) -> None:
    case = CASES[name]
    repository = f"shapes/case-{next(_NUMBERS)}"
    digest = push_image(registry.host, repository, "v1", case.shape)
    (record,) = inspect(f"{registry.host}/{repository}:v1", platforms=case.platforms)
    assert (verdicts(record), str(record.verdict), record.digest) == (case.verdicts, case.image, digest), record
    assert record.depth == "config"
    assert record.verdict == "supported" or record.reason


@pytest.mark.parametrize("name", CASES)
def test_each_shape_from_descriptors_alone(name: str, registry: Registry) -> None:
    case = CASES[name]
    repository = f"shapes/flat-{next(_NUMBERS)}"
    push_image(registry.host, repository, "v1", case.shape)
    (record,) = inspect(f"{registry.host}/{repository}:v1", platforms=case.platforms, depth="descriptor")
    assert verdicts(record) == (case.descriptor or case.verdicts), record
    assert (
        record.depth == ("descriptor" if isinstance(case.shape, Index) else "config")
        or record.verdict == "not-an-image"
    )


def test_sizes_are_config_and_layers_each_once(registry: Registry) -> None:
    image = Image(platform="linux/amd64", layers=(b"one", b"three", b"one"))
    config = next(body for body in build(image).blobs.values() if body.startswith(b"{"))
    push_image(registry.host, "sizes", "v1", image)
    (record,) = inspect(f"{registry.host}/sizes:v1", platforms="linux/amd64")
    assert record.platforms["linux/amd64"].size == len(config) + len(b"one") + len(b"three")
    assert record.platforms["linux/amd64"].config_platform == "linux/amd64"


def test_a_deleted_child_is_missing_with_that_reason(registry: Registry) -> None:
    shape = index("linux/amd64", "linux/arm64", salt="deleted")
    digest = build(shape.entries[1].content).digest
    push_image(registry.host, "deleted", "v1", shape)
    delete_manifest(registry.host, "deleted", digest)
    (record,) = inspect(f"{registry.host}/deleted:v1")
    assert verdicts(record) == AMD64_ONLY
    assert digest in str(record.platforms["linux/arm64"].reason)
    assert record.platforms["linux/arm64"].digest == digest


def test_absent_repository_tag_and_digest(registry: Registry) -> None:
    push_image(registry.host, "there", "v1", Image())
    nowhere = f"{registry.host}/there@sha256:{'0' * 64}"
    records = inspect(f"{registry.host}/there:v2", f"{registry.host}/not/there:v1", nowhere)
    assert [str(record.verdict) for record in records] == ["absent"] * 3


def test_tag_and_digest_together_ask_for_the_digest(registry: Registry) -> None:
    digest = push_image(registry.host, "pinned", "v1", index("linux/amd64", "linux/arm64", salt="pinned"))
    (record,) = inspect(f"{registry.host}/pinned:gone@{digest}")
    assert (record.name, str(record.verdict), record.digest) == (
        f"{registry.host}/pinned:gone@{digest}",
        "supported",
        digest,
    )


def test_media_types_are_told_from_content(registry: Registry) -> None:
    body = json.dumps({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": []}).encode()
    push_image(registry.host, "typed", "v1", Raw(body=body, media_type=DOCKER_LIST))
    (record,) = inspect(f"{registry.host}/typed:v1")
    assert str(record.verdict) == "missing"

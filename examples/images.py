"""What the sample platform's registries hold: one shape per image, two tags of what changed between releases.

The tree is `examples/platform`; nothing here is read by kfkit. `make demo` and the tests push these to a real registry.
"""

from __future__ import annotations

from tests.support.push import Entry, Image, Index, Shape, index

AMD64 = "linux/amd64"
ARM64 = "linux/arm64"
HERE = "registry.quarry.example"
EVENTING = "ghcr.io/quarry-example/eventing"


def _both(name: str) -> Index:
    return index(AMD64, ARM64, salt=name)


def _amd64(name: str) -> Index:
    """As buildx pushes for one platform: an index of one image and its attestation."""
    return index(AMD64, salt=name, attested=True)


def _single(name: str, platform: str = AMD64) -> Image:
    """A manifest without an index: its platform stands in its config only."""
    return Image(platform=platform, salt=name, docker=True)


def _mislabelled(name: str) -> Index:
    """The arm64 descriptor leads to an image whose config says amd64."""
    return Index(
        entries=(
            Entry(content=Image(platform=AMD64, salt=name), platform=AMD64),
            Entry(content=Image(platform=AMD64, salt=f"{name} rebuilt"), platform=ARM64),
        )
    )


def _one_manifest_twice(name: str) -> Index:
    """The arm64 entry is the amd64 manifest itself."""
    image = Image(platform=AMD64, salt=name)
    return Index(entries=(Entry(content=image, platform=AMD64), Entry(content=image, platform=ARM64)))


def _suspect(name: str) -> Index:
    """Two configs, one and the same layer: whatever it holds can run on one of the two at most."""
    layer = (f"{name} for amd64".encode(),)
    return Index(
        entries=tuple(
            Entry(content=Image(platform=platform, salt=name, layers=layer), platform=platform)
            for platform in (AMD64, ARM64)
        )
    )


def _nested(name: str) -> Index:
    """An index inside an index."""
    return Index(
        entries=(
            Entry(content=Image(platform=AMD64, salt=name), platform=AMD64),
            Entry(content=index(ARM64, salt=name)),
        )
    )


def _bare_descriptors(name: str) -> Index:
    """Descriptors without `platform`, which OCI allows: only the configs tell."""
    return Index(entries=tuple(Entry(content=Image(platform=platform, salt=name)) for platform in (AMD64, ARM64)))


def _variant(name: str) -> Index:
    return index(AMD64, "linux/arm64/v8", salt=name, attested=True)


def _look_alikes(name: str) -> Index:
    """arm/v7 and windows/arm64: neither is linux/arm64."""
    return index(AMD64, "linux/arm/v7", "windows/arm64", salt=name)


def _broken_child(name: str) -> Index:
    """The index names an arm64 manifest that the registry does not have."""
    return Index(
        entries=(
            Entry(content=Image(platform=AMD64, salt=name), platform=AMD64),
            Entry(content=Image(platform=ARM64, salt=name), platform=ARM64, absent=True),
        )
    )


def _chart(name: str) -> Image:
    """A Helm chart: an OCI artifact, and no image."""
    return Image(
        platform=None,
        salt=name,
        config_type="application/vnd.cncf.helm.config.v1+json",
        layer_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        layers=(name.encode(),),
    )


_SPECIAL: dict[str, Shape] = {
    # Pinned by digest: the gateway's Deployment to the amd64 entry alone, the agent's DaemonSet to the index.
    f"{HERE}/gateway/proxy:1.4.0": _both("gateway/proxy 1.4.0"),
    f"{HERE}/agent/agent:1.1.0": _variant("agent 1.1.0"),
    # The tag that lost arm64: 1.0.0 had it, 1.1.0 has not.
    f"{HERE}/runs/controller:1.0.0": _both("runs/controller 1.0.0"),
    f"{HERE}/runs/controller:1.1.0": _amd64("runs/controller 1.1.0"),
    # amd64 in a tag: the tag of both platforms exists beside it.
    "quay.io/quarry-example/database-backup:1.1-amd64": _single("database-backup"),
    "quay.io/quarry-example/database-backup:1.1-arm64": _single("database-backup", ARM64),
    "quay.io/quarry-example/database-backup:1.1": Index(
        entries=tuple(
            Entry(content=_single("database-backup", platform), platform=platform) for platform in (AMD64, ARM64)
        ),
        docker=True,
    ),
    # One platform, in several forms.
    "docker.io/quarry/notebook-gpu:1.1": _amd64("notebook-gpu"),
    "docker.io/quarry/kubectl:1.34.2": _single("kubectl"),
    "nvcr.io/quarry-example/runtime-torch-gpu:2.9-cuda13": _single("runtime-torch-gpu"),
    f"{HERE}/serving/batcher:1.1.0": _look_alikes("batcher"),
    f"{HERE}/runs/launcher:1.1.0": _amd64("launcher"),
    # Both platforms on paper.
    "ghcr.io/quarry-example/step-train:1.1.0": _mislabelled("step-train"),
    "quay.io/quarry-example/notebook-culler:1.1.0": _one_manifest_twice("notebook-culler"),
    f"{HERE}/serving/transformer:1.1.0": _suspect("transformer"),
    "public.ecr.aws/quarry-example/log-shipper:3.2": _broken_child("log-shipper"),
    # No image at all, or nothing: `nvcr.io/quarry-example/gpu-probe:1.1.0` is not published.
    f"{HERE}/agent/metrics:1.1.0": _chart("metrics"),
    # Both platforms, in the less common forms.
    f"{HERE}/runs/waiter:1.1.0": _nested("waiter"),
    f"{HERE}/runs/pool:1.1.0": _bare_descriptors("pool"),
    f"{HERE}/gateway/auth:2.0.1": _variant("auth"),
    "docker.io/library/mariadb:11.4": index(AMD64, ARM64, "linux/ppc64le", "linux/s390x", salt="mariadb", docker=True),
    f"{HERE}:5000/agent/probe:1.1.0": _both("probe"),
    # Pinned by digest in contrib/eventing: broker and queue to the amd64 entry, filter to the arm64 one, kafka to an
    # index of amd64 alone, sink to what was published before the tag was moved.
    f"{EVENTING}/broker:v1.4.0": _both("eventing/broker v1.4.0"),
    f"{EVENTING}/queue:v1.4.0": _both("eventing/queue v1.4.0"),
    f"{EVENTING}/filter:1.4.0": _both("eventing/filter 1.4.0"),
    f"{EVENTING}/kafka:1.4.0": _amd64("eventing/kafka 1.4.0"),
    f"{EVENTING}/sink:1.4.0": _both("eventing/sink 1.4.0"),
}
_PLAIN: dict[str, Shape] = {
    name: _both(name)
    for name in (
        f"{HERE}/agent/updater:1.1.0",
        f"{HERE}/console/access-log:1.1.0",
        f"{HERE}/console/web:1.1.0",
        f"{HERE}/console/migrate:latest",
        f"{HERE}/console/profile-sidecar:1.1.0",
        f"{HERE}/runs/worker:1.1.0",
        f"{HERE}/runs/clean:1.1.0",
        f"{HERE}/runs/trial:1.1.0",
        f"{HERE}/runs/step-fetch:1.1.0",
        f"{HERE}/serving/controller:1.1.0",
        f"{HERE}/serving/storage-initializer:1.1.0",
        "docker.io/quarry/notebook-base:1.1",
        "docker.io/quarry/notebook-torch:1.1",
        "gcr.io/quarry-example/step-report:v1.1",
        "ghcr.io/quarry-example/explainer:0.4.0",
        "ghcr.io/quarry-example/mesh/injector:1.22.3",
        "ghcr.io/quarry-example/mesh/sidecar:1.22.3",
        "ghcr.io/quarry-example/notebook-rstudio:4.4.1",
        "ghcr.io/quarry-example/profiles:v1.1.0",
        "ghcr.io/quarry-example/serving-logger:1.1.0",
        "ghcr.io/quarry-example/web-terminal:0.9.2",
        "ghcr.io/quarry-example/web-terminal-zsh:0.9.2",
        "quay.io/quarry-example/cache-warmup:2.3.1",
        "quay.io/quarry-example/mesh-init:1.22.3",
        "quay.io/quarry-example/notebook-minimal:1.1",
        "quay.io/quarry-example/runtime-sklearn:1.7",
        "quay.io/quarry-example/runtime-torch:2.9",
        "registry.k8s.io/quarry-example/node-exporter:v1.9.1",
    )
}

# Newer tags than the platform uses, for two of those that lost or never had arm64; the others have none that helps.
_NEWER: dict[str, Shape] = {
    f"{HERE}/runs/controller:1.1.1": _amd64("runs/controller 1.1.1"),
    f"{HERE}/runs/controller:1.2.0-rc.1": _both("runs/controller 1.2.0-rc.1"),
    f"{HERE}/runs/controller:1.2.0": _both("runs/controller 1.2.0"),
    f"{HERE}/runs/launcher:1.2.0": _amd64("launcher 1.2.0"),
    "docker.io/quarry/kubectl:1.34.3": _both("kubectl 1.34.3"),
    "docker.io/quarry/kubectl:1.34.3-arm64": _single("kubectl 1.34.3-arm64", ARM64),
}

IMAGES: dict[str, Shape] = _SPECIAL | _PLAIN | _NEWER

"""Planned builds as arguments of `buildx build`."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.builds.arguments import build_arguments, from_name
from buildkit.builds.plan import PlannedPlatform
from tests.unit.builds.components import plan
from tests.unit.builds.results import build

if TYPE_CHECKING:
    from collections.abc import Sequence

ARM64 = PlannedPlatform(platform="linux/arm64")


def arguments(bases: Sequence[tuple[str, str]] = (), **facts: Any) -> tuple[str, ...]:
    return build_arguments(build(**facts), ARM64, "b", bases)


def test_the_whole_command_of_a_plan() -> None:
    planned = plan(cache="registry", epoch=1_700_000_000, sbom=True, tags=("latest",)).builds[0]
    commit = "0123456789abcdef0123456789abcdef01234567"
    assert build_arguments(planned, planned.platforms[1], "kfkit", [("x:1", "ghcr.io/x@sha256:00")]) == (
        *("--builder", "kfkit", "--platform", "linux/arm64", "--file", "../src/cmd/ui/Dockerfile", "--target", "final"),
        *("--build-arg", f"COMMIT={commit}", "--build-arg", "EMPTY=", "--build-arg", "REGISTRY=ghcr.io"),
        *("--build-arg", "VERSION=1.2.0", "--label", f"at={commit}"),
        *("--label", "org.opencontainers.image.created=2023-11-14T22:13:20Z"),
        *("--label", f"org.opencontainers.image.revision={commit}"),
        *("--label", "org.opencontainers.image.source=https://github.com/kubeflow/katib"),
        *("--label", "org.opencontainers.image.title=Katib UI", "--label", "org.opencontainers.image.version=1.2.0"),
        *("--attest", "type=provenance,mode=max", "--attest", "type=sbom"),
        *("--cache-from", "type=registry,ref=ghcr.io/kubeflow/katib/ui:buildcache-linux-arm64"),
        "--cache-to",
        "type=registry,ref=ghcr.io/kubeflow/katib/ui:buildcache-linux-arm64,mode=max,ignore-error=true",
        *("--build-context", "x:1=docker-image://ghcr.io/x@sha256:00"),
        "--output",
        'type=image,"name=ghcr.io/kubeflow/katib/ui",push-by-digest=true,name-canonical=true,push=true',
        *("--", "../src"),
    )


def test_what_has_no_value_is_left_out() -> None:
    assert arguments(labels=()) == (
        *("--builder", "b", "--platform", "linux/arm64", "--file", "Dockerfile", "--output"),
        'type=image,"name=ghcr.io/x/app",push-by-digest=true,name-canonical=true,push=true',
        *("--", "."),
    )


def test_no_build_ever_has_a_tag() -> None:
    """With push-by-digest buildx refuses one; without, two nodes would each publish it."""
    for planned in plan(tags=("latest", "stable")).builds:
        for platform in planned.platforms:
            found = build_arguments(planned, platform, "b")
            assert not {"--tag", "-t", "--push", "--load"} & set(found)
            assert not any(tag in word for tag in planned.tags for word in found)


def test_the_output_is_fields_of_csv() -> None:
    output = arguments()[arguments().index("--output") + 1]
    assert next(csv.reader([output])) == [
        *("type=image", "name=ghcr.io/x/app", "push-by-digest=true", "name-canonical=true", "push=true")
    ]


@given(st.text(min_size=1), st.text())
def test_no_value_becomes_an_option(name: str, value: str) -> None:
    found = arguments(args=((name, value),), labels=((name, value),), target=value, dockerfile=value, context=value)
    head, _, context = "\0".join(found).rpartition("\0--\0")
    assert context == value
    for option in ("--build-arg", "--label", "--file"):
        assert option in head
    assert found[found.index("--build-arg") + 1] == f"{name}={value}"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("docker.io/library/mysql:8", "mysql:8"),
        ("docker.io/kubeflow/x:1", "kubeflow/x:1"),
        ("docker.io/kubeflow/x:latest", "kubeflow/x"),
        ("ghcr.io/library/x:1", "ghcr.io/library/x:1"),
        ("ghcr.io/x/y:latest", "ghcr.io/x/y"),
        ("127.0.0.1:5000/x:latest-gpu", "127.0.0.1:5000/x:latest-gpu"),
        ("localhost:5000/library/x:1", "localhost:5000/library/x:1"),
    ],
)
def test_a_base_has_the_name_by_which_buildkit_looks_for_it(tag: str, name: str) -> None:
    """What a FROM of it is called in moby/buildkit `frontend/dockerui/namedcontext.go`."""
    assert from_name(tag) == name

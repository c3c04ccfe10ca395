"""Architectures in tags and names: what counts as one, and what is left without it."""

from __future__ import annotations

import pytest

from buildkit.model.reference import parse_reference
from buildkit.pins.architectures import untie, untied

UNTIED = {
    "a/b:v1-amd64": "docker.io/a/b:v1",
    "a/b:v1-linux-amd64": "docker.io/a/b:v1",
    "a/b:linux-amd64-v1": "docker.io/a/b:v1",
    "a/b:amd64-linux-v1": "docker.io/a/b:v1",
    "a/b:v1_x86_64": "docker.io/a/b:v1",
    "a/b:1-x86-64-alpine": "docker.io/a/b:1-alpine",
    "a/b:v1.aarch64": "docker.io/a/b:v1",
    "a/b:v1-linux-386": "docker.io/a/b:v1",
    "a/b:v1-i386": "docker.io/a/b:v1",
    "a/b:v1-armv7": "docker.io/a/b:v1",
    "a/b:latest-s390x": "docker.io/a/b:latest",
    "x/y-amd64:v1": "docker.io/x/y:v1",
    "x/amd64-y:v1": "docker.io/x/y:v1",
    "quay.io/x/y-linux-ppc64le:v1": "quay.io/x/y:v1",
    "k8s.gcr.io/hyperkube-amd64:v1": "k8s.gcr.io/hyperkube:v1",
    "amd64/mysql:8": "docker.io/library/mysql:8",
    "docker.io/arm64v8/nginx": "docker.io/library/nginx:latest",
    "arm32v7/redis:7": "docker.io/library/redis:7",
    "amd64/mysql:8-amd64": "docker.io/library/mysql:8",
}


@pytest.mark.parametrize(("text", "wanted"), UNTIED.items())
def test_a_reference_is_untied(text: str, wanted: str) -> None:
    found = untied(parse_reference(text))
    assert found is not None
    assert found.name == wanted


@pytest.mark.parametrize("text", ["a/b:amd64", "a/b:linux-amd64", "quay.io/a/amd64:v1"])
def test_nothing_is_left_of_what_is_only_an_architecture(text: str) -> None:
    reference = parse_reference(text)
    assert untie(reference.repository, reference.tag) is not None
    assert untied(reference) is None


@pytest.mark.parametrize(
    "text",
    [
        "a/b:linux",
        "a/b-linux:v1",
        "a/b:amd",
        "a/x86:v1",
        "a/charm64:v1",
        "a/b:20250386",
        "a/b:v1.2.386",
        "a/b:v1-386",
        "a/b:3c386f0",
        "a/b:v1-amd64x",
        "a/b:v1-amd64-arm64",
        "a/beamd64:v1",
        "a/b:arm64ish",
    ],
)
def test_false_friends_are_none(text: str) -> None:
    reference = parse_reference(text)
    assert untie(reference.repository, reference.tag) is None
    assert untied(reference) is None

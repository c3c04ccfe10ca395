"""Names in a mirror: where they stand, and what a mirror cannot hold."""

from __future__ import annotations

import pytest

from buildkit.model.reference import parse_reference
from buildkit.overlay.mirror import MirrorError, parse_mirror, text_of

DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("mysql:8.4", "m.example:5000/kf/docker.io/library/mysql:8.4"),
        ("busybox", "m.example:5000/kf/docker.io/library/busybox"),
        ("ghcr.io/a/b:1" + DIGEST, "m.example:5000/kf/ghcr.io/a/b:1" + DIGEST),
        ("gcr.io/a/b" + DIGEST, "m.example:5000/kf/gcr.io/a/b" + DIGEST),
        ("localhost:5001/a:1", "m.example:5000/kf/localhost-5001/a:1"),
        ("Registry.Example/a:1", "m.example:5000/kf/registry.example/a:1"),
        ("m.example:5000/kf/ghcr.io/a/b:1", "m.example:5000/kf/ghcr.io/a/b:1"),
    ],
)
def test_host_and_repository_stand_below_the_prefix_with_tag_and_digest(image: str, name: str) -> None:
    assert text_of(parse_mirror("m.example:5000/kf").name_of(parse_reference(image))) == name


@pytest.mark.parametrize("image", ["[::1]:5000/a:1", "x.example/" + "a" * 250 + ":1"])
def test_a_name_that_no_mirror_can_hold_is_an_error(image: str) -> None:
    with pytest.raises(MirrorError, match="no name in the mirror"):
        parse_mirror("m.example/kf").name_of(parse_reference(image))


@pytest.mark.parametrize(
    "prefix", ["", "m", "a/b", "https://m.example", "m.example/a:1", "m.example/A", "m.example/a b"]
)
def test_a_prefix_is_a_host_and_a_path(prefix: str) -> None:
    with pytest.raises(MirrorError):
        parse_mirror(prefix)


def test_a_slash_at_the_end_is_no_matter() -> None:
    assert parse_mirror("m.example/kf/").prefix == "m.example/kf"

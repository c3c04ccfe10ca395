"""References in pieces: what each piece becomes, so that together they are the wanted reference."""

from __future__ import annotations

import pytest

from buildkit.model.reference import parse_reference
from buildkit.overlay.pieces import divide

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("pieces", "whole", "wanted", "new"),
    [
        (("ghcr.io/x/y", "1"), "ghcr.io/x/y:1", "m.example/ghcr.io/x/y:1", ("m.example/ghcr.io/x/y", "1")),
        (("gcr.io/istio", "pilot", "1"), "gcr.io/istio/pilot:1", "m.example/i/pilot:2", ("m.example/i", "pilot", "2")),
        (("quay.io", "a/b", "1"), "quay.io/a/b:1", "m.example/quay.io/a/b:1", ("m.example/quay.io", "a/b", "1")),
        (("quay.io/", "a", "1"), "quay.io/a:1", "m.example/quay.io/a:1", ("m.example/quay.io/", "a", "1")),
        (("quay.io", "a:1"), "quay.io/a:1", "m.example/b:2", ("m.example", "b:2")),
        (("x.io/a", A), f"x.io/a@{A}", f"m.example/a@{B}", ("m.example/a", B)),
        (("x.io/a", "1", A), f"x.io/a:1@{A}", f"m.example/a:2@{B}", ("m.example/a", "2", B)),
        (("x.io/a", "1"), "x.io/a:1", f"x.io/a:1@{B}", ("x.io/a", f"1@{B}")),
        (("x.io", "a", "1"), "x.io/a:1-distroless", "m.example/a:2-distroless", ("m.example", "a", "2")),
        (("x.io/a", "1"), "x.io/a:1", "m.example/a", ("m.example/a", "latest")),
        (("mysql", "1"), "mysql:1", "mysql:2", ("mysql", "2")),
        (("docker.io", "a:1"), "docker.io/a:1", "docker.io/library/a:2", ("docker.io", "a:2")),
        ((" x.io/a ", "1"), "x.io/a:1", "m.example/a:1", (" m.example/a ", "1")),
        (("docker.io", "mysql", "8"), "docker.io/mysql:8", "m.example/x/mysql:8", ("m.example/x", "mysql", "8")),
    ],
)
def test_pieces_make_the_wanted_reference(
    pieces: tuple[str, ...], whole: str, wanted: str, new: tuple[str, ...]
) -> None:
    assert divide(pieces, parse_reference(whole), parse_reference(wanted)) == new


@pytest.mark.parametrize(
    ("pieces", "whole", "wanted"),
    [
        (("x.io", "a", "1"), "x.io/a:1-distroless", "m.example/a:2"),
        (("x.io/a", A), f"x.io/a@{A}", "m.example/a:1"),
        (("$(HUB)/a:1", "x.io"), "x.io/a:1", "m.example/a:1"),
        (("w.io", "x.io", "a", "1", "2"), "x.io/a:1", "m.example/a:1"),
    ],
)
def test_pieces_that_cannot_make_it_are_left(pieces: tuple[str, ...], whole: str, wanted: str) -> None:
    assert divide(pieces, parse_reference(whole), parse_reference(wanted)) is None

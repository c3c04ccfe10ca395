"""WWW-Authenticate, as registries write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges.registry.challenges import parse_challenges


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Basic", [("basic", {})]),
        ('Bearer realm="https://x/t",service="a, b"', [("bearer", {"realm": "https://x/t", "service": "a, b"})]),
        ("Bearer realm=https://x/t, scope=a:b:c", [("bearer", {"realm": "https://x/t", "scope": "a:b:c"})]),
        ('Basic realm="r", Bearer Realm = "t"', [("basic", {"realm": "r"}), ("bearer", {"realm": "t"})]),
        ('Bearer realm="a\\"b"', [("bearer", {"realm": 'a"b'})]),
        ('Bearer realm="first",realm="second"', [("bearer", {"realm": "first"})]),
        ("Negotiate YWJj==, Basic", [("negotiate", {}), ("basic", {})]),
        ("", []),
        ('realm="nobody"', []),
    ],
)
def test_challenges(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    found = [(challenge.scheme, dict(challenge.parameters)) for challenge in parse_challenges(header)]
    assert found == expected


@given(st.text(max_size=200))
def test_any_header_ends(header: str) -> None:
    assert isinstance(parse_challenges(header), tuple)


def test_a_hostile_header_costs_little() -> None:
    parse_challenges('a="' * 100_000)

"""Platforms: normal forms, and which serves which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.platform import PlatformError, parse_platform


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("linux/arm64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("Linux/ARM64/V8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("macos/arm64", "darwin/arm64"),
        ("linux/s390x", "linux/s390x"),
    ],
)
def test_normal_forms(text: str, normal: str) -> None:
    assert str(parse_platform(text)) == normal
    assert parse_platform(normal) == parse_platform(text)


@pytest.mark.parametrize(
    "text", ["", "linux", "arm64", "linux/", "/arm64", "linux/arm64/v8/x", "linux/ar m", "linux/arm64\n"]
)
def test_what_is_no_platform(text: str) -> None:
    with pytest.raises(PlatformError):
        parse_platform(text)


@pytest.mark.parametrize(
    ("offered", "wanted", "distance"),
    [
        ("linux/arm64", "linux/arm64/v8", 0),
        ("linux/arm/v6", "linux/arm/v7", 1),
        ("linux/arm/v7", "linux/arm/v6", None),
        ("linux/amd64", "linux/amd64/v3", 2),
        ("linux/amd64/v3", "linux/amd64", None),
        ("linux/arm64/v9", "linux/arm64", None),
        ("linux/arm/v7", "linux/arm64", None),
        ("linux/386", "linux/amd64", None),
        ("windows/arm64", "linux/arm64", None),
        ("linux/ppc64le/x", "linux/ppc64le", None),
    ],
)
def test_which_serves_which(offered: str, wanted: str, distance: int | None) -> None:
    assert parse_platform(offered).distance(parse_platform(wanted)) == distance


_platforms = st.sampled_from(
    ["linux/amd64", "linux/amd64/v2", "linux/arm64", "linux/arm64/v9", "linux/arm", "linux/arm/v6", "windows/amd64"]
).map(parse_platform)


@given(_platforms, _platforms, _platforms)
def test_serving_is_an_order(one: object, two: object, three: object) -> None:
    first, second, third = (parse_platform(str(platform)) for platform in (one, two, three))
    assert first.distance(first) == 0
    if first.distance(second) is not None and second.distance(third) is not None:
        assert first.distance(third) is not None
    if first.distance(second) == 0:
        assert first == second

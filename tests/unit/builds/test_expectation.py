"""What a plan and its results make of a tag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit.builds.expectation import BuiltDigest, attested, expect
from buildkit.builds.plan import PlannedBuild, PlannedPlatform
from buildkit.builds.result import PlatformResult
from buildkit.model.platform import PlatformError, parse_platform

BUILD = PlannedBuild(
    component="x",
    image="ghcr.io/x/y",
    tags=("ghcr.io/x/y:v1",),
    context=".",
    dockerfile="Dockerfile",
    labels=(("a", "b"),),
    attest=("type=provenance,mode=max", "type=sbom"),
    platforms=(PlannedPlatform(platform="linux/amd64"), PlannedPlatform(platform="linux/arm64/v8")),
    smoke=("/x", "--version"),
)


def test_a_plan_says_everything_and_results_what_was_built() -> None:
    result = PlatformResult(component="x", platform="linux/arm64", digest="d", manifest="m", way="native")
    found = expect(BUILD, [result], index="i")
    assert [str(one) for one in found.platforms] == ["linux/amd64", "linux/arm64"]
    assert (found.exact, found.index, found.labels, found.smoke) == (True, "i", (("a", "b"),), ("/x", "--version"))
    assert found.attest == {"provenance", "sbom"}
    assert found.built == (BuiltDigest(platform=parse_platform("linux/arm64"), digest="d", manifest="m"),)
    assert expect(BUILD).built is None


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ((), set()),
        (("type=provenance,mode=min",), {"provenance"}),
        (("type=provenance,disabled=true", "type=sbom,generator=x"), {"sbom"}),
        (("type=provenance", "type=provenance,disabled=1"), set()),
        (("mode=max", "nonsense"), set()),
    ],
)
def test_what_is_to_be_attested(words: tuple[str, ...], kinds: set[str]) -> None:
    assert attested(words) == kinds


def test_a_platform_that_is_none_is_an_error() -> None:
    with pytest.raises(PlatformError):
        expect(replace(BUILD, platforms=(PlannedPlatform(platform="arm64"),)))

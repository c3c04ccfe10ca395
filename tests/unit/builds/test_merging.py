"""Results of several runs, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.builds.merging import MergeError, plan_merges
from buildkit.builds.plan import PlannedPlatform
from buildkit.builds.result import BuildResult, TagSeen
from tests.unit.builds.results import AMD64, ARM64, build, digest, pushed, result

BOTH = (("a.json", result(AMD64)), ("b.json", result(ARM64)))


def test_one_component_of_two_runs_is_one_merge() -> None:
    (merge,) = plan_merges(BOTH)
    assert [one.platform for one in merge.results] == [AMD64, ARM64]
    assert merge.sources == tuple(f"ghcr.io/x/app@{digest(f'app {one}')}" for one in (AMD64, ARM64))
    assert merge.annotations == (("org.opencontainers.image.title", "app"),)
    assert merge.tags == (TagSeen(tag="ghcr.io/x/app:1"), TagSeen(tag="ghcr.io/x/app:latest"))


def test_components_come_by_name_each_with_its_own() -> None:
    found = [(f"{name}{n}", result(one, of=build(name))) for name in "ba" for n, one in enumerate((AMD64, ARM64))]
    assert [(one.build.component, len(one.results)) for one in plan_merges(found)] == [("a", 2), ("b", 2)]


def test_each_runner_has_caches_and_a_checkout_of_its_own() -> None:
    cached = (PlannedPlatform(platform=AMD64, cache_to=("type=gha",)), PlannedPlatform(platform=ARM64))
    other = build(context="/elsewhere", dockerfile="/elsewhere/Dockerfile", platforms=cached)
    assert len(plan_merges((BOTH[0], ("b.json", result(ARM64, of=other))))) == 1


def refusal(*found: BuildResult) -> str:
    with pytest.raises(MergeError) as error:
        plan_merges([(f"{number}.json", one) for number, one in enumerate(found)])
    return str(error.value)


def test_nothing_is_no_merge() -> None:
    assert "nothing was built" in refusal(BuildResult(version="1", builds=(), results=()))
    assert "no results" in refusal()


def test_a_platform_without_a_result_is_named() -> None:
    assert refusal(result(AMD64)) == "app: no result of linux/arm64: nothing is tagged"


def test_results_of_two_versions_do_not_belong_together() -> None:
    assert refusal(result(AMD64), result(ARM64, version="2")) == "results of different versions: 1, 2"


def test_a_platform_that_was_built_twice_is_refused_unless_it_is_the_same() -> None:
    other = result(AMD64, results=(pushed(AMD64, digest=digest("other")),))
    assert "linux/amd64 was built twice" in refusal(result(AMD64, ARM64), other)
    (merge,) = plan_merges([*BOTH, ("c.json", result(AMD64))])
    assert len(merge.results) == 2


def test_the_same_digest_with_two_manifests_in_it_is_refused() -> None:
    one, two = (result(AMD64, results=(pushed(AMD64, manifest=digest(name)),)) for name in "ab")
    assert "built twice" in refusal(one, two, result(ARM64))


def test_of_a_build_and_a_run_that_resumed_from_it_the_build_is_told() -> None:
    first = result(AMD64, results=(pushed(AMD64, seconds=7.5, manifest=digest("m")),))
    again = result(AMD64, results=(pushed(AMD64, manifest=digest("m")),))
    (merge,) = plan_merges([("a", again), ("b", first), BOTH[1]])
    assert merge.results[0].seconds == 7.5


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"revision": "abc"}, "revision None and abc"),
        ({"image": "ghcr.io/y/app"}, "image ghcr.io/x/app and ghcr.io/y/app"),
        ({"tags": ("ghcr.io/x/app:2",)}, "tags ghcr.io/x/app:1, ghcr.io/x/app:latest and ghcr.io/x/app:2"),
        ({"args": (("A", "1"),)}, "args none and A, 1"),
        ({"labels": ()}, "labels org.opencontainers.image.title, app, team, quarry and none"),
        ({"target": "x"}, "target None and x"),
        ({"platforms": (PlannedPlatform(platform=ARM64),)}, "platforms linux/amd64, linux/arm64 and linux/arm64"),
        ({"smoke": ("/x",)}, "their plans differ"),
    ],
)
def test_two_runs_have_to_have_built_the_same(facts: dict[str, Any], said: str) -> None:
    refused = refusal(result(AMD64), result(ARM64, of=build(**facts)))
    assert refused == f"app: 0.json and 1.json were not built from the same plan: {said}"


def test_values_of_any_length_make_a_short_message() -> None:
    assert len(refusal(result(AMD64), result(ARM64, of=build(args=(("A", "x" * 9000),))))) < 600


def test_a_tag_that_two_runs_saw_differently_was_moved_between_them() -> None:
    seen = (TagSeen(tag="ghcr.io/x/app:latest", digest=digest("theirs")), TagSeen(tag="ghcr.io/x/app:1"))
    assert refusal(result(AMD64), result(ARM64, tags=seen)) == (
        "ghcr.io/x/app:latest was moved while its platforms were built"
    )


def test_a_tag_that_nobody_looked_at_counts_as_free() -> None:
    """It is looked at before it is set: one that is there was then set since."""
    (merge,) = plan_merges([("a", result(AMD64, ARM64, tags=()))])
    assert {one.digest for one in merge.tags} == {None}


_NAMES = ("app", "base")
_DOCUMENTS = st.builds(
    lambda name, platforms, salt, took, saw, version: result(
        of=build(name),
        version=version,
        results=tuple(
            pushed(
                one, name, seconds=took, digest=digest(f"{name} {one}{salt}"), manifest=digest(one) if took else None
            )
            for one in platforms
        ),
        tags=(TagSeen(tag=f"ghcr.io/x/{name}:1", digest=saw),),
    ),
    st.sampled_from(_NAMES),
    st.lists(st.sampled_from((AMD64, ARM64)), min_size=1, max_size=2, unique=True),
    st.sampled_from(("", "", "", "!")),
    st.sampled_from((0.0, 1.5)),
    st.sampled_from((None, None, digest("x"))),
    st.sampled_from(("1", "1", "1", "1", "2")),
)


@given(st.lists(_DOCUMENTS, max_size=6), st.randoms())
def test_the_order_of_results_decides_nothing(documents: list[BuildResult], random: object) -> None:
    found = [(f"{number}.json", one) for number, one in enumerate(documents)]
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert outcome(found) == outcome(mixed)


def outcome(found: list[tuple[str, BuildResult]]) -> object:
    try:
        return plan_merges(found)
    except MergeError as error:
        return str(error)


def test_whatever_is_merged_has_every_platform_of_its_plan() -> None:
    more = replace(build(), platforms=(PlannedPlatform(platform=ARM64),))
    (merge,) = plan_merges([("a", result(ARM64, of=more))])
    assert merge.sources == (f"ghcr.io/x/app@{digest('app linux/arm64')}",)

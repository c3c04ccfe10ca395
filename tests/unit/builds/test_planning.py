"""Plans: tags, labels, arguments, caches, runners; the same input gives the same plan."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.builds.plan import Excluded, PlannedBuild, PlannedPlatform
from buildkit.builds.planning import iso_time, narrow
from buildkit.errors import UsageError
from buildkit.model.platform import parse_platform
from buildkit.report.build_bake import plan_bake, target_names
from buildkit.report.json import encode
from tests.unit.builds.components import COMMIT, TEXT, catalogue, plan

AMD64, ARM64, PPC64LE = map(parse_platform, ("linux/amd64", "linux/arm64", "linux/ppc64le"))
OCI = "org.opencontainers.image."


def build(name: str, **settings: Any) -> PlannedBuild:
    return next(one for one in plan(**settings).builds if one.component == name)


def test_a_whole_build() -> None:
    assert build("ui", tags=("latest",), sbom=True) == PlannedBuild(
        component="ui",
        image="ghcr.io/kubeflow/katib/ui",
        tags=("ghcr.io/kubeflow/katib/ui:1.2.0", "ghcr.io/kubeflow/katib/ui:latest"),
        context="../src",
        dockerfile="../src/cmd/ui/Dockerfile",
        target="final",
        args=(("COMMIT", COMMIT), ("EMPTY", ""), ("REGISTRY", "ghcr.io"), ("VERSION", "1.2.0")),
        labels=(
            ("at", COMMIT),
            (f"{OCI}created", "2023-11-14T22:13:20Z"),
            (f"{OCI}revision", COMMIT),
            (f"{OCI}source", "https://github.com/kubeflow/katib"),
            (f"{OCI}title", "Katib UI"),
            (f"{OCI}version", "1.2.0"),
        ),
        attest=("type=provenance,mode=max", "type=sbom"),
        platforms=(
            PlannedPlatform(platform="linux/amd64", runner="ubuntu-24.04"),
            PlannedPlatform(platform="linux/arm64", runner="ubuntu-24.04-arm"),
        ),
        smoke=("/ui", "--help"),
        revision=COMMIT,
        repository="https://github.com/kubeflow/katib",
    )


def test_builds_stand_in_the_catalogues_order_with_what_they_need() -> None:
    assert [(one.component, one.needs) for one in plan().builds] == [
        ("ui", ()),
        ("suggestion.gpu", ()),
        ("base", ()),
        ("jupyter", ("base",)),
    ]


def test_what_is_not_known_is_left_out_never_made_up() -> None:
    labels = dict(build("base").labels)
    assert set(labels) == {f"{OCI}source", f"{OCI}title", f"{OCI}version"}
    text = TEXT.replace(
        "image: ghcr.io/kubeflow/base", 'image: ghcr.io/kubeflow/base\n    args: {A: "{revision}", B: c}'
    )
    (base,) = (one for one in plan(text).builds if one.component == "base")
    assert base.args == (("B", "c"),)


def test_source_date_epoch_is_the_time_of_all() -> None:
    assert {dict(one.labels)[f"{OCI}created"] for one in plan(epoch=0).builds} == {"1970-01-01T00:00:00Z"}


@pytest.mark.parametrize("seconds", [10**12, 10**30])
def test_a_time_that_no_calendar_has_is_none(seconds: int) -> None:
    assert iso_time(seconds) is None


def test_a_template_makes_the_tag_of_the_version_and_of_every_other() -> None:
    image = "docker.io/kubeflow/suggestion"
    assert build("suggestion.gpu", tags=("latest",)).tags == (f"{image}:1.2.0-gpu", f"{image}:latest-gpu")


def test_a_tag_that_stands_there_twice_is_set_once() -> None:
    assert len(build("ui", tags=("1.2.0", "a", "a")).tags) == 2


def test_a_tag_that_comes_out_too_long_is_told_with_its_line() -> None:
    with pytest.raises(UsageError, match=r"b\.yaml:13: tag: .* is no tag"):
        plan(version="v" * 125)


def test_a_registry_takes_the_place_of_every_host() -> None:
    built = plan(registry="localhost:5000/mirror")
    assert [one.image for one in built.builds] == [
        "localhost:5000/mirror/kubeflow/katib/ui",
        "localhost:5000/mirror/kubeflow/suggestion",
        "localhost:5000/mirror/kubeflow/base",
        "localhost:5000/mirror/kubeflow/jupyter",
    ]
    assert dict(built.builds[0].args)["REGISTRY"] == "localhost:5000/mirror"
    assert dict(built.builds[3].args)["BASE"] == "localhost:5000/mirror/kubeflow/base:1.2.0"


@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [
        ("none", (), ()),
        (
            "registry",
            ("type=registry,ref=ghcr.io/kubeflow/katib/ui:buildcache-linux-arm64",),
            ("type=registry,ref=ghcr.io/kubeflow/katib/ui:buildcache-linux-arm64,mode=max,ignore-error=true",),
        ),
        (
            "gha",
            ("type=gha,scope=ui-linux-arm64",),
            ("type=gha,scope=ui-linux-arm64,mode=max,ignore-error=true",),
        ),
        (
            "local",
            ('type=local,"src=/c/a,""b/ui-linux-arm64"',),
            ('type=local,"dest=/c/a,""b/ui-linux-arm64",mode=max,ignore-error=true',),
        ),
    ],
)
def test_each_platform_of_each_component_has_a_cache_of_its_own(
    kind: str, source: tuple[str, ...], target: tuple[str, ...]
) -> None:
    arm64 = build("ui", cache=kind, cache_folder='/c/a,"b').platforms[1]
    assert (arm64.cache_from, arm64.cache_to) == (source, target)


def test_components_that_share_an_image_share_no_cache() -> None:
    (amd64,) = build("suggestion.gpu", cache="registry").platforms
    assert amd64.cache_from == (
        "type=registry,ref=docker.io/kubeflow/suggestion:buildcache-suggestion.gpu-linux-amd64",
    )


EXCLUDED = Excluded(component="suggestion.gpu", platform="linux/arm64", reason="no wheel", link="https://example.com/1")


def test_a_platform_with_a_known_limit_is_told_as_excluded() -> None:
    whole = plan()
    assert whole.excluded == (EXCLUDED,)
    assert [each.platform for each in whole.builds[1].platforms] == ["linux/amd64"]


def test_only_the_platforms_that_are_asked_for_are_built() -> None:
    components = catalogue().components
    narrowed = narrow(plan(), components, [ARM64])
    assert [(one.component, [each.platform for each in one.platforms]) for one in narrowed.builds] == [
        ("ui", ["linux/arm64"]),
        ("base", ["linux/arm64"]),
        ("jupyter", ["linux/arm64"]),
    ]
    assert narrowed.excluded == (EXCLUDED,)
    assert narrow(plan(), components, [AMD64]).excluded == ()


def test_a_platform_that_a_component_does_not_know_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        narrow(plan(), catalogue().components, [AMD64, PPC64LE])
    assert str(caught.value) == "b.yaml:5: platforms: linux/ppc64le is not among those of ui, suggestion.gpu, jupyter"
    assert caught.value.hint.startswith("ui has linux/amd64, linux/arm64;")


@settings(max_examples=25)  # reading the catalogue each time is what takes long
@given(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}", fullmatch=True),
    st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}", fullmatch=True), max_size=3),
    st.sampled_from(["none", "registry", "gha", "local"]),
    st.none() | st.integers(0, 2**40),
)
def test_the_same_input_gives_the_same_bytes(version: str, tags: list[str], cache: str, epoch: int | None) -> None:
    made = [
        plan(
            version=version,
            tags=tuple(tags),
            cache=cache,
            cache_folder="/c",
            epoch=None if epoch is None else epoch % 2**32,
        )
        for _ in range(2)
    ]
    assert encode("build-plan", made[0]) == encode("build-plan", made[1])
    assert plan_bake(made[0]) == plan_bake(made[1])
    assert all(tag.startswith(f"{one.image}:") for one in made[0].builds for tag in one.tags)


@settings(max_examples=50)
@given(
    st.lists(
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,5}", fullmatch=True), min_size=1, max_size=8, unique_by=str.lower
    )
)
def test_every_target_and_group_has_a_name_of_its_own_that_bake_takes(names: list[str]) -> None:
    text = "components:\n" + "".join(f"  - name: '{name}'\n    image: i{number}\n" for number, name in enumerate(names))
    given_names = target_names(plan(text))
    assert len(set(given_names.values()) | {"default"}) == len(given_names) + 1 == len(names) * 3 + 1
    assert all(
        set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
        for name in given_names.values()
    )

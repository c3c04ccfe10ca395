"""A runner's part of a release: built by digest, started where it was built; another machine merges and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.builds.site import FOREIGN, NATIVE, SAMPLE_HOST, problems, tags
from tests.support.engine_process import run_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.builds.site import Site

BASE = f"FROM {SAMPLE_HOST}/build/base:1\n"
SMOKE = "    smoke: [/bin/sh, /check]\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An engine at hand; the builder stays kfkit's own, which knows where the base images are."""
    with run_engine(tmp_path_factory.mktemp("engine") / "dockerd.log") as host:
        yield {"DOCKER_HOST": host, "KFKIT_DRIVER": "local"}


def executed(document: dict[str, Any]) -> dict[str, str]:
    """What became of starting each platform, as the verification of the index says it."""
    (component,) = document["components"]
    return {row["platform"]: row["execution"]["state"] for row in component["verification"]["platforms"]}


def test_a_component_that_is_whole_on_one_runner_waits_for_merge_too(site: Site) -> None:
    site.component("app", f"{BASE}RUN uname -m > /machine\n", more=f"    platforms: [{NATIVE}]\n")
    run = site.run("--no-merge")
    assert run.code == 0, run.err
    assert tags(run.document()) == {f"{site.prefix}/app:1.0": "kept"}
    assert site.digest("app:1.0") is None
    merged = site.merge("dist/builds")
    assert merged.code == 0, merged.err
    assert site.digest("app:1.0")


def test_what_was_started_where_it_was_built_is_executed_in_the_merged_index(
    site: Site, engine: dict[str, str]
) -> None:
    site.component("app", f"{BASE}COPY check /check\n", more=SMOKE, check="exit 0")
    for platform in (NATIVE, FOREIGN):
        run = site.run("--platform", platform, "--run", env=engine)
        assert run.code == 0, run.err + run.out
    document = site.merge("dist/builds").document()
    assert executed(document) == {NATIVE: "natively", FOREIGN: "emulated"}
    assert site.digest("app:1.0")


def test_one_that_does_not_start_ends_its_own_run_and_is_not_merged(site: Site, engine: dict[str, str]) -> None:
    site.component("app", f"{BASE}COPY check /check\n", more=SMOKE, check='[ "$(uname -m)" = nothing ]')
    run = site.run("--platform", NATIVE, "--run", env=engine)
    assert run.code == 1
    assert "it does not start: exit 1" in problems(run.document())
    assert site.run("--platform", FOREIGN).code == 0
    merged = site.merge("dist/builds")
    assert merged.code == 1
    assert f"{NATIVE}: failed: exit 1" in problems(merged.document())
    assert site.digest("app:1.0") is None

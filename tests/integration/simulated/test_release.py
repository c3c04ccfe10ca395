"""Whole releases through the audit, every registry they name imitated by a real registry process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.model.platform import parse_platform
from tests.simulation.platforms import Facts, read_facts
from tests.simulation.simulate import Simulation, simulated
from tests.support.kfkit import share_renders
from tests.support.tools import release, remotes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.kfkit import Run

pytestmark = [pytest.mark.integration, pytest.mark.release]


@pytest.fixture(scope="module")
def facts() -> Facts:
    return read_facts()


@pytest.fixture(scope="module", params=["26.03", "v1.11.0"])
def simulation(
    request: pytest.FixtureRequest, facts: Facts, tmp_path_factory: pytest.TempPathFactory, renders: Path
) -> Iterator[Simulation]:
    work = tmp_path_factory.mktemp("simulated")
    share_renders(work / "cache", renders)
    with simulated(release(request.param), remotes(), facts, work) as made:
        yield made


@pytest.fixture(scope="module")
def whole(simulation: Simulation) -> Run:
    return simulation.audit("--scope", "all", "--format", "json")


def test_every_verdict_is_the_expected_one(simulation: Simulation, whole: Run) -> None:
    assert simulation.differences(whole.document()) == []
    assert simulation.lost == set()


def test_every_image_of_the_release_is_audited_and_no_other(simulation: Simulation, whole: Run) -> None:
    assert [image["name"] for image in whole.document()["images"]] == list(simulation.images)


def test_the_images_known_to_lack_arm64_are_the_problems(simulation: Simulation, facts: Facts) -> None:
    run = simulation.audit("--format", "json")
    document = run.document()
    problems = {image["name"] for image in document["images"] if image["verdict"] != "supported"}
    known = {
        image["name"]
        for image in document["images"]
        if image["default_install"] and "missing" in facts.expected(image["name"]).values()
    }
    assert run.code == 1
    assert {name for name in problems if name in known} == known
    assert "gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0" in known
    assert sum(name.startswith("ghcr.io/kubeflow/kfp-") for name in known) >= 10
    assert sum(document["summary"].values()) == sum(image["default_install"] for image in document["images"])
    assert document["summary"]["missing"] == len(known)
    assert document["summary"].get("unknown", 0) == 0


def test_nothing_is_asked_of_the_internet(whole: Run) -> None:
    assert {image["verdict"] for image in whole.document()["images"]} <= {"supported", "missing"}


def test_each_fact_has_a_source_and_platforms(facts: Facts) -> None:
    for image, fact in facts.by_image.items():
        assert fact.source, image
        assert all(parse_platform(platform) for platform in fact.platforms), image

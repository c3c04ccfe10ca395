"""`kfkit audit` and `kfkit inspect` on the sample's images, on a real registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.sample.conftest import Sample
    from tests.support.kfkit import Run


@pytest.fixture(scope="module")
def whole(sample: Sample) -> Run:
    return sample.run("audit", sample.tree, "--scope", "all", "--format", "json")


def test_judges_every_image_right(whole: Run, expected: dict[str, Any]) -> None:
    found = {
        image["name"]: (image["verdict"], {name: one["verdict"] for name, one in image["platforms"].items()})
        for image in whole.document()["images"]
    }
    assert found == {image["name"]: (image["verdict"], image["platforms"]) for image in expected["images"]}


def test_ends_with_1_for_the_problems_of_the_default_install(sample: Sample, expected: dict[str, Any]) -> None:
    run = sample.run("audit", sample.tree, "--format", "json")
    assert run.code == 1
    assert {name: count for name, count in run.document()["summary"].items() if count} == {
        name: count for name, count in expected["summary"].items() if count
    }


def test_one_release_has_what_the_next_one_lost(sample: Sample) -> None:
    def controller(*install: str) -> dict[str, str]:
        document = sample.run("audit", sample.tree, "--format", "json", *install).document()
        return {
            image["name"].rpartition(":")[2]: image["platforms"]["linux/arm64"]["verdict"]
            for image in document["images"]
            if "/runs/controller" in image["name"] and image["default_install"]
        }

    assert controller() == {"1.1.0": "missing"}
    assert controller("--install", "releases/1.0") == {"1.0.0": "supported"}


def test_an_install_without_problems_ends_with_0(sample: Sample) -> None:
    run = sample.run("audit", sample.tree, "--install", "common/database/base", "--format", "json")
    assert (run.code, run.err) == (0, run.err)


def test_the_digests_in_the_tree_are_those_that_are_published(sample: Sample, whole: Run) -> None:
    by_name = {image["name"]: image for image in whole.document()["images"]}
    agent = next(image for name, image in by_name.items() if "/agent/agent:" in name)
    assert agent["digest"] == sample.digests["registry.quarry.example/agent/agent:1.1.0"]
    proxy = next(image for name, image in by_name.items() if "/gateway/proxy:" in name)
    assert proxy["platforms"]["linux/amd64"]["digest"] == proxy["digest"]
    assert proxy["digest"] != sample.digests["registry.quarry.example/gateway/proxy:1.4.0"]


def test_inspect_gives_the_records_that_the_audit_holds(sample: Sample, whole: Run) -> None:
    audited = whole.document()["images"]
    inspected = sample.run("inspect", *(image["name"] for image in audited), "--format", "json").document()["images"]
    keys = ("name", "digest", "verdict", "reason", "depth", "platforms")
    assert inspected == [{key: image[key] for key in keys if key in image} for image in audited]


def test_a_data_file_of_the_users_names_components_and_owners(sample: Sample) -> None:
    data = sample.tree.parent / "quarry.yaml"
    document = sample.run("audit", sample.tree, "--data", data, "--format", "json").document()
    components = {image["component"] for image in document["images"] if image["default_install"]}
    assert components == {"Agent", "Console", "Database", "Gateway", "Runs", "Serving"}
    agent = next(image for image in document["images"] if "/agent/metrics" in image["name"])
    assert agent["owner"] == {"repository": "quarry-example/agent", "path": "deploy"}


def test_text_names_each_problem_and_its_reason(sample: Sample, expected: dict[str, Any]) -> None:
    run = sample.run("audit", sample.tree, "--format", "text")
    problems = [image for image in expected["images"] if image["default_install"] and image["verdict"] != "supported"]
    for image in problems:
        assert image["name"] in run.out
        assert image["verdict"] in run.out
    assert "supported" in run.out

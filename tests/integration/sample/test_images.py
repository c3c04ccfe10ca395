"""`kfkit images` on the sample: every image and every place, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.sample.conftest import Sample

# What kustomize appends to the name of a generated ConfigMap.
_HASH = re.compile(r"^(v1/ConfigMap/.*)-[a-z0-9]{10}$")


@pytest.fixture(scope="module")
def document(sample: Sample) -> dict[str, Any]:
    run = sample.run("images", sample.tree, "--format", "json")
    assert run.code == 0, run.err
    return run.document()


def _places(image: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Every use without what varies between profiles: the hash of a generated name, the kustomizations."""
    return sorted(
        {
            (use["file"], use["line"], _HASH.sub(r"\1", use["object"]), use["path"], use["how"], use["sample"])
            for use in image["uses"]
        }
    )


def test_finds_exactly_the_images_there_are(document: dict[str, Any], expected: dict[str, Any]) -> None:
    found = {image["name"]: (image["pinned"], image["default_install"]) for image in document["images"]}
    assert found == {image["name"]: (image["pinned"], image["default_install"]) for image in expected["images"]}


def test_finds_exactly_the_places_they_stand_in(document: dict[str, Any], expected: dict[str, Any]) -> None:
    found = {image["name"]: _places(image) for image in document["images"]}
    assert found == {image["name"]: _places(image) for image in expected["images"]}


def test_each_line_holds_the_effective_tag_or_digest(sample: Sample, document: dict[str, Any]) -> None:
    for image in document["images"]:
        if image["pinned"] == "none":
            continue
        effective = re.split("[:@]", image["name"])[-1]
        for use in image["uses"]:
            line = (sample.tree / use["file"]).read_text().splitlines()[use["line"] - 1]
            assert effective in line, (image["name"], use["file"], line)


def test_accounts_for_every_kustomization(sample: Sample, document: dict[str, Any]) -> None:
    status = {one["path"]: one["status"] for one in document["kustomizations"]}
    folders = {str(path.parent.relative_to(sample.tree)) for path in sample.tree.rglob("kustomization.yaml")}
    assert set(status) == folders
    rendered = {path for path, one in status.items() if one == "rendered"}
    assert rendered == {"contrib/eventing", "example", "profiles/edge", "releases/1.0"}
    assert {path for path, one in status.items() if one == "component"} == {"common/database/components/backup"}
    broken = [one for one in document["kustomizations"] if one["status"] == "broken"]
    assert [one["path"] for one in broken] == ["contrib/dashboard"]
    assert "deployment.yaml" in broken[0]["why"]


def test_an_image_that_every_overlay_deletes_is_not_listed(document: dict[str, Any]) -> None:
    assert not [image["name"] for image in document["images"] if "profiler" in image["name"]]


def test_a_use_names_the_kustomizations_that_bring_it(document: dict[str, Any]) -> None:
    uses = {image["name"]: image["uses"] for image in document["images"]}
    by = {
        name: uses[f"registry.quarry.example/{name}"][0]["kustomizations"]
        for name in ("runs/pool:1.1.0", "gateway/auth:2.0.1")
    }
    assert by == {"runs/pool:1.1.0": ["example", "profiles/edge", "releases/1.0"], "gateway/auth:2.0.1": ["example"]}


@pytest.mark.parametrize(
    ("install", "has", "lacks"),
    [
        ("releases/1.0", "runs/controller:1.0.0", "runs/controller:1.1.0"),
        ("profiles/edge", "console/web:1.1.0", "gateway/auth:2.0.1"),
    ],
)
def test_another_install_counts_when_it_is_named(sample: Sample, install: str, has: str, lacks: str) -> None:
    document = sample.run("images", sample.tree, "--install", install, "--format", "json").document()
    default = {image["name"] for image in document["images"] if image["default_install"]}
    assert f"registry.quarry.example/{has}" in default
    assert f"registry.quarry.example/{lacks}" not in default


def test_a_list_has_one_name_per_line(sample: Sample, expected: dict[str, Any]) -> None:
    run = sample.run("images", sample.tree, "--format", "list")
    assert run.out.splitlines() == [image["name"] for image in expected["images"]]


def test_a_second_run_gives_the_same_bytes(sample: Sample) -> None:
    runs = [sample.run("images", sample.tree, "--format", "json").out for _ in range(2)]
    assert runs[0] == runs[1] != ""

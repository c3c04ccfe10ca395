"""`kfkit pins fix` as a process: the plan, the proof, what is written, and exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import jsonschema
import pytest

from buildkit.report.documents import DOCUMENTS
from buildkit.report.json import json_schema
from tests.integration.pins.planting import both, fill_all, plant, planted
from tests.support.kfkit import Run, run_kfkit
from tests.support.push import build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry


@pytest.fixture(scope="module")
def images(registry: Registry) -> dict[str, str]:
    fill_all(registry.host)
    return {name: one.image for name, one in planted(registry.host, registry.host).items()}


@pytest.fixture(scope="module")
def original(images: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = ("single", "untold", "whole", "stale")
    return plant(tmp_path_factory.mktemp("fix") / "tree", {name: images[name] for name in kept})


@pytest.fixture
def tree(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "tree")


def pins(verb: str, tree: Path | str, *arguments: str, work: Path) -> Run:
    return run_kfkit("pins", verb, tree, *arguments, work=work / "work", seconds=120)


def contents(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*.yaml"))}


def freed(tree: Path, images: dict[str, str]) -> dict[str, bytes]:
    """What the files of the tree must hold afterwards."""
    found = contents(tree)
    for name in ("single", "untold"):
        old, new = images[name].rpartition("@")[2], build(both(name)).digest
        path = f"example/{name}.yaml"
        found[path] = found[path].replace(old.encode(), new.encode())
    return found


def test_what_can_be_freed_is_and_nothing_else_changes(tree: Path, images: dict[str, str], tmp_path: Path) -> None:
    wanted = freed(tree, images)
    done = pins("fix", tree, "--format", "json", work=tmp_path)
    document = done.document()
    jsonschema.validate(document, json.loads(json_schema("pins", DOCUMENTS["pins"])))
    assert contents(tree) == wanted
    assert done.code == 1, "the stale one stays"
    assert {pin["file"]: pin["edit"] for pin in document["pins"]} == {
        "example/single.yaml": "done",
        "example/stale.yaml": "refused",
        "example/untold.yaml": "done",
        "example/whole.yaml": "none",
    }
    proof = document["proof"]
    assert (proof["kustomizations"], len(proof["changed"]), proof["unintended"]) == (1, 2, [])
    plan = [line for line in done.err.splitlines() if " -> " in line]
    assert [line.partition(":")[0] for line in plan] == ["example/single.yaml", "example/untold.yaml"]
    again = pins("fix", tree, "--format", "json", work=tmp_path)
    assert contents(tree) == wanted
    assert [pin["edit"] for pin in again.document()["pins"]] == ["none", "refused", "none", "none"]


def test_check_writes_nothing_and_says_that_it_would(tree: Path, tmp_path: Path) -> None:
    (tree / "example" / "stale.yaml").unlink()
    (tree / "example" / "kustomization.yaml").write_text("resources: [single.yaml, untold.yaml, whole.yaml]\n")
    before = contents(tree)
    done = pins("fix", tree, "--check", work=tmp_path)
    assert (done.code, contents(tree)) == (1, before)
    assert "Proof: 1 kustomization rendered before and after: 2 values changed as intended, nothing else" in done.out


def test_a_patch_is_what_git_applies_and_frees_what_a_fix_would(
    tree: Path, images: dict[str, str], tmp_path: Path
) -> None:
    before, wanted = contents(tree), freed(tree, images)
    done = pins("fix", tree, "--patch", work=tmp_path)
    assert contents(tree) == before
    assert done.code == 1, "the stale one stays"
    subprocess.run(["git", "apply", "-"], cwd=tree, input=done.out, text=True, check=True)
    assert contents(tree) == wanted
    assert pins("fix", tree, "--patch", work=tmp_path).out == ""


def test_a_patch_that_frees_everything_ends_with_0(images: dict[str, str], tmp_path: Path) -> None:
    tree = plant(tmp_path / "tree", {"single": images["single"]})
    assert pins("fix", tree, "--patch", work=tmp_path).code == 0
    assert pins("fix", tree, work=tmp_path).code == 0
    assert pins("check", tree, work=tmp_path).code == 0


def test_strip_leaves_the_tag(images: dict[str, str], tmp_path: Path) -> None:
    tree = plant(tmp_path / "tree", {"single": images["single"]})
    assert pins("fix", tree, "--mode", "strip", work=tmp_path).code == 0
    assert f"image: {images['single'].partition('@')[0]}  # pinned\n" in (tree / "example/single.yaml").read_text()


@pytest.mark.parametrize("what", ["file", "-", "github.com/kubeflow/manifests@v1.11.0", "nowhere"])
def test_only_a_folder_can_be_edited(what: str, tree: Path, tmp_path: Path) -> None:
    done = pins("fix", tree / "example/single.yaml" if what == "file" else what, work=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "not a folder" in done.err

"""Overlays of the real releases, rendered by kustomize from the folder that was written, and read again.

The releases take bases from other hosts. Kustomize gets a copy with those bases beside it, at the same relative path.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.edges.remotes import RemoteStore
from buildkit.flows.rendering import Scratch
from buildkit.flows.sources import gather
from tests.simulation.platforms import read_facts
from tests.simulation.simulate import simulated
from tests.support.kfkit import run_kfkit
from tests.support.tools import release, remotes, tool

pytestmark = [pytest.mark.integration, pytest.mark.release]

PREFIX = "mirror.example:5000/kubeflow"
IMAGES = {"26.03": 105, "v1.11.0": 103}
SUBSTITUTIONS = """\
- image: docker.io/library/busybox:*
  use: registry.example/busybox:1.37
- image: gcr.io/istio-release/*
  use: registry.example/istio/all-in-one:1
"""

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=IMAGES)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def tree(name: str, tmp_path: Path) -> Iterator[Path]:
    """A copy of a release, in a folder of its own."""
    target = tmp_path / "asked" / "tree"
    shutil.copytree(release(name), target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    yield target
    shutil.rmtree(target)


def make(tree: Path, *arguments: str | Path) -> tuple[Path, dict[str, Any], int]:
    """Make an overlay beside the tree; give its folder, the report and the exit code."""
    output = tree.parent / "overlay"
    whole = ("overlay", tree, "--output", output, "--remotes", remotes(), "--offline", "--format", "json", *arguments)
    run = run_kfkit(*whole, work=tree.parent / "work")
    return output, run.document(), run.code


def rendered(tree: Path, output: Path) -> Path:
    """Render the folder as it was written, over a copy whose remote bases lie beside it."""
    place = tree.parent.parent / "built"
    store = RemoteStore((remotes(),), place / "none", offline=True, lock=None, refresh=False)
    Scratch(gather(tree, store), place).prepare("example")
    shutil.copytree(output, place / "overlay")
    target = tree.parent / "rendered.yaml"
    with target.open("wb") as sink:
        done = subprocess.run(
            [tool("kustomize"), "build", place / "overlay"],
            stdout=sink,
            stderr=subprocess.PIPE,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return target


def counted(render: Path, work: Path) -> set[str]:
    """Names of the images that a render can pull, samples left out."""
    images = run_kfkit("images", render, "--format", "json", work=work).document()["images"]
    return {one["name"] for one in images if one["default_install"]}


def test_every_image_of_a_release_comes_from_the_mirror(name: str, tree: Path) -> None:
    output, document, code = make(tree, "--registry", PREFIX)
    assert (code, document["unreached"], document["proof"]["unintended"]) == (0, [], [])
    assert document["pulled"] == len(document["copies"]) == IMAGES[name]
    patches = len(list((output / "patches").iterdir()))
    assert (output / "kustomization.yaml").read_text().count("- path: patches/") == patches
    assert (output / "objects.yaml").read_text().count("- source: ") == patches
    names = counted(rendered(tree, output), tree.parent / "work")
    assert [one for one in names if not one.startswith(f"{PREFIX}/")] == []
    assert names <= {one["target"] for one in document["copies"]}


def test_what_is_replaced_is_gone_but_for_what_is_listed(tree: Path) -> None:
    file = tree.parent / "substitutions.yaml"
    file.write_text(SUBSTITUTIONS)
    output, document, _ = make(tree, "--substitute", file)
    assert document["proof"]["unintended"] == []
    assert all("shares with" in one["why"] for one in document["unreached"])
    names = counted(rendered(tree, output), tree.parent / "work")
    replaced = {one for one in names if one.startswith(("docker.io/library/busybox:", "gcr.io/istio-release/"))}
    assert replaced == {one["image"] for one in document["unreached"]}
    assert {"registry.example/busybox:1.37", "registry.example/istio/all-in-one:1"} <= names


def test_on_a_mixed_cluster_workloads_stay_where_they_run(tmp_path: Path) -> None:
    """A real registry stands in for all of the release's, with what is publicly known of their platforms."""
    with simulated(release("26.03"), remotes(), read_facts(), tmp_path) as simulation:
        arguments = ("--remotes", "simulated-remotes", "--registries-conf", "registries.conf", "--format", "json")
        run = run_kfkit(
            "overlay", simulation.tree, "--output", "ours", "--mixed-cluster", *arguments, work=simulation.work
        )
        document = run.document()
        lacking = {name for name in simulation.images if "missing" in simulation.expected(name).values()}
    assert run.code == 1
    assert document["proof"]["unintended"] == []
    assert {one["b"] for one in document["changes"]} == {"kubernetes.io/arch In [amd64]"}
    assert len(document["changes"]) == len(document["proof"]["changed"]) == 10
    assert {one["image"] for one in document["unreached"]} <= lacking
    assert all("no affinity can be given" in one["why"] and one["file"] for one in document["unreached"])

"""The simulation itself, on a tree small enough to see through."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.simulation.platforms import Fact, Facts
from tests.simulation.simulate import simulated
from tests.support.tools import ROOT, tool

if TYPE_CHECKING:
    from pathlib import Path

REQUIRED = ("linux/amd64", "linux/arm64")
DIGEST = "sha256:" + hashlib.sha256(b"what cannot be imitated").hexdigest()
POD = """apiVersion: v1
kind: Pod
metadata: {{name: pod}}
spec:
  containers:
    - name: by-digest
      image: quay.io/x/by-digest@{digest}
    - name: both
      image: registry.example:5000/x/both:1@{digest}
    - name: by-tag
      image: busybox:1.36
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tool("kustomize")
    folder = tmp_path / "tree" / "example"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("resources: [pod.yaml]\n")
    (folder / "pod.yaml").write_text(POD.format(digest=DIGEST))
    (tmp_path / "remotes").mkdir()
    return folder.parent


def test_digests_and_tags_get_the_platforms_that_are_known(tree: Path, tmp_path: Path) -> None:
    known = Fact(platforms=("linux/amd64", "linux/arm/v7"), source="https://example.com", shape="attested")
    facts = Facts(required=REQUIRED, by_image={"docker.io/library/busybox:1.36": known})
    with simulated(tree, tmp_path / "remotes", facts, tmp_path / "work") as simulation:
        document = simulation.audit("--scope", "all", "--format", "json").document()
        verdicts = {image["name"].partition("@")[0]: image["verdict"] for image in document["images"]}
        assert verdicts == {
            "docker.io/library/busybox:1.36": "missing",
            "quay.io/x/by-digest": "supported",
            "registry.example:5000/x/both:1": "supported",
        }
        assert simulation.differences(document) == []
        assert document["source"] == "simulation-of/tree"
        assert DIGEST not in (tmp_path / "work" / simulation.tree / "example" / "pod.yaml").read_text()
    assert DIGEST in (tree / "example" / "pod.yaml").read_text(), "the release itself is never written"


def test_a_wrong_verdict_is_a_difference(tree: Path, tmp_path: Path) -> None:
    with simulated(tree, tmp_path / "remotes", Facts(required=REQUIRED, by_image={}), tmp_path / "work") as simulation:
        document = simulation.audit("--scope", "all", "--format", "json").document()
        document["images"][0]["platforms"]["linux/arm64"]["verdict"] = "missing"
        del document["images"][-1]
        first, second = simulation.differences(document)
    assert first.startswith("docker.io/library/busybox:1.36: expected")
    assert second.endswith("listed by kfkit images, not audited")


def test_the_sample_platform_can_be_simulated_too(tmp_path: Path) -> None:
    (tmp_path / "remotes").mkdir()
    facts = Facts(required=REQUIRED, by_image={})
    with simulated(ROOT / "examples" / "platform", tmp_path / "remotes", facts, tmp_path / "work") as simulation:
        run = simulation.audit("--scope", "all", "--format", "json")
        assert run.code == 0, run.err
        assert simulation.differences(run.document()) == []

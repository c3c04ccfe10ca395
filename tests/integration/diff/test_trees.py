"""Two trees, and two revisions of one: kustomization by kustomization."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.diff.conftest import TREE, Bench
from tests.support.tools import release, remotes, tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

LABELS = "labels:\n- includeSelectors: true\n  pairs: {app: web}\n"
DEPRECATED = r"(?m)^(patchesStrategicMerge|commonLabels|bases):"
BROKEN = {"broken/kustomization.yaml": "resources: [gone.yaml]\n"}


def states(document: dict[str, Any]) -> dict[str, str]:
    return {one["path"]: one["state"] for one in document["kustomizations"]}


def with_labels(tree: Path) -> None:
    """Away from the deprecated field."""
    file = tree / "base" / "kustomization.yaml"
    file.write_text(file.read_text().replace("commonLabels: {app: web}\n", LABELS))


def test_what_is_made_of_the_same_files_is_not_rendered(bench: Bench) -> None:
    a, b = bench.write(TREE, "a"), bench.write(TREE, "b")
    bench.write({"service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: other}\n"}, "b/other")
    run = bench.diff(a, b)
    assert run.code == 1
    assert "4 kustomizations: 1 different, 3 equal (3 of them made from the same files, not rendered)" in run.out
    found = bench.document(a, b)
    assert states(found) == {"base": "equal", "other": "different", "overlays/mine": "equal", "overlays/yours": "equal"}
    assert found["differences"] == [
        {"object": "v1/Service/-/other", "path": "spec", "a": {"ports": [{"port": 80}]}, "kustomizations": ["other"]}
    ]


def test_a_change_of_a_base_is_told_once_with_all_that_show_it(bench: Bench) -> None:
    a = bench.write(TREE, "a")
    overlay = "resources: [../../base]\nnamespace: mine\nlabels: [{pairs: {part: web}}]\n"
    b = bench.write({**TREE, "overlays/yours/kustomization.yaml": overlay}, "b")
    bench.write({"kustomization.yaml": "resources: [../../base]\nnamespace: mine\n"}, "a/overlays/yours")
    file = b / "base" / "deployment.yaml"
    file.write_text(file.read_text().replace("1.27", "1.28"))
    changed = [one for one in bench.document(a, b)["differences"] if one["path"].endswith("image")]
    assert [(one["object"], one["kustomizations"]) for one in changed] == [
        ("apps/v1/Deployment/-/web", ["base"]),
        ("apps/v1/Deployment/mine/web", ["overlays/mine", "overlays/yours"]),
    ]


def test_a_kustomization_of_one_side_is_a_difference(bench: Bench) -> None:
    a, b = bench.write(TREE, "a"), bench.write(TREE, "b")
    bench.write({"kustomization.yaml": "resources: [../other]\n"}, "b/more")
    found = bench.document(a, b)
    assert states(found)["more"] == "only-b"
    assert found["equal"] is False
    assert bench.diff(a, b).code == bench.diff(b, a).code == 1


def test_a_repository_on_github_is_a_tree(bench: Bench) -> None:
    clone = bench.write({**TREE, ".kfkit-commit": "0" * 40}, "work/cache/kfkit/trees/github.com/kubeflow/manifests@v1")
    run = bench.diff("github.com/kubeflow/manifests@v1", bench.write(TREE, "tree"))
    assert (run.code, "github.com/kubeflow/manifests@v1" in run.out) == (0, True), run.err
    assert clone.is_dir()


def test_components_are_left_out(bench: Bench) -> None:
    component = {"part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"}
    a, b = bench.write(TREE, "a"), bench.write({**TREE, **component}, "b")
    assert "part" not in states(bench.document(a, b))
    assert bench.diff(a, b).code == 0


def test_what_was_broken_before_for_the_same_reason_is_listed_only(bench: Bench) -> None:
    a, b = bench.write({**TREE, **BROKEN}, "a"), bench.write({**TREE, **BROKEN}, "b")
    bench.write({"note.txt": "more"}, "b/broken")
    run = bench.diff(a, b)
    assert run.code == 0, run.out + run.err
    assert "1 not rendered" in run.out
    found = {one["path"]: one for one in bench.document(a, b)["kustomizations"]}["broken"]
    assert (found["state"], "gone.yaml" in found["why"]) == ("not-rendered", True)


def test_what_renders_on_one_side_only_is_a_difference(bench: Bench) -> None:
    a, b = bench.write({**TREE, **BROKEN}, "a"), bench.write({**TREE, **BROKEN}, "b")
    bench.write({"gone.yaml": TREE["other/service.yaml"]}, "b/broken")
    found = {one["path"]: one for one in bench.document(a, b)["kustomizations"]}["broken"]
    assert found["state"] == "different"
    assert found["why"].startswith(f"{b} renders, {a} does not: ")


def test_a_remote_base_that_cannot_be_had_is_not_known(bench: Bench) -> None:
    a = bench.write(TREE, "a")
    b = bench.write({**TREE, "other/kustomization.yaml": "resources: [github.com/o/r?ref=v1]\n"}, "b")
    run = bench.diff(a, b)
    assert run.code == 3, run.out + run.err
    assert run.out.startswith("NOT KNOWN")
    assert "not known: other: " in run.err
    file = b / "base" / "deployment.yaml"
    file.write_text(file.read_text().replace("1.27", "1.28"))
    run = bench.diff(a, b)
    assert (run.code, run.out.startswith("DIFFERENT"), "Not known" in run.out) == (1, True, True)


def test_a_folder_with_a_kustomization_can_be_compared_as_a_tree(bench: Bench) -> None:
    a = bench.write({**TREE, "kustomization.yaml": "resources: [other]\n"}, "a")
    assert bench.document(a, a)["kustomizations"] == []
    assert len(bench.document(a, a, "--tree")["kustomizations"]) == 5


def test_a_refactoring_that_changes_nothing_is_proven(bench: Bench) -> None:
    tree = bench.repository(TREE)
    with_labels(tree)
    run = bench.diff(tree, "--rev-a", "one")
    assert run.code == 0, run.out + run.err
    assert "4 kustomizations: 4 equal (1 of them made from the same files, not rendered)" in run.out


def test_a_refactoring_that_changes_one_field_names_it_alone(bench: Bench) -> None:
    tree = bench.repository(TREE)
    file = tree / "base" / "kustomization.yaml"
    file.write_text(file.read_text().replace("commonLabels", "images: [{name: nginx, newTag: '1.28'}]\ncommonLabels"))
    bench.commit("two")
    file.write_text("spoilt: [\n")  # the work tree is not looked at
    found = bench.document(tree, "--rev-a", "one", "--rev-b", "two")
    image = "spec.template.spec.containers[0].image"
    objects = {"base": "-", "overlays/mine": "mine", "overlays/yours": "yours"}
    assert found["differences"] == [
        {
            "object": f"apps/v1/Deployment/{namespace}/web",
            "path": image,
            "a": "nginx:1.27",
            "b": "nginx:1.28",
            "kustomizations": [folder],
        }
        for folder, namespace in objects.items()
    ]
    assert (found["a"], found["b"], found["only_a"]) == (f"{tree}@one", f"{tree}@two", [])


def test_one_kustomization_at_two_revisions_has_its_bases_of_then(bench: Bench) -> None:
    tree = bench.repository(TREE)
    file = tree / "base" / "kustomization.yaml"
    file.write_text(file.read_text().replace("fast", "slow"))
    run = bench.diff(tree / "overlays" / "mine", "--rev-a", "one")
    assert run.code == 1
    assert "data.mode" in run.out
    found = bench.document(tree / "overlays" / "mine", "--rev-a", "one")
    assert len(found["renamed"]) == len(found["only_a"]) == len(found["only_b"]) == 1
    paths = {one["path"] for one in found["differences"]}
    assert paths == {"data.mode", "spec.template.spec.containers[0].envFrom[0].configMapRef.name"}


def test_the_repository_is_left_as_it_was(bench: Bench) -> None:
    tree = bench.repository(TREE)
    with_labels(tree)
    before = sorted((path, path.stat().st_mtime_ns) for path in tree.rglob("*"))
    index = (bench.folder / "repository" / ".git" / "index").read_bytes()
    bench.diff(tree, "--rev-a", "one")
    assert sorted((path, path.stat().st_mtime_ns) for path in tree.rglob("*")) == before
    assert (bench.folder / "repository" / ".git" / "index").read_bytes() == index


@pytest.mark.parametrize("revision", ["--output=x", "none", "", "-", "one:manifests", "one\n"])
def test_what_is_no_revision_is_refused(bench: Bench, revision: str) -> None:
    tree = bench.repository(TREE)
    run = bench.diff(tree, f"--rev-a={revision}")
    assert run.code == 2, run.err
    assert not (bench.work / "x").exists()


def test_revisions_need_a_repository(bench: Bench) -> None:
    run = bench.diff(bench.write(TREE, "tree"), "--rev-a", "HEAD")
    assert run.code == 2
    assert "git" in run.err


@pytest.mark.release
def test_katib_is_the_same_in_both_releases(bench: Bench) -> None:
    install = "applications/katib/upstream/installs/katib-standalone"
    run = bench.diff(release("v1.11.0") / install, release("26.03") / install)
    assert run.code == 0, run.out


@pytest.mark.release
def test_a_component_that_was_updated_shows_what_of_it(bench: Bench) -> None:
    folder = "common/knative/knative-serving/base"
    found = bench.document(release("v1.11.0") / folder, release("26.03") / folder, "--remotes", remotes())
    images = {one["object"] for one in found["differences"] if one["path"].endswith(".image")}
    assert "apps/v1/Deployment/knative-serving/activator" in images
    assert found["problems"] == []


@pytest.mark.release
def test_deprecated_fields_of_a_release_can_go_without_a_difference(bench: Bench) -> None:
    source = release("26.03") / "applications" / "profiles" / "upstream"
    tree = bench.folder / "repository"
    shutil.copytree(source, tree)
    bench.git("init", "--quiet")
    bench.commit("one")
    files = [path for path in tree.rglob("kustomization.yaml") if re.search(DEPRECATED, path.read_text())]
    for file in files:
        subprocess.run([tool("kustomize"), "edit", "fix"], cwd=file.parent, check=True, capture_output=True)
    assert not any(re.search(DEPRECATED, file.read_text()) for file in files)
    run = bench.diff(tree, "--rev-a", "one")
    assert run.code == 0, run.out + run.err
    assert len(files) > 2
    base = tree / "base" / "kustomization.yaml"
    base.write_text(f"{base.read_text()}\nnamePrefix: slip-\n")
    assert bench.diff(tree, "--rev-a", "one").code == 1

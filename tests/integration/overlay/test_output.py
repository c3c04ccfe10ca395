"""Where an overlay may be written: never over what somebody else put there, whole or not at all."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.integration.overlay.conftest import deployment
from tests.support.kfkit import run_kfkit

if TYPE_CHECKING:
    from tests.integration.overlay.conftest import Bench

pytestmark = pytest.mark.integration

MIRROR = ("--registry", "mirror.example/kf")


@pytest.fixture
def ready(bench: Bench) -> Bench:
    bench.write({"web.yaml": deployment("a/b:1")})
    return bench


def test_a_folder_that_is_not_ours_is_left_alone(ready: Bench) -> None:
    ready.output.mkdir()
    (ready.output / "notes.txt").write_text("mine")
    before = ready.contents()
    run = ready.overlay(*MIRROR)
    assert run.code == 2
    assert "not empty" in run.err
    assert ready.contents() == before


def test_an_empty_folder_is_taken_and_a_file_is_not(ready: Bench) -> None:
    ready.output.mkdir()
    assert ready.overlay(*MIRROR).code == 0
    other = ready.folder / "file"
    other.write_text("x")
    assert ready.overlay(*MIRROR, output=other).code == 2
    assert other.read_text() == "x"


def test_in_a_folder_of_ours_only_our_files_are_replaced(ready: Bench) -> None:
    assert ready.overlay(*MIRROR).code == 0
    (ready.output / "notes.txt").write_text("mine")
    (ready.output / "patches" / "mine.yaml").write_text("mine: too")
    ready.write({"job.yaml": deployment("c/d:1", "other")})
    assert ready.overlay(*MIRROR).code == 0
    names = sorted(one.relative_to(ready.output).as_posix() for one in ready.output.rglob("*") if one.is_file())
    assert names == [
        ".kfkit-overlay",
        "copy.sh",
        "images.txt",
        "kustomization.yaml",
        "notes.txt",
        "objects.yaml",
        "patches/deployment-ns-other.yaml",
        "patches/mine.yaml",
    ]
    assert (ready.output / "notes.txt").read_text() == "mine"
    assert not [one for one in ready.folder.iterdir() if one.name.startswith(".kfkit-new")]


def test_a_file_of_somebody_else_in_our_folder_is_not_overwritten(ready: Bench) -> None:
    decisions = ready.folder / "substitutions.yaml"
    decisions.write_text("- {image: docker.io/a/b:1, use: c/d:2}\n")
    assert ready.overlay("--substitute", decisions).code == 0
    (ready.output / "images.txt").write_text("mine")
    before = ready.contents()
    run = ready.overlay(*MIRROR)
    assert run.code == 2
    assert "images.txt: is in the way" in run.err
    assert ready.contents() == before


def test_the_command_that_makes_it_again_stands_in_each_file(ready: Bench) -> None:
    data = ready.folder / "more.yaml"
    data.write_text("registries: [odd.example]\n")
    assert ready.overlay(*MIRROR, "--data", data).code == 0
    for one in ("kustomization.yaml", "copy.sh", ".kfkit-overlay", "patches/deployment-ns-web.yaml"):
        assert (
            f"--output {ready.output} --data {data} --registry mirror.example/kf\n" in (ready.output / one).read_text()
        )


def test_a_parent_that_cannot_be_written_is_told_before_anything_is_rendered(ready: Bench) -> None:
    if os.geteuid() == 0:
        target = "/proc/overlay"  # where even root can make nothing
    else:
        closed = ready.folder / "closed"
        closed.mkdir(mode=0o500)
        target = str(closed / "ours")
    before = ready.contents()
    run = run_kfkit("overlay", ready.tree, "--output", target, *MIRROR, work=ready.folder / "work")
    assert run.code == 2, run.err
    assert "cannot be" in run.err
    assert ready.contents() == before


def test_a_folder_inside_the_tree_stands_on_a_relative_path_and_does_not_count(ready: Bench) -> None:
    before = run_kfkit("images", ready.tree, "--format", "json", work=ready.folder / "work").document()
    inside = ready.tree / "overlays" / "ours"
    run = ready.overlay(*MIRROR, output=inside)
    assert run.code == 0
    assert "lies in the tree" in run.err
    assert "- ../../example\n" in (inside / "kustomization.yaml").read_text()
    assert "image: mirror.example/kf/docker.io/a/b:1" in ready.build(inside)
    after = run_kfkit("images", ready.tree, "--format", "json", work=ready.folder / "work").document()
    counted = [[one["name"] for one in document["images"] if one["default_install"]] for document in (before, after)]
    assert counted[0] == counted[1] == ["docker.io/a/b:1"]
    assert ready.overlay(*MIRROR, "--check", output=inside).code == 0


def test_of_a_repository_the_overlay_takes_in_its_address(ready: Bench) -> None:
    clone = ready.folder / "work" / "cache" / "kfkit" / "trees" / "github.com" / "acme" / "manifests@v1.0"
    shutil.copytree(ready.tree, clone)
    (clone / ".kfkit-commit").write_text("0" * 40)
    arguments = ("overlay", "github.com/acme/manifests@v1.0", "--offline", "--output", ready.output, *MIRROR)
    run = run_kfkit(*arguments, work=ready.folder / "work")
    assert run.code == 0, run.err
    written = (ready.output / "kustomization.yaml").read_text()
    assert '- "https://github.com/acme/manifests//example?ref=v1.0"\n' in written


def test_a_folder_that_the_install_takes_in_is_refused(ready: Bench) -> None:
    run = ready.overlay(*MIRROR, output=ready.tree / "example" / "ours")
    assert run.code == 2
    assert "cycle" in run.err


def test_a_tree_without_the_default_install_gets_no_root_more(bench: Bench) -> None:
    bench.write({"web.yaml": deployment("a/b:1")}, under="tree/apps")
    run = bench.overlay(*MIRROR, "--install", "apps", output=bench.tree / "ours")
    assert run.code == 2
    assert "one more" in run.err
    assert bench.overlay(*MIRROR, "--install", "apps").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing is asked for"),
        ((*MIRROR, "--install", "a", "--install", "b"), "one install"),
        ((*MIRROR, "--install", "nowhere"), "no such kustomization"),
    ],
)
def test_wrong_arguments_are_told(ready: Bench, arguments: tuple[str, ...], said: str) -> None:
    run = ready.overlay(*arguments)
    assert run.code == 2
    assert said in run.err
    assert not ready.output.exists()


def test_a_render_is_no_ground_for_an_overlay(ready: Bench) -> None:
    file = ready.folder / "rendered.yaml"
    file.write_text(deployment("a/b:1"))
    run = run_kfkit("overlay", file, "--output", ready.output, *MIRROR, work=ready.folder / "work")
    assert run.code == 2
    assert "stands on a kustomization" in run.err


def test_an_install_that_does_not_render_is_told_with_the_reason(bench: Bench) -> None:
    bench.write({"kustomization.yaml": "resources: [missing.yaml]\n"})
    run = bench.overlay(*MIRROR)
    assert run.code == 3
    assert "does not render" in run.err
    assert not bench.output.exists()


def test_an_install_without_objects_is_an_error(bench: Bench) -> None:
    bench.write({"kustomization.yaml": "resources: []\ncommonAnnotations: {a: b}\n"})
    run = bench.overlay(*MIRROR)
    assert run.code == 2
    assert "renders no object" in run.err
    assert not bench.output.exists()


def test_where_the_proof_fails_nothing_is_written_and_the_reason_is_shown(bench: Bench) -> None:
    """A `vars:` value is put in after the overlay's patches: the text that they test is not there yet."""
    bench.write(
        {
            "kustomization.yaml": """\
            resources: [web.yaml]
            configMapGenerator:
            - {name: c, namespace: ns, literals: [version=1.2]}
            vars:
            - name: VERSION
              objref: {kind: ConfigMap, name: c, apiVersion: v1}
              fieldref: {fieldpath: data.version}
            """,
            "web.yaml": deployment("a/b:1")
            + "      - {name: two, image: 'a/b:2', args: ['--image=quay.io/x/y:$(VERSION)']}\n",
        }
    )
    run = bench.overlay(*MIRROR)
    assert run.code == 1, run.out + run.err
    assert "The proof fails" in run.out
    assert not bench.output.exists()

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.errors import UsageError
from tests.integration.images_flow.conftest import deployment, statuses

if TYPE_CHECKING:
    from tests.integration.images_flow.conftest import Workbench

BROKEN = "resources: [../base, missing.yaml]\n"
BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": deployment("registry.example/a:1")}


def test_every_state_of_a_kustomization(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\ncomponents: [../extra]\n",
            "extra/kustomization.yaml": "kind: Component\nnamePrefix: x-\n",
            "unused/kustomization.yml": "kind: Component\n",
            "lost/Kustomization": "resources: [gone.yaml]\n",
        }
    )
    result = bench.images()
    assert statuses(result) == {
        "base": "covered",
        "example": "rendered",
        "extra": "component",
        "lost": "broken",
        "unused": "component",
    }
    why = {one.path: one.why for one in result.kustomizations}
    assert why["base"] == why["extra"] == "example"
    assert why["unused"] is None
    assert "gone.yaml" in (why["lost"] or "")
    assert str(bench.folder) not in (why["lost"] or "")
    assert "kfkit-" not in (why["lost"] or "")


def test_children_of_a_broken_one_are_rendered_down_to_what_works(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\n",
            "top/kustomization.yaml": "resources: [../middle, absent.yaml]\n",
            "middle/kustomization.yaml": "resources: [../leaf, absent.yaml]\n",
            "leaf/kustomization.yaml": "resources: [pod.yaml, ../base]\n",
            "leaf/pod.yaml": deployment("registry.example/leaf:1", "leaf"),
        }
    )
    result = bench.images()
    assert statuses(result) == {
        "base": "covered",
        "example": "rendered",
        "leaf": "rendered",
        "middle": "broken",
        "top": "broken",
    }
    leaf = next(image for image in result.images if image.name == "registry.example/leaf:1")
    assert leaf.uses[0].kustomizations == ("leaf",)
    assert not leaf.default_install
    assert not result.problems


def test_a_broken_install_is_a_problem_and_its_children_count(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": BROKEN})
    result = bench.images()
    assert statuses(result) == {"base": "rendered", "example": "broken"}
    assert [image.default_install for image in result.images] == [True]
    assert len(result.problems) == 1
    assert result.problems[0].startswith("example: ")


def test_installs_are_rendered_even_where_something_covers_them(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\n",
            "other/kustomization.yaml": "resources: [../base]\nimages: [{name: registry.example/a, newTag: '2'}]\n",
        }
    )
    result = bench.images(installs=("base", "./other/"))
    assert statuses(result) == {"base": "rendered", "example": "rendered", "other": "rendered"}
    assert {image.name: image.default_install for image in result.images} == {
        "registry.example/a:1": True,
        "registry.example/a:2": True,
    }
    first = next(image for image in result.images if image.name.endswith(":1"))
    assert first.uses[0].kustomizations == ("base", "example")


def test_all_renders_each_by_itself(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\n"})
    assert statuses(bench.images(render_all=True)) == {"base": "rendered", "example": "rendered"}


def test_without_the_default_install_every_root_counts_and_a_line_says_so(bench: Workbench) -> None:
    bench.write({**BASE, "top/kustomization.yaml": "resources: [../base]\n"})
    result = bench.images()
    assert [image.default_install for image in result.images] == [True]
    assert bench.said == ["no kustomization 'example' in the tree: every root counts as the default install"]


@pytest.mark.parametrize("install", ["nowhere", "../tree/base", "extra", "base/web.yaml"])
def test_an_install_that_is_none_is_refused(bench: Workbench, install: str) -> None:
    bench.write({**BASE, "extra/kustomization.yaml": "kind: Component\n"})
    with pytest.raises(UsageError, match="--install"):
        bench.images(installs=(install,))


def test_circles_are_broken_not_endless(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\n",
            "a/kustomization.yaml": "resources: [../b]\n",
            "b/kustomization.yaml": "resources: [../a]\n",
            "self/kustomization.yaml": "resources: [.]\n",
        }
    )
    found = statuses(bench.images())
    assert (found["a"], found["b"], found["self"]) == ("broken", "broken", "broken")


def test_warnings_are_kustomize_s_own(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "bases: [../base]\ncommonLabels: {a: b}\n"})
    result = bench.images()
    (example,) = [one for one in result.kustomizations if one.path == "example"]
    assert len(example.warnings) == 2
    assert "'bases' is deprecated" in example.warnings[0]
    assert "'commonLabels' is deprecated" in example.warnings[1]


def test_a_folder_without_kustomizations_is_refused(bench: Workbench) -> None:
    bench.write({"readme.md": "x", "pod.yaml": deployment("a:1")})
    with pytest.raises(UsageError, match="nothing to examine"):
        bench.images()


def test_no_such_place_is_refused(bench: Workbench) -> None:
    with pytest.raises(UsageError, match="no such file or directory"):
        bench.images(manifests=str(bench.folder / "absent"))


def test_an_image_that_every_render_overrides_is_not_listed(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\nimages: [{name: registry.example/a, newTag: '9'}]\n",
        }
    )
    assert [image.name for image in bench.images().images] == ["registry.example/a:9"]


def test_files_that_nothing_renders(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\n",
            "base/loose.yaml": deployment("registry.example/loose:1"),
            "docs/use.md": f"text\n\n```yaml\n{deployment('registry.example/doc:1')}```\n",
            "broken/kustomization.yaml": "resources: [own.yaml, absent.yaml]\n",
            "broken/own.yaml": deployment("registry.example/own:1"),
        }
    )
    found = {image.name: image for image in bench.images().images}
    assert {name: image.uses[0].sample for name, image in found.items()} == {
        "registry.example/a:1": False,
        "registry.example/doc:1": True,
        "registry.example/loose:1": True,
        "registry.example/own:1": False,
    }
    assert found["registry.example/loose:1"].uses[0].file == "base/loose.yaml"
    assert found["registry.example/loose:1"].uses[0].line == 10
    assert found["registry.example/doc:1"].uses[0].line == 13
    assert found["registry.example/own:1"].uses[0].kustomizations == ()
    assert [name for name, image in found.items() if image.default_install] == ["registry.example/a:1"]


def test_the_same_tree_gives_the_same_answer_cold_and_warm(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\n", "b/kustomization.yaml": BROKEN})
    cold = bench.images()
    assert bench.images() == cold


def test_a_change_shows_at_once(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\n"})
    bench.images()
    bench.write({"base/web.yaml": deployment("registry.example/a:2")})
    assert [image.name for image in bench.images().images] == ["registry.example/a:2"]


def test_a_damaged_cache_is_rebuilt(bench: Workbench, home: Path) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\n"})
    good = bench.images()
    records = [path for path in (home / "cache" / "kfkit").rglob("*") if path.is_file()]
    assert records
    for index, path in enumerate(records):
        path.write_bytes((b"", b"rubbish" * 20, path.read_bytes()[:-1])[index % 3])
    assert bench.images() == good
    assert bench.images() == good


def test_the_tree_is_never_written(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\n"})
    before = {path: path.stat().st_mtime_ns for path in bench.tree.rglob("*")}
    for path in sorted(before, reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        bench.images()
    finally:
        for path in sorted(before):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert {path: path.stat().st_mtime_ns for path in bench.tree.rglob("*")} == before


def test_images_that_only_a_broken_one_sets(bench: Workbench) -> None:
    images = [
        "- {name: r.io/a/b, newName: r.io/c/d, newTag: '2'}",
        f"- {{name: r.io/e/f, digest: 'sha256:{'0' * 64}'}}",
        "- {name: r.io/g/h, newName: r.io/i/j}",
        "- {name: word, newTag: '5'}",
    ]
    bench.write({"example/kustomization.yaml": "resources: [none.yaml]\nimages:\n" + "\n".join(images) + "\n"})
    result = bench.images()
    assert [(one.reference, one.default_install, one.uses[0].line, one.uses[0].path) for one in result.images] == [
        ("r.io/c/d:2", True, 3, "images[0].newTag"),
        (f"r.io/e/f@sha256:{'0' * 64}", True, 4, "images[1].digest"),
    ]

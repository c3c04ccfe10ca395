"""Where the effective tag or digest stands, for every way kustomize has to set it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.images_flow.conftest import deployment

if TYPE_CHECKING:
    from tests.integration.images_flow.conftest import Workbench

DIGEST = "sha256:" + "5" * 64
BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": deployment("registry.example/a:1")}


def test_the_resource_itself(bench: Workbench) -> None:
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\nnamespace: y\n"})
    assert bench.places() == {"registry.example/a:1": ["base/web.yaml:10"]}


def test_the_outermost_new_tag_wins(bench: Workbench) -> None:
    images = "images:\n- name: registry.example/a\n  newTag: '{}'\n"
    bench.write(
        {
            "base/web.yaml": BASE["base/web.yaml"],
            "base/kustomization.yaml": BASE["base/kustomization.yaml"] + images.format(2),
            "example/kustomization.yaml": "resources: [../base]\n" + images.format(3),
            "other/kustomization.yaml": "resources: [../base]\n",
        }
    )
    assert bench.places() == {
        "registry.example/a:2": ["base/kustomization.yaml:4"],
        "registry.example/a:3": ["example/kustomization.yaml:4"],
    }


def test_a_new_tag_equal_to_the_old_one_is_still_what_counts(bench: Workbench) -> None:
    images = "images:\n- name: registry.example/a\n  newTag: '1'\n"
    bench.write({**BASE, "example/kustomization.yaml": "resources: [../base]\n" + images})
    assert bench.places() == {"registry.example/a:1": ["example/kustomization.yaml:4"]}


def test_digests_and_new_names(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "digest/kustomization.yaml": (
                f"resources: [../base]\nimages:\n- digest: {DIGEST}\n  name: registry.example/a\n"
            ),
            "both/kustomization.yaml": (
                "resources: [../base]\nimages:\n"
                f"- name: registry.example/a\n  newName: registry.example/b\n  newTag: v2\n  digest: {DIGEST}\n"
            ),
            "name/kustomization.yaml": (
                "resources: [../base]\nimages:\n- name: registry.example/a\n  newName: registry.example/c\n"
            ),
        }
    )
    assert bench.places() == {
        f"registry.example/a@{DIGEST}": ["digest/kustomization.yaml:3"],
        f"registry.example/b:v2@{DIGEST}": ["both/kustomization.yaml:6"],
        "registry.example/c:1": ["base/web.yaml:10"],
    }


def test_a_name_without_a_tag_stands_where_the_name_stands(bench: Workbench) -> None:
    bench.write(
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": deployment("registry.example/a"),
            "example/kustomization.yaml": (
                "resources: [../base]\nimages:\n- name: registry.example/a\n  newName: registry.example/c\n"
            ),
        }
    )
    assert bench.places() == {"registry.example/c:latest": ["example/kustomization.yaml:4"]}


def test_patches_of_every_kind(bench: Workbench) -> None:
    strategic = deployment("registry.example/a:{}")
    bench.write(
        {
            **BASE,
            "file/kustomization.yaml": "resources: [../base]\npatches:\n- path: p.yaml\n",
            "file/p.yaml": "# a comment\n" + strategic.format("file"),
            "inline/kustomization.yaml": (
                "resources: [../base]\npatches:\n- patch: |-\n"
                + "".join(f"    {line}\n" for line in strategic.format("inline").splitlines())
            ),
            "old/kustomization.yaml": "resources: [../base]\npatchesStrategicMerge: [p.yaml]\n",
            "old/p.yaml": strategic.format("old"),
            "json/kustomization.yaml": (
                "resources: [../base]\npatches:\n- target: {kind: Deployment}\n  patch: |\n"
                "    - op: replace\n      path: /spec/template/spec/containers/0/image\n"
                "      value: registry.example/a:json\n"
            ),
            "added/kustomization.yaml": (
                "resources: [../base]\npatches:\n- target: {kind: Deployment, name: web}\n  path: add.json\n"
            ),
            "added/add.json": (
                '[\n {"op": "add", "path": "/spec/template/spec/containers/-",\n'
                '  "value": {"name": "side",\n   "image": "registry.example/side:1"}}\n]\n'
            ),
            "elsewhere/kustomization.yaml": (
                "resources: [../base]\npatches:\n- target: {kind: Deployment, name: other}\n  path: p.json\n"
            ),
            "elsewhere/p.json": (
                '[{"op": "replace", "path": "/spec/template/spec/containers/0/image",\n'
                '  "value": "registry.example/a:1"}]\n'
            ),
        }
    )
    assert bench.places() == {
        "registry.example/a:1": ["base/web.yaml:10"],
        "registry.example/a:file": ["file/p.yaml:11"],
        "registry.example/a:inline": ["inline/kustomization.yaml:13"],
        "registry.example/a:old": ["old/p.yaml:10"],
        "registry.example/a:json": ["json/kustomization.yaml:7"],
        "registry.example/side:1": ["added/add.json:4"],
    }


def test_a_patch_that_adds_a_container_before_the_one_it_found(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": "resources: [../base]\npatches:\n- path: p.yaml\n",
            "example/p.yaml": deployment("registry.example/first:1").replace("name: main", "name: first"),
        }
    )
    assert bench.places() == {
        "registry.example/a:1": ["base/web.yaml:10"],
        "registry.example/first:1": ["example/p.yaml:10"],
    }


def test_an_image_that_a_patch_deletes_is_none(bench: Workbench) -> None:
    bench.write(
        {
            **BASE,
            "example/kustomization.yaml": (
                "resources: [../base]\npatches:\n- target: {kind: Deployment}\n"
                "  patch: |\n    - {op: remove, path: /spec/template/spec/containers/0}\n"
            ),
        }
    )
    assert bench.places() == {}


def test_components_act_before_the_kustomization_that_takes_them_in(bench: Workbench) -> None:
    images = "images: [{{name: registry.example/a, newTag: {}}}]\n"
    bench.write(
        {
            **BASE,
            "part/kustomization.yaml": "kind: Component\n" + images.format("part"),
            "example/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
            "over/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n" + images.format("over"),
        }
    )
    assert bench.places() == {
        "registry.example/a:over": ["over/kustomization.yaml:3"],
        "registry.example/a:part": ["part/kustomization.yaml:2"],
    }


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: config
data:
  a.yaml: |
    # first
    workers:
    - image: registry.example/one:1
    - image: registry.example/two:2
    again:
      image: registry.example/one:1
  b.json: '{"image": "registry.example/three:3"}'
  c.json: |-
    {
      "image": "registry.example/four:4"
    }
  deep: |
    inner: |
      spec:
        image: registry.example/five:5
"""


def test_lines_inside_block_scalars(bench: Workbench) -> None:
    bench.write({"example/kustomization.yaml": "resources: [config.yaml]\n", "example/config.yaml": CONFIG})
    assert bench.places() == {
        "registry.example/five:5": ["example/config.yaml:21"],
        "registry.example/four:4": ["example/config.yaml:16"],
        "registry.example/one:1": ["example/config.yaml:9", "example/config.yaml:12"],
        "registry.example/three:3": ["example/config.yaml:13"],
        "registry.example/two:2": ["example/config.yaml:10"],
    }


def test_generators(bench: Workbench) -> None:
    bench.write(
        {
            "base/kustomization.yaml": (
                "configMapGenerator:\n- name: gen\n  files:\n  - conf.yaml\n  - renamed.yaml=other.yaml\n"
                "  literals:\n  - LITERAL_IMAGE=registry.example/literal:1\n  envs: [params.env]\n"
            ),
            "base/conf.yaml": "a: b\nimage: registry.example/file:1\n",
            "base/other.yaml": "image: registry.example/renamed:1\nc: d\n",
            "base/params.env": "# note\nENV_IMAGE=registry.example/env:1\nOVER_IMAGE=registry.example/over:1\n",
            "example/kustomization.yaml": (
                "resources: [../base]\nnamePrefix: x-\nconfigMapGenerator:\n- name: gen\n  behavior: merge\n"
                "  literals:\n  - OVER_IMAGE=registry.example/over:2\n"
            ),
        }
    )
    assert bench.places() == {
        "registry.example/env:1": ["base/params.env:2"],
        "registry.example/file:1": ["base/conf.yaml:2"],
        "registry.example/literal:1": ["base/kustomization.yaml:7"],
        "registry.example/over:2": ["example/kustomization.yaml:7"],
        "registry.example/renamed:1": ["base/other.yaml:1"],
    }


def test_replacements_and_vars(bench: Workbench) -> None:
    source = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: versions\ndata: {{web: '{}'}}\n"
    bench.write(
        {
            "replaced/kustomization.yaml": (
                "resources: [web.yaml, versions.yaml]\nreplacements:\n"
                "- source: {kind: ConfigMap, name: versions, fieldPath: data.web}\n  targets:\n"
                "  - select: {kind: Deployment}\n"
                "    fieldPaths: ['spec.template.spec.containers.[name=main].image']\n"
                "    options: {delimiter: ':', index: 1}\n"
            ),
            "replaced/web.yaml": deployment("registry.example/replaced:x"),
            "replaced/versions.yaml": source.format("7"),
            "vars/kustomization.yaml": (
                "resources: [web.yaml, versions.yaml]\nvars:\n- name: WEB\n"
                "  objref: {kind: ConfigMap, name: versions, apiVersion: v1}\n  fieldref: {fieldpath: data.web}\n"
                "configurations: [c.yaml]\n"
            ),
            "vars/c.yaml": "varReference:\n- {kind: Deployment, path: spec/template/spec/containers/image}\n",
            "vars/web.yaml": deployment("registry.example/vars:$(WEB)"),
            "vars/versions.yaml": source.format("8"),
        }
    )
    assert bench.places() == {
        "registry.example/replaced:7": ["replaced/versions.yaml:5"],
        "registry.example/vars:8": ["vars/versions.yaml:5"],
    }


def test_several_objects_of_one_name(bench: Workbench) -> None:
    one, two = (
        deployment(f"registry.example/a:{n}").replace("  name: web\n", f"  name: web\n  namespace: n{n}\n")
        for n in "12"
    )
    bench.write({"example/kustomization.yaml": "resources: [all.yaml]\n", "example/all.yaml": one + "---\n" + two})
    assert bench.places() == {
        "registry.example/a:1": ["example/all.yaml:11"],
        "registry.example/a:2": ["example/all.yaml:23"],
    }


def test_a_list_object(bench: Workbench) -> None:
    items = ["- " + deployment(f"registry.example/{name}:1", name).rstrip().replace("\n", "\n  ") for name in "pq"]
    text = "\n".join(["apiVersion: v1", "kind: List", "items:", *items]) + "\n"
    bench.write({"example/kustomization.yaml": "resources: [list.yaml]\n", "example/list.yaml": text})
    assert bench.places() == {
        "registry.example/p:1": ["example/list.yaml:13"],
        "registry.example/q:1": ["example/list.yaml:23"],
    }


def test_windows_line_ends_and_a_byte_order_mark(bench: Workbench) -> None:
    bench.write({"example/kustomization.yaml": "resources: [web.yaml]\n"})
    text = "\ufeff# note\n" + CONFIG
    (bench.tree / "example" / "web.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    assert bench.places()["registry.example/two:2"] == ["example/web.yaml:11"]


def test_split_fields(bench: Workbench) -> None:
    head = "apiVersion: x.example/v1\nkind: Thing\nmetadata: {name: t}\n"
    text = head + "spec:\n  image:\n    repository: registry.example/split\n    tag: 'v3'\n"
    bench.write({"example/kustomization.yaml": "resources: [t.yaml]\n", "example/t.yaml": text})
    assert bench.places() == {"registry.example/split:v3": ["example/t.yaml:7"]}


def test_rendered_yaml_is_its_own_origin(bench: Workbench) -> None:
    path = bench.folder / "all.yaml"
    path.write_text(deployment("registry.example/a:1") + "---\n" + CONFIG)
    result = bench.images(manifests=str(path))
    found = {image.name: [f"{use.file}:{use.line}" for use in image.uses] for image in result.images}
    assert found["registry.example/a:1"] == ["all.yaml:10"]
    assert found["registry.example/one:1"] == ["all.yaml:20", "all.yaml:23"]
    assert all(image.default_install for image in result.images)
    assert result.kustomizations == ()


def test_rendered_yaml_with_a_document_that_does_not_parse(bench: Workbench) -> None:
    path = bench.folder / "all.yaml"
    path.write_text("kind: [\n---\n" + deployment("registry.example/a:1"))
    result = bench.images(manifests=str(path))
    assert [image.name for image in result.images] == ["registry.example/a:1"]
    assert [f"{use.file}:{use.line}" for use in result.images[0].uses] == ["all.yaml:12"]
    assert len(result.problems) == 1
    assert result.problems[0].startswith("all.yaml:2")


@pytest.mark.parametrize(("more", "tag"), [("", "1-x-x"), ("\n  newTag: '2'", "2")])
def test_a_suffix_ends_the_tag(bench: Workbench, more: str, tag: str) -> None:
    entry = f"resources: [d.yaml]\nimages:\n- name: a/b{more}\n  tagSuffix: -x\n"
    bench.write({"example/kustomization.yaml": entry, "example/d.yaml": deployment("a/b:1")})
    assert bench.places() == {f"docker.io/a/b:{tag}": ["example/kustomization.yaml:4"]}

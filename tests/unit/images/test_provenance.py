from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import pytest

from buildkit.images.found import Found
from buildkit.images.graph import Graph, Node, parse_kustomization
from buildkit.images.locate import NamedStep
from buildkit.images.provenance import Tracer
from buildkit.images.setters import field_meets, field_steps, split_image
from buildkit.model.documents import parse_documents
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: main\n    image: {image}\n"


def tracer(files: Mapping[str, str]) -> Tracer:
    """A tree in memory: folders with a kustomization, every `resources` entry a folder or a file of it."""
    folders = {posixpath.dirname(path): path for path in files if path.endswith("kustomization.yaml")}
    nodes = {}
    for folder, path in folders.items():
        parsed = parse_kustomization(files[path], path)
        named = [posixpath.normpath(posixpath.join(folder, one.text)) for one in parsed.entries if one.kind == "base"]
        parts = [
            posixpath.normpath(posixpath.join(folder, one.text)) for one in parsed.entries if one.kind == "component"
        ]
        nodes[folder] = Node(
            folder=folder,
            parsed=parsed,
            bases=tuple(one for one in named if one in folders),
            components=tuple(parts),
            files=tuple(one for one in named if one not in folders),
        )
    return Tracer(Graph(nodes), files.get, {})


def placed(files: Mapping[str, str], rendered: str, root: str = "top") -> tuple[str, int, bool]:
    """Where the image of a rendered pod stands."""
    (resource,) = parse_documents(rendered)
    path = "spec.containers[0].image"
    text = rendered.rsplit("image: ", 1)[1].split("\n", maxsplit=1)[0]
    found = Found(
        object=resource.id, path=path, text=text, reference=parse_reference(text), how="pod", parts=((path, text),)
    )
    place = tracer(files).place(root, found, resource)
    return place.file, place.line, place.sure


def test_prefixes_suffixes_and_namespaces_lead_back_to_the_object() -> None:
    files = {
        "top/kustomization.yaml": "resources: [../a, ../b]\n",
        "a/kustomization.yaml": "resources: [pod.yaml]\nnamePrefix: a-\nnameSuffix: -z\nnamespace: n\n",
        "a/pod.yaml": POD.format(name="x", image="r/x:1"),
        "b/kustomization.yaml": "resources: [pod.yaml]\nnamePrefix: b-\n",
        "b/pod.yaml": "# one line more\n" + POD.format(name="x", image="r/x:1"),
    }
    assert placed(files, POD.format(name="a-x-z", image="r/x:1")) == ("a/pod.yaml", 8, True)
    assert placed(files, POD.format(name="b-x", image="r/x:1")) == ("b/pod.yaml", 9, True)


def test_a_value_that_no_stage_explains_is_looked_for_as_text() -> None:
    files = {
        "top/kustomization.yaml": "resources: [pod.yaml]\nconfigurations: [odd.yaml]\n",
        "top/pod.yaml": POD.format(name="x", image="r/x:1"),
        "top/odd.yaml": "- something\n- that: sets r/y:2\n",
    }
    assert placed(files, POD.format(name="x", image="r/y:2")) == ("top/odd.yaml", 2, True)


def test_where_nothing_tells_it_is_the_object_s_own_line() -> None:
    files = {
        "top/kustomization.yaml": "resources: [pod.yaml]\n",
        "top/pod.yaml": "\n# note\n" + POD.format(name="x", image="r/x:1"),
    }
    assert placed(files, POD.format(name="x", image="r/elsewhere:9")) == ("top/pod.yaml", 3, False)


def test_an_object_from_nowhere_is_placed_at_the_kustomization() -> None:
    files = {"top/kustomization.yaml": "resources: []\n"}
    assert placed(files, POD.format(name="x", image="r/x:1")) == ("top/kustomization.yaml", 1, False)


def test_a_circle_ends() -> None:
    files = {
        "top/kustomization.yaml": "resources: [../a]\n",
        "a/kustomization.yaml": "resources: [../top, pod.yaml]\n",
        "a/pod.yaml": POD.format(name="x", image="r/x:1"),
    }
    assert placed(files, POD.format(name="x", image="r/x:1")) == ("a/pod.yaml", 8, True)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a", "", "")),
        ("a:1", ("a", "1", "")),
        ("h:5000/a", ("h:5000/a", "", "")),
        ("h:5000/a:1", ("h:5000/a", "1", "")),
        ("h:5000/a:1@sha256:0", ("h:5000/a", "1", "sha256:0")),
        ("a@sha256:0", ("a", "", "sha256:0")),
    ],
)
def test_images_are_split_as_kustomize_does(text: str, parts: tuple[str, str, str]) -> None:
    assert split_image(text) == parts


def test_field_paths_of_replacements() -> None:
    steps = ("spec", "containers", NamedStep(index=1, name="main"), "image")
    assert field_meets("spec.containers.[name=main].image", steps)
    assert field_meets("spec.containers.*.image", steps)
    assert field_meets("spec.containers.1.image", steps)
    assert not field_meets("spec.containers.[name=other].image", steps)
    assert not field_meets("spec.containers.1", steps)
    assert field_meets(r"data.a\.b", ("data", "a.b"))
    assert field_meets("data.[a.b]", ("data", "a.b"))
    assert field_steps("spec.containers.[name=main].image") == (
        "spec",
        "containers",
        NamedStep(index=0, name="main"),
        "image",
    )

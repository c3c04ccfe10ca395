"""Images of source files that no kustomization reaches, each with the line that holds its tag."""

from __future__ import annotations

import pytest

from buildkit.images.found import Found
from buildkit.images.samples import find_in_file, reads
from tests.unit.images.finding import custom, knowledge

NOTEBOOK = custom("template:\n  spec:\n    containers:\n    - name: a\n      image: a/notebook:1", "Notebook")


def sample(path: str, text: str) -> list[Found]:
    found = find_in_file(path, text, knowledge())
    for one in found:
        assert one.sample
        tag = one.reference.tag or one.reference.repository.rpartition("/")[2]
        assert tag in text.splitlines()[one.line - 1]
    return list(found)


def lines(path: str, text: str) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in sample(path, text)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.yaml", True),
        ("a.YML", True),
        ("README.md", True),
        ("a.json", True),
        ("a.py", False),
        ("a.tpl", False),
        ("yaml", False),
    ],
)
def test_only_files_that_may_hold_objects_are_read(path: str, expected: bool) -> None:  # noqa: FBT001
    assert reads(path) is expected


def test_documents_have_their_lines() -> None:
    text = f"# a comment\n{NOTEBOOK}\n---\n\n{NOTEBOOK.replace('notebook:1', 'other:2')}\n"
    assert lines("x.yaml", text) == [(10, "a/notebook:1"), (21, "a/other:2")]


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  one: |
    a: 1
    image: a/b:1
  two: "x:\\n  image:\\n    c/d:2"
"""
LIST = """\
{"apiVersion": "v1", "kind": "List", "items": [
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
"spec": {"containers": [{"name": "a", "image": "a/b:1"}]}}]}
"""


def test_embedded_text_has_its_lines() -> None:
    assert lines("x.yaml", CONFIG) == [(7, "a/b:1"), (8, "c/d:2")]


def test_a_list_and_json_are_objects_too() -> None:
    assert lines("x.json", LIST) == [(3, "a/b:1")]


def test_what_does_not_parse_is_told_and_the_rest_goes_on() -> None:
    told: list[tuple[int, str]] = []
    text = f"apiVersion: v1\nkind: [\n---\n{NOTEBOOK}\n---\nkind: a\n\t: b\n"
    found = find_in_file("x.yaml", text, knowledge(), lambda line, problem: told.append((line, problem)))
    assert [one.text for one in found] == ["a/notebook:1"]
    assert [line for line, _ in told] == [3, 15]


@pytest.mark.parametrize(
    "fence",
    ["```yaml\n{}\n```", "~~~\n{}\n~~~", "```sh\nkubectl apply -f - <<EOF\n{}\nEOF\n```\n", "  ```yaml\n  {}\n  ```"],
)
def test_fenced_blocks_of_documentation_are_read(fence: str) -> None:
    body = NOTEBOOK.replace("\n", "\n  ") if fence.startswith("  ") else NOTEBOOK
    text = "# How\n\nUse `ghcr.io/not/this:1`.\n\n" + fence.format(body) + "\n\n```yaml\nimage: not/this:1\n```\n"
    assert [text for _, text in lines("README.md", text)] == ["a/notebook:1"]


def test_broken_documentation_is_no_error() -> None:
    assert lines("README.md", "```yaml\napiVersion: v1\nkind: [\n```\n```") == []


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- {name: a/b, newTag: '1'}\n",
        "image: a/b:1\n",
        "- op: replace\n  path: /spec/image\n  value: a/b:1\n",
    ],
)
def test_what_is_no_object_is_left_alone(text: str) -> None:
    assert lines("x.yaml", text) == []


def test_a_byte_order_mark_shifts_nothing() -> None:
    assert [(one.line, one.text) for one in find_in_file("x.yaml", "\ufeff" + NOTEBOOK, knowledge())] == [
        (9, "a/notebook:1")
    ]


def test_compiled_in_images_are_not_told_of_samples() -> None:
    assert [
        text for _, text in lines("x.yaml", NOTEBOOK.replace("a/notebook:1", "quay.io/argoproj/workflow-controller:v3"))
    ] == ["quay.io/argoproj/workflow-controller:v3"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("apiVersion: v1\nkind: Pod\nspec: {a: [\n", True),
        ('{"apiVersion": "v1",\n"kind": "Pod",\n"x": ]', True),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  {{- if .Values.x }}\n  name: {{ .x }}\n", False),
        ("{{ define }}\n a: [", False),
        ("a: b: c\n", False),
    ],
)
def test_only_objects_that_do_not_parse_are_told(text: str, told: bool) -> None:  # noqa: FBT001
    said: list[tuple[int, str]] = []
    find_in_file("a.yaml", text, knowledge(), lambda line, what: said.append((line, what)))
    assert bool(said) is told

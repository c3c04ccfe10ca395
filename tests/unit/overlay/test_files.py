"""What is written reads back as it was meant, by the strict reader of `kfkit diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.compare.objects import read_document
from buildkit.model.resource import ObjectId
from buildkit.overlay import yaml_text
from buildkit.overlay.files import MARKER, files_of, overlay_files
from buildkit.overlay.operation import Operation, applied, operations_between
from buildkit.overlay.overlay import Copy
from buildkit.overlay.target import Known, target_of

if TYPE_CHECKING:
    from buildkit.compare.comparison import Json

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    alphabet="ab #:|-'\"\n\t{}[]\\", max_size=60
)
KEYS = st.sampled_from(["a", "b.c", "d/e", "f", '"'])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["a", "b", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(TEXTS)
def test_any_text_reads_back_the_same(text: str) -> None:
    assert read_document(f"- op: x\n  value: {yaml_text.value(text, '  ')}\n", 1) == [{"op": "x", "value": text}]


@given(OBJECTS, OBJECTS)
def test_operations_between_two_objects_make_the_one_of_the_other(old: dict[str, Json], new: dict[str, Json]) -> None:
    assert applied(old, tuple(operations_between("x", old, new))) == new


@given(st.text(max_size=80))
def test_a_comment_stays_a_comment(text: str) -> None:
    assert all(row.startswith("#") for row in yaml_text.comment([text]).splitlines())


def object_id(name: str, *, kind: str = "ConfigMap", group: str = "", namespace: str = "n") -> ObjectId:
    return ObjectId(group=group, version="v1", kind=kind, namespace=namespace, name=name)


def known(one: ObjectId, first: str = "", **labels: str) -> Known:
    """Give an object that had another name at first."""
    return Known(id=one, name=one.name, first=(first or one.name, one.namespace), labels=labels)


def test_a_target_is_one_object_by_anchored_patterns() -> None:
    one = known(object_id("a.b"))
    assert list(target_of(one, [one]).fields()) == [
        ("group", "^$"),
        ("version", "v1"),
        ("kind", "ConfigMap"),
        ("name", "a\\.b"),
        ("namespace", "n"),
    ]


def test_an_object_without_a_namespace_is_told_from_one_that_has_one() -> None:
    bare, other = known(object_id("a", namespace="")), known(object_id("a"))
    assert target_of(bare, [bare, other]).namespace == "default"
    assert target_of(bare, [bare]).namespace is None


def test_an_object_is_told_by_a_label_from_one_that_had_its_name_before_a_prefix() -> None:
    one, other = known(object_id("web"), app="web", copy="no"), known(object_id("pre-web"), "web", app="web", copy="y")
    assert target_of(one, [one, other]).label == "copy=no"
    assert target_of(other, [one, other]).label is None


def test_an_object_that_nothing_tells_from_another_has_a_twin() -> None:
    one, other = known(object_id("web"), app="web"), known(object_id("pre-web"), "web", app="web")
    assert target_of(one, [one, other]).twin == other.id
    assert target_of(other, [one, other]).twin is None


def test_patches_of_names_that_look_alike_get_files_of_their_own() -> None:
    ids = [object_id("a"), object_id("a", group="x.example"), object_id("A:b"), object_id("a-b"), object_id("c" * 250)]
    operation = Operation(object="x", path="data.a", old="1", new="2")
    targets = [(target_of(known(one), [known(other) for other in ids]), [operation]) for one in ids]
    files = overlay_files(["head"], "../example", targets, [])
    names = [one.path for one in files]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) < 130
    marker = next(one for one in files if one.path == MARKER)
    assert files_of(marker.text) == set(names)


@pytest.mark.parametrize(
    ("operation", "steps"),
    [
        (Operation(object="x", path='data["a/b~c"]', old="1", new="2"), ["test", "replace"]),
        (Operation(object="x", path="spec.a", old=None, new="2"), ["test", "add"]),
    ],
)
def test_what_stands_there_is_tested_before_it_is_changed(operation: Operation, steps: list[str]) -> None:
    target = target_of(known(object_id("a")), [])
    patch = next(one for one in overlay_files(["head"], "..", [(target, [operation])], []) if "patches/" in one.path)
    read = read_document(patch.text, 1)
    assert isinstance(read, list)
    assert [one["op"] for one in read] == steps
    assert {one["path"] for one in read} == {operation.pointer}


def test_the_script_quotes_what_a_shell_would_read() -> None:
    copies = [Copy(source="a;b", target="$(x)")]
    script = next(one for one in overlay_files(["head\nrm -rf /"], "..", [], copies) if one.path == "copy.sh")
    assert script.text.splitlines()[1:] == ["# head rm -rf /", "set -eu", "crane copy 'a;b' '$(x)'"]

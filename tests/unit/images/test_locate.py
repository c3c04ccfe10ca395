from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.images.locate import (
    Branch,
    Leaf,
    NamedStep,
    Node,
    Step,
    compose,
    count_whole,
    leaf_text,
    leaves,
    line_in,
    name_steps,
    parse_path,
    walk,
)
from buildkit.model.documents import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.model.resource import Value

KEYS = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)
REFERENCES = st.from_regex(r"[a-z]{1,8}(\.io)?(/[a-z]{1,8}){0,2}:v[0-9]{1,3}", fullmatch=True)
TREES = st.recursive(
    REFERENCES,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(KEYS, inner, min_size=1, max_size=4),
    max_leaves=20,
)


def paths(value: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))


@settings(max_examples=200, deadline=None)
@given(
    value=TREES,
    flow=st.sampled_from(["flow", "block", "mixed"]),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    indent=st.integers(2, 8),
    head=st.sampled_from(["", "# note\n\n", "---\n", "\ufeff"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_the_located_line_holds_the_value(  # noqa: PLR0913, PLR0917  # one argument a dimension of YAML style
    value: object, flow: str, style: str | None, indent: int, head: str, ends: str
) -> None:
    flows = {"flow": True, "block": False, "mixed": None}[flow]
    body: str = yaml.dump(value, default_flow_style=flows, default_style=style, indent=indent, width=40)
    text = (head + body).replace("\n", ends)
    lines = text.removeprefix("\ufeff").split("\n")
    root = compose(text)
    for path, wanted in paths(value):
        leaf = walk(root, path)
        assert isinstance(leaf, Leaf)
        assert leaf.text.strip() == wanted
        found = line_in(leaf, lines, wanted)
        assert found is not None
        assert wanted in lines[found - 1]
        assert leaf.line <= found <= leaf.last


@settings(max_examples=200, deadline=None)
@given(value=TREES, style=st.sampled_from([None, "'", '"']), bom=st.booleans())
def test_the_span_of_a_scalar_is_its_characters(value: object, style: str | None, bom: bool) -> None:  # noqa: FBT001
    text = ("\ufeff" if bom else "") + "# ünïcödé 🙂\n" + yaml.dump(value, default_style=style, width=1000)
    root = compose(text)
    for path, wanted in paths(value):
        leaf = walk(root, path)
        assert isinstance(leaf, Leaf)
        quote = text[leaf.start] if text[leaf.start] in "'\"" else ""
        assert text[leaf.start : leaf.end] == f"{quote}{wanted}{quote}"


def test_lines_of_a_later_document_count_from_its_start() -> None:
    leaf = walk(compose("a: 1\nb: 2\n", line=41), ("b",))
    assert isinstance(leaf, Leaf)
    assert leaf.line == 42


def test_aliases_and_merge_keys_lead_to_the_anchor() -> None:
    root = compose("x: &x {image: 'a:1'}\ny: *x\nz:\n  <<: *x\nq:\n  <<: [*x]\n  b: c\n")
    for key in "xyzq":
        leaf = walk(root, (key, "image"))
        assert isinstance(leaf, Leaf)
        assert leaf.line == 1
    assert walk(root, ("q", "none")) is None


def test_an_alias_bomb_costs_nothing() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    assert len(list(leaves(compose(text)))) == 1


def test_depth_is_bounded_and_syntax_has_a_line() -> None:
    with pytest.raises(DocumentError, match="deeper"):
        compose("[" * 5000)
    with pytest.raises(DocumentError) as caught:
        compose("a: 1\nb: [\n", line=10)
    assert caught.value.line >= 11
    with pytest.raises(DocumentError, match="anchor"):
        compose("a: *b\n")


def test_an_empty_text_is_nothing() -> None:
    assert compose("") is None
    assert compose("# only a note\n") is None


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ('data["a.b"]', ("data", "a.b")),
        ('data["a.b"] | spec.image', ("data", "a.b")),
        ('data["a\\"b"].c', ("data", 'a"b', "c")),
        ("[1].image", (1, "image")),
        ("", ()),
    ],
)
def test_parse_path(path: str, steps: tuple[Step, ...]) -> None:
    assert parse_path(path) == steps


def test_list_elements_are_found_by_name_wherever_they_moved() -> None:
    body: Value = {"c": [{"name": "new", "image": "n"}, {"name": "old", "image": "o"}, "plain"]}
    steps = name_steps(body, ("c", 1, "image"))
    assert steps == ("c", NamedStep(index=1, name="old"), "image")
    assert leaf_text(walk(compose("c: [{name: old, image: x}]"), steps)) == "x"
    assert walk(compose("c: [{name: other, image: x}, {name: third, image: y}]"), steps) is None
    assert leaf_text(walk(compose("c: [{name: a}, {image: y}]"), steps)) == "y"
    assert name_steps(body, ("c", 2)) == ("c", 2)


def text_of(node: Node | None) -> str:
    assert isinstance(node, Leaf)
    return node.text


def test_block_scalars_give_the_line_of_each_occurrence() -> None:
    text = "a: |\n\n  x: r/i:1\n  y: r/i:1\n  z: r/i:10\nb: >-\n  some\n  r/j:2\nc: 1\n"
    root = compose(text)
    block, folded = walk(root, ("a",)), walk(root, ("b",))
    assert isinstance(block, Leaf)
    assert isinstance(folded, Leaf)
    lines = text.split("\n")
    assert [line_in(block, lines, "r/i:1", n) for n in range(3)] == [3, 4, 4]
    assert line_in(folded, lines, "r/j:2") == 8
    assert line_in(folded, lines, "r/k:2") is None
    assert text_of(walk(root, ("c",))) == "1"


@pytest.mark.parametrize(
    ("text", "needle", "count"),
    [
        ("image: a/b:1", "a/b:1", 1),
        ("image: x/a/b:1", "a/b:1", 0),
        ("image: a/b:1.2", "a/b:1", 0),
        ("image: a/b:1-rc", "a/b:1", 0),
        ('["a/b:1","a/b:1"]', "a/b:1", 2),
        ("a/b:1@sha256:0", "a/b:1", 0),
        ("--image=a/b:1.", "a/b:1", 1),
        ("v1.0", "v1.0", 1),
        ("v1.0.1", "v1.0", 0),
    ],
)
def test_count_whole(text: str, needle: str, count: int) -> None:
    assert count_whole(text, needle) == count


@given(st.text(max_size=200))
def test_any_text_is_a_tree_or_an_error_with_a_line(text: str) -> None:
    line = 0
    try:
        root = compose(text)
    except DocumentError as error:
        root, line = None, error.line - 1
    assert line >= 0
    assert root is None or isinstance(root, Leaf | Branch)


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_count_whole_takes_any_text(text: str, needle: str) -> None:
    assert count_whole(text, needle) <= len(re.findall(re.escape(needle), text))

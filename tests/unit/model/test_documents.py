"""Reading YAML: scalars stay text, everything is bounded, and nothing a file says can crash or hang the reader."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.documents import MAX_DEPTH, DocumentError, parse_documents, parse_value, split_documents

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: b\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        ("012", "012"),
        ("yes", "yes"),
        ("2001-01-01", "2001-01-01"),
        ("1:30", "1:30"),
        ("=", "="),
        ("~", None),
        ("null", None),
        ('"null"', "null"),
        ("''", ""),
        ("", None),
        ("!!str ~", "~"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("0o5", "0o5"),
    ],
)
def test_scalars_keep_the_text_they_were_written_in(text: str, value: str | None) -> None:
    assert parse_value(f"a: {text}") == {"a": value}


def test_aliases_and_merge_keys_are_written_out() -> None:
    value = parse_value("a: &x {b: '1', c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3\nf: {'<<': plain}")
    assert value == {
        "a": {"b": "1", "c": "2"},
        "d": {"b": "1", "c": "2"},
        "e": {"b": "1", "c": "3"},
        "f": {"<<": "plain"},
    }


def test_documents_are_split_where_they_start_and_lines_count_from_the_file() -> None:
    text = f"# top\n---\n{POD}---\n# nothing\n--- # comment\n{POD.replace('name: a', 'name: c')}...\n---\n{POD}"
    assert [(one.id.name, one.line) for one in parse_documents(text)] == [("a", 2), ("c", 10), ("a", 17)]


def test_a_separator_counts_inside_block_scalars_only_when_it_is_one() -> None:
    text = POD + "data:\n  x: |\n    ---\n    a: b\n  y: '---'\n"
    (one,) = parse_documents(text)
    assert one.body["data"] == {"x": "---\na: b\n", "y": "---"}


def test_lists_are_unwrapped_and_what_is_no_object_is_left_out() -> None:
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": [parse_value(POD), {"a": 1}]})
    assert [str(one.id) for one in parse_documents(listed + "\n---\nkind: x\n---\n- kind: a\n---\nkind text\n")] == [
        "v1/Pod/b/a"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", 2),
        ("a: b: c", 1),
        ('x: "open', 1),
        ("a: 1\nb:\n\t- c", 3),
        ("a: *unknown", 1),
        ("a: 1\n b: 2\n", 2),
        ("a: \x00", 1),
        ("a: \ud800", 1),
        ("%YAML 9.9\n---\na", 1),
    ],
)
def test_what_does_not_parse_says_where(text: str, line: int) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_value(text)
    assert abs(caught.value.line - line) <= 1


def test_lines_of_errors_count_from_the_file() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_documents(f"{POD}---\n{POD}spec: [\n")
    assert caught.value.line >= 12


def bomb(levels: int) -> str:
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    "text",
    [
        bomb(9),
        "[" * (MAX_DEPTH + 1),
        "{a: " * (MAX_DEPTH + 1),
        "\n".join(" " * n + "a:" for n in range(MAX_DEPTH + 2)),
        "- " * 5000 + "a",
        "[" * 300_000,
        "a: &a [*a]",
    ],
    ids=["alias bomb", "flow", "map", "block", "dashes", "deep", "self"],
)
def test_hostile_structures_are_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        parse_value(text)


def test_ten_megabytes_of_junk_cost_no_more_than_reading_them() -> None:
    assert parse_value("a" * 10_000_000) == "a" * 10_000_000
    assert len(list(split_documents("---\n" * 200_000))) == 0


CRD = textwrap.dedent(
    """\
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata:
      name: a.b.c
    spec:
      versions:
      - schema:
          openAPIV3Schema:
            properties:
              image:
                %s
                type: string
    """
)


@pytest.mark.parametrize(
    ("default", "kept"),
    [
        ("description: docker.io/a/b:1", False),
        ("default: 1Gi", False),
        ("default: /mnt/models", False),
        ("default: ghcr.io/a/b:1", True),
        ('default: "busybox:1"', True),
        ("default:\n                  image: busybox", True),
        ("default:\n                  size: busybox", False),
    ],
)
def test_only_schemas_that_can_name_an_image_are_read(default: str, kept: bool) -> None:  # noqa: FBT001
    (one,) = parse_documents(CRD % default)
    assert ("spec" in one.body) is kept
    (whole,) = parse_documents(CRD % default, schemas=True)
    assert "spec" in whole.body
    assert whole.id == one.id


def line_of_refusal(text: str) -> int:
    """1 where the text parses."""
    try:
        parse_documents(text)
        parse_value(text)
    except DocumentError as error:
        return error.line
    return 1


@given(st.text(max_size=400) | st.text(alphabet="{}[]:,-*&!|>'\"% \n\t#?ab<=~.0", max_size=120))
def test_any_text_parses_or_is_refused_at_a_line_of_it(text: str) -> None:
    assert 1 <= line_of_refusal(text) <= text.count("\n") + text.count("\r") + 2


_VALUES = st.recursive(
    st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abcXYZ_-.", max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_VALUES)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert parse_value(json.dumps({"a": value}, ensure_ascii=False)) == {"a": value}

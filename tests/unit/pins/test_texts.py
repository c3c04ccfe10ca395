"""Where the characters of a value stand in its file, in every style YAML has."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.images.locate import compose, leaves
from buildkit.pins.texts import Rows, whole

LETTERS = "abcé🙂 '\"\\#:-{}[],&*!|>%@\n\t"

STYLES = {
    "plain": "a: one two\n",
    "folded plain": "a: one\n  two\n   three\n\n  four\n",
    "single": "a: 'it''s one'\n",
    "folded single": "a: 'one''\n  two'\n",
    "double": 'a: "one \\"two\\" \\u00e9\\x41 three\\n four"\n',
    "escaped line end": 'a: "one\\\n   two"\n',
    "folded double": 'a: "one\n  two\n\n  three"\n',
    "literal": "a: |\n  one\n   two\n\n  three\n",
    "literal with indent": "a: |2-\n    one\n  two\n",
    "folded": "a: >-\n  one\n  two\n\n  three\n",
    "anchor": "a: &x one\n",
    "anchor and tag": 'a: &x !!str "one"\n',
    "tagged literal": "a: !!str |\n  one\n",
    "flow": "{a: one}\n",
    "json": '{"a": "one\\/two"}\n',
    "after others": "é🙂: {b: 1, a: one}\n",
}


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_word_of_a_value_is_placed_where_it_stands(text: str, bom: str, ends: str) -> None:
    text = bom + text.replace("\n", ends)
    node = compose(text)
    for leaf in leaves(node):
        value = whole(text).scalar(leaf)
        assert value.text == leaf.text
        for word in ("one", "two", "three", "four"):
            if word in leaf.text:
                start = value.place(leaf.text.index(word), leaf.text.index(word) + len(word))
                assert start >= 0
                assert text[start : start + len(word)] == word


def test_what_is_folded_or_escaped_stands_in_no_one_piece() -> None:
    text = 'a: "on\\x65 two\n  three"\n'
    (leaf,) = leaves(compose(text))
    value = whole(text).scalar(leaf)
    assert leaf.text == "one two three"
    assert value.place(0, 3) == -1
    assert value.place(4, 13) == -1
    assert value.place(8, 13) == text.index("three")


@settings(max_examples=300, deadline=None)
@given(
    value=st.text(alphabet=LETTERS, max_size=40),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    width=st.integers(5, 60),
    bom=st.booleans(),
)
def test_what_is_placed_are_the_same_characters(value: str, style: str | None, width: int, bom: bool) -> None:  # noqa: FBT001
    dumped: str = yaml.dump({"é": [value]}, default_style=style, width=width, allow_unicode=True)
    text = ("\ufeff" if bom else "") + dumped
    for leaf in leaves(compose(text)):
        found = whole(text).scalar(leaf)
        for at, character in enumerate(leaf.text):
            start = found.place(at, at + 1)
            assert start < 0 or text[start] == character


def test_lines_and_columns_count_from_one_without_the_bom() -> None:
    rows = Rows("\ufeffab\r\ncd")
    assert [rows.place(at) for at in (1, 2, 5, 6)] == [(1, 1), (1, 2), (2, 1), (2, 2)]

"""YAML that people own: whatever is wrong is told with file, line and key, and nothing else ever happens."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buildkit.errors import UsageError
from buildkit.model.authored import Node, read_authored

HINT = "docs/reference/policy.md has every key"


def root(text: str, *keys: str) -> Node:
    node = read_authored(text, "f.yaml", hint=HINT)
    assert node is not None
    return node.keys(*keys)


def read(text: str) -> None:
    """Read each kind of key once."""
    node = read_authored(text, "f.yaml", hint=HINT)
    if node is None:
        return
    node = node.keys("text", "texts", "items", "day", "entries")
    node.text("text", "none")
    node.texts("texts")
    node.each("items", lambda item: item.keys("text").text("text"))
    if node.has("day"):
        node.day("day")
    for _, entry in node.entries("entries"):
        entry.keys("text").text("text")


def complaint(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize("text", ["items: !!python/object/apply:os.system [ls]\n", "items: !x [a]\n", "!x [a]\n"])
def test_a_tag_of_its_own_makes_nothing_and_is_no_bug(text: str) -> None:
    assert str(complaint(text)).startswith("f.yaml:1: expected a mapping of text")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n"])
def test_a_file_without_content_has_no_root(text: str) -> None:
    assert read_authored(text, "f.yaml", hint=HINT) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n", "f.yaml:1: expected a mapping of text, texts, items, day, entries"),
        ("just text\n", "f.yaml:1: expected a mapping of text, texts, items, day, entries"),
        ("# why\n\nother: 1\n", "f.yaml:3: other: is no key here; known: text, texts, items, day, entries"),
        ("1: a\n", "f.yaml:1: 1: is no key here; known: text, texts, items, day, entries"),
        ("text: 1\n", "f.yaml:1: text: must be a text that is not empty"),
        ("text: ''\n", "f.yaml:1: text: must be a text that is not empty"),
        ("text:\n", "f.yaml:1: text: must be a text that is not empty"),
        ("\ntext: 2027-03-31\n", "f.yaml:2: text: must be a text that is not empty"),
        ("texts: a\n", "f.yaml:1: texts: must be a list"),
        ("texts:\n", "f.yaml:1: texts: must be a list"),
        ("texts: [a, {}]\n", "f.yaml:1: texts: must be a list of texts"),
        ("texts: [26.10]\n", "f.yaml:1: texts: must be a list of texts, numbers and dates in quotes"),
        ("texts: [2026-11-22]\n", "f.yaml:1: texts: must be a list of texts, numbers and dates in quotes"),
        ("items: {}\n", "f.yaml:1: items: must be a list"),
        ("items: [a]\n", "f.yaml:1: expected a mapping of text"),
        ("items:\n\n  - text: a\n  - txt: b\n", "f.yaml:4: txt: is no key here; known: text"),
        ("items:\n  - {}\n  -\n    {}\n", "f.yaml:2: text: is missing"),
        ("day: tomorrow\n", "f.yaml:1: day: must be a date such as 2027-03-31"),
        ("day: 20270331\n", "f.yaml:1: day: must be a date such as 2027-03-31"),
        ("day: '20270331'\n", "f.yaml:1: day: must be a date such as 2027-03-31"),
        ("day: 2027-W01-1\n", "f.yaml:1: day: must be a date such as 2027-03-31"),
        ("day: 2027-03-31T12:00:00Z\n", "f.yaml:1: day: must be a date such as 2027-03-31"),
        ("\n\nday: 2027-02-30\n", "f.yaml:3: day: '2027-02-30' is no date: day is out of range for month"),
        ("day: '2027-13-01'\n", "f.yaml:1: day: '2027-13-01' is no date: month must be in 1..12"),
        ("entries: []\n", "f.yaml:1: entries: must be a mapping"),
        ("entries:\n", "f.yaml:1: entries: must be a mapping"),
        ("entries:\n  a: {text: b}\n  c: []\n", "f.yaml:3: expected a mapping of text"),
        ("entries:\n  a:\n    txt: b\n", "f.yaml:3: txt: is no key here; known: text"),
        ("text: a\ntext: b\n", 'f.yaml:2: not YAML: found duplicate key "text" with value "b" (original value: "a")'),
        ("text: a\n\tday: b\n", "f.yaml:2: not YAML: found character '\\t' that cannot start any token"),
        ("texts: [a\n", "f.yaml:2: not YAML: expected ',' or ']', but got '<stream end>'"),
        ("text: *gone\n", "f.yaml:1: not YAML: found undefined alias 'gone'"),
        ("text: a\n--- \ntext: b\n", "f.yaml:2: not YAML: but found another document"),
        ("text: !!int x\n", "f.yaml:1: not YAML: invalid literal for int() with base 10: 'x'"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(text: str, says: str) -> None:
    error = complaint(text)
    assert str(error) == says
    assert error.hint == HINT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("items:\n  - &one {text: [a]}\n", "f.yaml:2: text: must be a text that is not empty"),
        ("items:\n  - text: a\n  - <<: {text: [a]}\n", "f.yaml:3: text: must be a text that is not empty"),
        ("<<: {other: 1}\n", "f.yaml:1: other: is no key here; known: text, texts, items, day, entries"),
        ("entries:\n  <<: {a: 1}\n", "f.yaml:1: expected a mapping of text"),
    ],
)
def test_a_key_that_a_merge_brings_stands_where_the_mapping_does(text: str, says: str) -> None:
    assert str(complaint(text)) == says


def test_a_date_reads_with_and_without_quotes() -> None:
    for text in ("day: 2027-03-31\n", "day: '2027-03-31'\n"):
        assert root(text, "day").day("day") == date(2027, 3, 31)


def test_a_bom_windows_line_ends_and_comments_change_nothing() -> None:
    node = root("\ufeff# why\r\ntext: a # b\r\ntexts:\r\n  - c\r\n", "text", "texts")
    assert (node.text("text"), node.texts("texts")) == ("a", ("c",))


@pytest.mark.parametrize("text", ["text: " + "[" * 500, "text: " + "{a: " * 20_000, "- " * 100_000, "&a [*a]\n"])
def test_hostile_nesting_is_an_error_of_the_file(text: str) -> None:
    assert str(complaint(text)).startswith("f.yaml:1: ")


def test_aliases_of_aliases_cost_nothing() -> None:
    laughs = "".join(f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert str(complaint("texts:\n  - &a0 [x]\n" + laughs)) == "f.yaml:1: texts: must be a list of texts"


_PIECES = st.sampled_from(
    [
        *["text", "texts", "items", "day", "entries", "[", "]", "{", "}", "'", '"', "a", "1", "?", "2027-02-30", "*a"],
        *(
            ": ",
            ":\n",
            "\n",
            "  ",
            "- ",
            "&a ",
            "<<: ",
            "!!timestamp ",
            "!x ",
            "| \n",
            "# ",
            "\t",
            "\x07",
            "%YAML 1.1\n",
        ),
    ]
)


@example("&a : &a ")
@given(st.lists(_PIECES, max_size=14).map("".join))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    refused = ""
    try:
        read(text)
    except UsageError as error:
        refused = str(error)
    assert not refused or re.match(r"f\.yaml:\d+: ", refused)

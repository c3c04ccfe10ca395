"""Scalars on their way through a template; tests/integration/charts holds them against helm."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.scalars import block_head, escaped, go, is_block, is_plain, plain, quoted


@pytest.mark.parametrize("text", ["web", "a b", "/var/lib", "10Gi", "a:b", "http://a/b?c=d", "it's"])
def test_what_reads_back_as_itself_stays_plain(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "y", "on", "0o17", "1:", "a: b", "a #b", "- a", "*", "&a", "!x", "%", "@", "`", "1", "1e3", "~", "null", "<<",
     "=", " a", "a ", "...", "---", "{a}", "[a]", "{{ x }}", "a\tb", "a\nb", "\x85", "\u2028", "1_000", ".inf"],
)  # fmt: skip
def test_what_would_be_something_else_is_quoted(text: str) -> None:
    assert not is_plain(text)
    assert yaml.safe_load(plain(text)) == text


@given(st.text())
def test_a_quoted_text_reads_back_as_itself(text: str) -> None:
    assert yaml.safe_load(quoted(text)) == text


@pytest.mark.parametrize(
    ("value", "written"), [(None, "null"), (True, "true"), (1, "1"), (1.5, "1.5"), (2**63 - 1, "9223372036854775807")]
)
def test_numbers_and_words_are_written_as_json_does(value: float | bool | None, written: str) -> None:  # noqa: FBT001
    assert plain(value) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a", "a"),
        ("{{ x }}", "{{ `{{ x }}` }}"),
        ("${{ a }}-{{ b }}", "${{ `{{ a }}` }}-{{ `{{ b }}` }}"),
        ("{{", '{{ "{{" }}'),
        ("{{ `x` }}", '{{ "{{" }} `x` }}'),
        ("{{\n}}", '{{ "{{" }}\n}}'),
        ("}}", "}}"),
    ],
)
def test_an_action_in_a_payload_is_written_readably(text: str, written: str) -> None:
    assert escaped(text) == written


def test_braces_without_end_take_no_time() -> None:
    start = time.monotonic()
    escaped("{{" * 200_000)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(("text", "written"), [("a", '"a"'), ('a"', '`a"`'), ('"`', '"\\"`"'), ('"\r', '"\\"\\r"')])
def test_a_string_of_go_is_raw_where_that_reads_better(text: str, written: str) -> None:
    assert go(text) == written


@pytest.mark.parametrize("text", ["a\n", "a\nb", "\na\n", "  a\nb\n", "\ta\n", "a\n\nb", "#\n", "---\na\n", "a \nb\n"])
def test_lines_are_a_block_that_reads_back(text: str) -> None:
    assert is_block(text)
    body = "\n".join(f"  {line}" for line in text.removesuffix("\n").split("\n"))
    assert yaml.safe_load(f"k: {block_head(text)}\n{body}\n") == {"k": text}


@pytest.mark.parametrize("text", ["", "a", "\n", "a\n\n", "a \n", "a\n ", "a\r\nb", "a\n\x85", "a\n\ufeff", "\x00\n"])
def test_what_a_template_or_a_reader_would_change_is_no_block(text: str) -> None:
    assert not is_block(text)


@given(st.text())
def test_a_text_is_written_on_one_line(text: str) -> None:
    assert "\n" not in plain(text)
    assert json.loads(json.dumps(plain(text)))


@pytest.mark.parametrize("text", ["2020-01-01", "2001-12-14t21:59:43.10-05:00", "12:30:45", "-1:30", "190:20:30.15"])
def test_what_other_readers_take_for_a_date_or_a_time_is_quoted(text: str) -> None:
    assert plain(text) == f'"{text}"'

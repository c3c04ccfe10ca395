"""Patterns: what Python says of them, without its time, and nothing that others would understand differently."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.pattern import PatternError, check_pattern, matches

_HOST = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\.", r"\d", "-"])
_COUNTS = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map("|".join)
        | st.tuples(inner, _COUNTS).map(lambda pair: f"({pair[0]}){pair[1]}")
        | inner.map(lambda one: f"(?:{one})")
    )


_PATTERNS = st.recursive(_ATOMS | st.tuples(_ATOMS, _COUNTS).map("".join), _larger, max_leaves=6)


@given(_PATTERNS, st.text("ab.1-", max_size=8))
def test_a_text_matches_where_python_says_so(pattern: str, text: str) -> None:
    try:
        found = matches(pattern, text)
    except PatternError:
        return  # deeper than ours may be
    assert found is (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (_HOST, "db.example.org", True),
        (_HOST, "db..example.org", False),
        (_HOST, "-db", False),
        ("[0-9]{1,5}", "3306", True),
        ("[0-9]{1,5}", "330600", False),
        ("mysql|postgres", "postgres", True),
        ("", "", True),
        ("(a?){1000}", "aaa", True),
        ("(a?)*", "aaa", True),
        ("a{3}", "aa", False),
        ("(|a)b", "b", True),
        (r"[\]\[^\\-]+", r"[]^\-", True),
        (r"\w+", "é", False),
        (".", "\n", False),
        ("é", "é", True),
    ],
)
def test_the_whole_text_is_held_against_it(pattern: str, text: str, fits: object) -> None:
    assert matches(check_pattern(pattern), text) is fits


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(a", r"'\(a' has a \( without its \) \(character 3\)"),
        ("a)", r"has a \) without its \("),
        ("(?=a)", "of a kind that is not read alike"),
        ("(?P<x>a)", "of a kind that is not read alike"),
        ("(?i)a", "of a kind that is not read alike"),
        (r"(a)\1", "an escape that is not read alike"),
        (r"a\b", "an escape that is not read alike"),
        (r"\Z", "an escape that is not read alike"),
        (r"\pL", "an escape that is not read alike"),
        ("\\", "an escape that is not read alike"),
        ("^a$", r"is matched as a whole: without \^"),
        ("*a", r"has a \* that nothing stands before"),
        ("a{x}", "has a count that is none"),
        ("a{2,1}", "has a count that is none"),
        ("a{0}", "has a count that is none"),
        ("a{1001}", "has a count that is none"),
        ("a*?", "repeats what is repeated"),
        ("a++", "repeats what is repeated"),
        ("[[:alpha:]]", "has a class that is not read alike"),
        ("[a&&b]", "has a class that is not read alike"),
        ("[]", "has a class that is not read alike"),
        ("[]a]", "has a class that is not read alike"),
        (r"[\b]", "has a class that is not read alike"),
        ("[z-a]", "has a class that is none: bad character range"),
        ("]", r"has a \] that nothing"),
        ("a" * 201, "has more than 200 characters"),
        ("(" * 8 + ")" * 8, "groups in more than 6"),
        ("((a*)*)*", "without end within more than 2"),
        ("(a{100}){100}", "repeats more than 1000 times"),
    ],
)
def test_what_is_none_or_is_read_in_other_ways_elsewhere_is_an_error(pattern: str, says: str) -> None:
    with pytest.raises(PatternError, match=says):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|aa)+", "(a*)*b", "((a?){30}a{30})*", "(.*a){20}", "(a{0,30}){0,30}", "(" + "a*" * 60 + ")*b"],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    start = time.monotonic()
    matches(pattern, "a" * 999 + "!")
    assert time.monotonic() - start < 5


def test_a_long_text_never_matches() -> None:
    assert not matches("a*", "a" * 1001)

"""Variables and quotes in words; the results are those of BuildKit's shell lexer."""

from __future__ import annotations

import pytest

from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.expand import MOST_CHARACTERS, Manner, expand

VALUES = {"X": "abcabc", "P": "linux/arm64/v8", "EMPTY": "", "LINES": "ab\nabc", "STAR": "a*b", "É": "accent"}

EXPANDED = {
    "$X ${X}": "abcabc abcabc",
    "$U|${U}|": "||",
    "${U:-d} ${U-d} ${EMPTY:-d} ${EMPTY-d} ${X:-d}": "d d d  abcabc",
    "${X:+a} ${X+a} ${EMPTY:+a} ${EMPTY+a} ${U:+a} ${U+a}|": "a a  a  |",
    "${X#a*c} ${X##a*c} ${X%b*} ${X%%b*}": "abc  abca a",
    "${P#*/} ${P##*/} ${P%/*} ${P%%/*}": "arm64/v8 v8 linux/arm64 linux",
    "${X#b} ${X%b} ${U#x}|": "abcabc abcabc |",
    "${X/b/Q} ${X//b/Q} ${X/b/} ${X//[b]/Q}": "aQcabc aQcaQc acabc abcabc",
    "${P//\\//-} ${P/arm64/aarch64}": "linux-arm64-v8 linux/aarch64/v8",
    "${X//?/.} ${X/*/.} ${X//b*/\\$0!}": "...... . a\\bcabc!",
    "${X///-}": "-a-b-c-a-b-c-",
    "${LINES##a*} ${LINES//b*/Z}": "\nabc aZ\naZ",
    "${STAR#a\\*} ${STAR/\\*/x}": "b axb",
    "${U:-${U:-${X}}} ${U:-$P}": "abcabc linux/arm64/v8",
    "'$X' \"$X\" \"'$X'\" \\$X": "$X abcabc 'abcabc' $X",
    '"a\\"b" "\\$X" "\\a" \\a a\\ b': 'a"b $X \\a a a b',
    "$X1 ${X}1 $X-": " abcabc1 abcabc-",
    "$ $$ $1 ${1} $? a$": "$     a$",
    "${É} $É": "accent accent",
    "a << b <<  c": "a << b <<  c",
    "${X?m} ${X:?m}": "abcabc abcabc",
}


@pytest.mark.parametrize(("text", "expanded"), EXPANDED.items(), ids=list(EXPANDED))
def test_values_are_put_in_as_buildkit_does(text: str, expanded: str) -> None:
    assert expand(text, VALUES.get).text == expanded


def test_names_are_told_apart_by_whether_they_have_a_value() -> None:
    result = expand("$X ${U:-$P} $V", VALUES.get)
    assert (result.used, result.missing) == (("P", "X"), ("U", "V"))


REFUSED = {
    "'a": "single-quote",
    '"a': "double-quote",
    "${": "missing '}'",
    "${}": "bad substitution",
    "${:}": "bad substitution",
    "${{X}": "bad substitution",
    "${X": "unsupported modifier",
    "${X!}": "unsupported modifier",
    "${X:}": "unsupported modifier|missing",
    "${X:#a}": r"unsupported modifier \(:#\)",
    "${X:-a": "missing '}'",
    "${X/a}": "missing '/'",
    "${X/a/b": "missing '}'",
    "${X#\\a}": "invalid escape",
    "${U?}": "U: is not allowed to be unset",
    "${EMPTY:?give a value}": "EMPTY: give a value",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items(), ids=list(REFUSED))
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(SyntaxProblem, match=said):
        expand(text, VALUES.get)


def test_the_content_of_a_heredoc_keeps_its_quotes() -> None:
    assert expand("'$X' \"$X\" \\$X", VALUES.get, Manner(quotes_are_text=True)).text == "'abcabc' \"abcabc\" $X"


def test_a_backtick_escapes_where_the_file_says_so() -> None:
    assert expand('C:\\a `$X "`""', VALUES.get, Manner(escape="`")).text == 'C:\\a $X "'


def test_what_stands_for_a_variable_without_a_value_can_be_chosen() -> None:
    assert expand("a-$U-${U}-${U:-d}", VALUES.get, Manner(unset="?")).text == "a-?-?-d"


def test_values_that_double_each_other_end_somewhere() -> None:
    values = {"A": "x" * (MOST_CHARACTERS // 2)}
    with pytest.raises(SyntaxProblem, match="more than"):
        expand("$A$A$A", values.get)


def test_nesting_ends_somewhere() -> None:
    with pytest.raises(SyntaxProblem, match="nested deeper"):
        expand("${U:-" * 200 + "}" * 200, VALUES.get)


def test_a_pattern_costs_no_more_than_value_times_pattern() -> None:
    values = {"A": "a" * 60_000}
    assert expand("${A##" + "*a" * 30 + "b}", values.get).text == values["A"]
    with pytest.raises(SyntaxProblem, match="too long"):
        expand("${A//" + "*a" * 5000 + "/x}", values.get)

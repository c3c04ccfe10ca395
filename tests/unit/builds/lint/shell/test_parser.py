"""Shell text that is read, and text that is none."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.builds.lint.shell.parser import parse_shell
from buildkit.builds.lint.shell.tree import AndOr, Case, For, Group, If, Loop, Pipeline, Sequence, ShellError, Simple


def first(script: str) -> object:
    return parse_shell(script).items[0].pipelines[0].commands[0]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("a b", Simple),
        ("if a; then b; elif c; then d; else e; fi > x 2>&1", If),
        ("case a in (b|c) d;; *) e;& esac", Case),
        ("for i in a b\ndo c; done | d", For),
        ("for ((i=0; i<3; i++)); do a; done", For),
        ("select x in a b; do c; done", For),
        ("while a; do b; done < x", Loop),
        ("until a\ndo\nb\ndone", Loop),
        ("{ a; }", Group),
        ("(a\nb)", Group),
        ("(( x > 1 ))", Simple),
        ("2>/dev/null a", Simple),
    ],
)
def test_commands_are_told_apart(script: str, kind: type) -> None:
    assert isinstance(first(script), kind)


def test_lists_keep_their_operators() -> None:
    (one, two) = parse_shell("a && ! b | c |& d || e & f").items
    assert isinstance(one, AndOr)
    assert one.operators == ("&&", "||")
    assert [len(pipeline.commands) for pipeline in one.pipelines] == [1, 3, 1]
    assert one.pipelines[1].negated
    assert isinstance(two.pipelines[0], Pipeline)


def test_words_know_where_they_stand() -> None:
    script = "a 'b c' && \\\n d \"$(e f)\" <<X\ng $h\nX\ni"
    starts: list[str] = []

    def look(sequence: Sequence) -> None:
        for item in sequence.items:
            for pipeline in item.pipelines:
                for command in pipeline.commands:
                    assert isinstance(command, Simple)
                    starts.extend(script[word.at : word.end] for word in command.words)
                    starts.extend(script[one.content.at : one.content.end] for one in command.redirects if one.content)

    look(parse_shell(script))
    assert starts == ["a", "'b c'", "d", '"$(e f)"', "g $h\n", "i"]


@pytest.mark.parametrize(
    "script",
    [
        *("if a; then b", "if a; b; fi", "while a; b; done", "case a b in c) d;; esac", "case a in b", "a && ", "a | "),
        *("(a", "{ a", "'a", '"a', "`a", "$(a", "${a", "a <<E\nb", "a >", "a ()", ")", "fi", "done", "[[ a", "f() "),
        *("a $((1", "for", "! ", "a=(b"),
    ],
)
def test_what_is_no_shell_text_is_refused(script: str) -> None:
    with pytest.raises(ShellError):
        parse_shell(script)


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "a",
                    " ",
                    "$x",
                    "${",
                    "}",
                    "$(",
                    ")",
                    "(",
                    "`",
                    '"',
                    "'",
                    "\\",
                    "\n",
                    ";",
                    "&&",
                    "|",
                    "<<E",
                    "E",
                    "#",
                ),
                *(
                    "if",
                    "then",
                    "fi",
                    "case",
                    "in",
                    "esac",
                    ";;",
                    "do",
                    "done",
                    "for",
                    "{",
                    "[[",
                    "]]",
                    "=~",
                    "=",
                    "$'",
                ),
            ]
        ),
        max_size=40,
    ).map(lambda parts: " ".join(parts) if len(parts) % 2 else "".join(parts))
)
@settings(max_examples=500, deadline=None)
def test_every_text_is_read_or_refused(script: str) -> None:
    try:
        parse_shell(script)
    except ShellError:
        return


HOSTILE = {
    "parentheses": "(" * 20_000,
    "substitutions": "$(" * 20_000,
    "braces": "${a:-" * 20_000,
    "quotes": "\"'" * 50_000,
    "backticks": "`" * 99_999,
    "ifs": "if a; then " * 10_000,
    "here-documents": "a " + "<<E " * 20_000,
    "many here-documents": "a " + "<<E " * 2000 + "\n" + "x\nE\n" * 2000,
    "joined lines": "a \\\n" * 30_000,
    "pipes": "a|" * 50_000 + "a",
    "commands": "a;" * 60_000,
    "a long word": "a" * 250_000,
    "comments": "#\n" * 60_000,
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_scripts_cost_little(script: str) -> None:
    start = time.process_time()
    with suppress(ShellError):
        parse_shell(script)
    assert time.process_time() - start < 5

"""What BuildKit's own parser makes of these texts was looked up; so it must be here."""

from __future__ import annotations

import pytest

from buildkit.dockerfile.errors import DockerfileError
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.errors import Exit
from tests.unit.dockerfile.parsing import body, dockerfile, one


def test_stages_have_names_bases_platforms_and_lines() -> None:
    read = dockerfile(
        """
        # syntax=docker/dockerfile:1
        ARG GO=1.26

        FROM --platform=$BUILDPLATFORM golang:${GO} AS Build
        RUN go build
        from scratch
        copy --from=build /x /x
        """
    )
    build, final = read.stages
    assert (build.index, build.name, build.base, build.platform, build.line) == (
        0,
        "build",
        "golang:${GO}",
        "$BUILDPLATFORM",
        4,
    )
    assert (final.index, final.name, final.base, final.platform, final.line) == (1, None, "scratch", None, 6)
    assert [one.keyword for one in final.instructions] == ["COPY"]
    assert [(one.keyword, one.line) for one in read.arguments] == [("ARG", 2)]
    assert read.syntax == "docker/dockerfile:1"


def test_comments_and_blank_lines_inside_a_continued_instruction_are_passed_over() -> None:
    read = one("RUN a \\\n  # why\n\n  && b \\\n\t\\\n  && c\n")
    assert read.text == "RUN a   && b \t  && c"
    assert (read.line, read.end_line) == (2, 7)
    assert [read.line_at(read.text.index(word)) for word in ("a", "b", "c")] == [2, 5, 7]


def test_every_character_of_an_instruction_is_found_in_the_file() -> None:
    text = "\ufeffFROM a\r\n  RUN x \\  \r\n# c\r\n   y z\\\r\n"
    read = parse_dockerfile(text)
    for instruction in (read.stages[0].start, *read.stages[0].instructions):
        for index, letter in enumerate(instruction.text):
            offset = instruction.offset_at(index)
            assert text[offset] == letter
            assert text.count("\n", 0, offset) + 1 == instruction.line_at(index)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("RUN a \\\n b", ("a  b",)),
        ("RUN a \\ \t\n b", ("a  b",)),
        ("RUN a \\\\\nRUN b", ("a \\\\",)),
        ("RUN a\\", ("a",)),
        ("RUN a `\n b", None),
    ],
)
def test_an_escape_continues_a_line_unless_it_is_escaped(text: str, words: tuple[str, ...] | None) -> None:
    if words is None:
        with pytest.raises(DockerfileError, match="unknown instruction: B"):
            body(text)
    else:
        assert body(text)[0].words == words


def test_the_escape_directive_makes_a_backtick_continue_and_a_backslash_a_letter() -> None:
    read = parse_dockerfile("# escape=`\nFROM a\nRUN dir C:\\ `\n  && x\nCOPY a C:\\b\\\n")
    assert read.escape == "`"
    assert [one.words for one in read.stages[0].instructions] == [("dir C:\\   && x",), ("a", "C:\\b\\")]


@pytest.mark.parametrize(
    ("head", "syntax", "escape"),
    [
        ("#syntax=a\n# escape=`\n", "a", "`"),
        ("# Syntax = a b \n", "a b", "\\"),
        ("\ufeff# syntax=a\n", "a", "\\"),
        ("# a comment\n# syntax=a\n", None, "\\"),
        ("\n# syntax=a\n", None, "\\"),
        ("# unknown=1\n# escape=`\n", None, "\\"),
        ("# check=skip=all\n# syntax=a\n", "a", "\\"),
    ],
)
def test_directives_stand_at_the_very_top_alone(head: str, syntax: str | None, escape: str) -> None:
    read = parse_dockerfile(f"{head}FROM a\n")
    assert (read.syntax, read.escape) == (syntax, escape)


def test_comments_are_kept_with_their_lines() -> None:
    read = parse_dockerfile("# escape=\\\n# first\nFROM a\n  #  second \nRUN x \\\n#third\n y\n")
    assert [(one.line, one.text) for one in read.comments] == [(2, "first"), (4, "second"), (6, "third")]


@pytest.mark.parametrize(
    ("text", "words", "is_list"),
    [
        ('RUN ["a", "b c"]', ("a", "b c"), True),
        ("RUN ['a']", ("['a']",), False),
        ('RUN ["a"] b', ('["a"] b',), False),
        ('CMD ["a", "\\u00e9"]', ("a", "é"), True),
        ("ENTRYPOINT []", (), True),
        ("CMD", (), False),
        ('COPY ["a b", "c"]', ("a b", "c"), True),
        ("COPY  a\tb  c", ("a", "b", "c"), False),
        ('COPY "a b" c', ('"a', 'b"', "c"), False),
        ("HEALTHCHECK NONE", ("NONE",), False),
        ('HEALTHCHECK --interval=5s CMD ["a"]', ("CMD", "a"), True),
        ("HEALTHCHECK CMD a b", ("CMD", "a b"), False),
        ('SHELL ["/bin/bash", "-c"]', ("/bin/bash", "-c"), True),
        ("WORKDIR /a b", ("/a b",), False),
        ("EXPOSE 80  443/tcp", ("80", "443/tcp"), False),
    ],
)
def test_exec_form_and_shell_form_are_told_apart(text: str, words: tuple[str, ...], *, is_list: bool) -> None:
    read = one(text)
    assert (read.words, read.exec) == (words, is_list)


@pytest.mark.parametrize(
    ("text", "flags", "arguments"),
    [
        ("RUN --mount=type=cache,target=/c --network=none x", ("--mount=type=cache,target=/c", "--network=none"), "x"),
        ('COPY --chown="1:2" --link a b', ("--chown=1:2", "--link"), "a b"),
        ("COPY --chmod=7\\ 5 a b", ("--chmod=7 5",), "a b"),
        ("RUN -- --x", (), "--x"),
        ("RUN echo --mount=x", (), "echo --mount=x"),
    ],
)
def test_flags_stand_before_the_arguments(text: str, flags: tuple[str, ...], arguments: str) -> None:
    read = one(text)
    assert (read.flags, read.arguments) == (flags, arguments)
    assert read.text[read.at :] == arguments


def test_a_flag_is_asked_for_by_its_name() -> None:
    read = one("RUN --mount=type=bind,from=a,target=/a --mount=type=tmpfs,target=/b x")
    assert read.flag("mount") == "type=bind,from=a,target=/a"
    assert read.flag_values("mount") == ("type=bind,from=a,target=/a", "type=tmpfs,target=/b")
    assert read.flag("network") is None


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ENV a=1 b=\"2 3\" c=4\\ 5 d='6 7'", [("a", "1"), ("b", '"2 3"'), ("c", "4\\ 5"), ("d", "'6 7'")]),
        ("ENV a 1  2 b=3", [("a", "1  2 b=3")]),
        ("ENV a= b=", [("a", ""), ("b", "")]),
        ("ARG a b=1 c=", [("a", None), ("b", "1"), ("c", "")]),
        ('ARG a="x y"', [("a", '"x y"')]),
        ("LABEL a.b=1 \\\n  c=2", [("a.b", "1"), ("c", "2")]),
    ],
)
def test_pairs_keep_quotes_and_variables_as_written(text: str, pairs: list[tuple[str, str | None]]) -> None:
    read = one(text)
    assert [(pair.name, pair.value) for pair in read.pairs] == pairs
    assert all(read.text[pair.at :].startswith(pair.name) for pair in read.pairs)


def test_a_pair_knows_its_own_line() -> None:
    read = one("ENV a=1 \\\n    b=2 \\\n    # c\n    d=3\n")
    assert [read.line_at(pair.at) for pair in read.pairs] == [2, 3, 5]


def test_onbuild_holds_back_an_instruction() -> None:
    read = one("ONBUILD COPY --from=x a b")
    assert read.trigger is not None
    assert (read.trigger.keyword, read.trigger.flag("from"), read.trigger.words) == ("COPY", "x", ("a", "b"))


@pytest.mark.parametrize("held", ["bogus x", "COPY a", "ENTRYPOINT --x"])
def test_what_onbuild_holds_back_fails_only_where_something_is_built_on_it(held: str) -> None:
    assert one(f"ONBUILD {held}").trigger is None


REFUSED = {
    "BOGUS x": "2: unknown instruction: BOGUS",
    "FROM": "2: FROM requires either one or three arguments",
    "FROM a b": "2: FROM requires either one or three arguments",
    "FROM a AS 1x": "2: invalid name for build stage",
    "FROM --os=x a": "2: unknown flag: --os",
    "COPY a": "2: COPY requires at least two arguments",
    "COPY --from a b c": "2: missing a value on flag: --from",
    "COPY --link= a b": "2: missing a value on flag: --link",
    "COPY --link=maybe a b": "2: expecting boolean value",
    "COPY --chown=1 --chown=2 a b": "2: duplicate flag specified: --chown",
    "COPY --from=$X a b": "2: variable expansion is not supported for --from",
    "COPY a <<EOF\nEOF": "2: COPY cannot accept a heredoc as a destination",
    "RUN --mount=type=bind,from=$X,target=/x y": "2: 'from' doesn't support variable expansion",
    'RUN --mount=type=bind,tar\\"get x': '2: bare "',
    'RUN --mount=\\"type x': "2: extraneous or missing",
    "RUN --network=mine x": "2: invalid network mode",
    'RUN ["a", 1]': "2: when using JSON array syntax",
    "ENV a": "2: ENV must have two arguments",
    "ENV": "2: ENV requires at least one argument",
    "ENV a=1 b": "2: can't find = in 'b'",
    "ENV =1": "2: ENV names can not be blank",
    "ARG": "2: ARG requires at least one argument",
    "SHELL bash": "2: SHELL requires the arguments to be in JSON form",
    "SHELL []": "2: SHELL requires at least one argument",
    "WORKDIR": "2: WORKDIR requires exactly one argument",
    "VOLUME": "2: VOLUME requires at least one argument",
    'VOLUME [" "]': "2: VOLUME specified can not be an empty string",
    "HEALTHCHECK": "2: HEALTHCHECK requires at least one argument",
    "HEALTHCHECK NONE x": "2: HEALTHCHECK NONE takes no arguments",
    "HEALTHCHECK x": "2: Unknown type 'x' in HEALTHCHECK",
    "ONBUILD": "2: ONBUILD requires at least one argument",
    "ONBUILD FROM a": "2: FROM isn't allowed as an ONBUILD trigger",
    "ONBUILD ONBUILD RUN a": "2: ONBUILD isn't allowed as an ONBUILD trigger",
    "ONBUILD " * 20: "2: Chaining ONBUILD",
    "RUN <<EOF\nx": "2: unterminated heredoc",
    "RUN a \\\n && <<A x\nA\nRUN <<B": "5: unterminated heredoc",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items(), ids=list(REFUSED))
def test_what_buildkit_refuses_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_dockerfile(f"FROM scratch\n{text}\n", "some/Dockerfile")
    assert str(caught.value).startswith(f"some/Dockerfile:{said}")
    assert caught.value.exit is Exit.UNDETERMINED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Dockerfile:1: no FROM"),
        ("# nothing\n\n", "Dockerfile:2: no FROM"),
        ("ARG a\nRUN x\nFROM b\n", "Dockerfile:2: no build stage in current context"),
        ("# escape=x\nFROM a\n", "Dockerfile:1: invalid escape token 'x'"),
        ("# syntax=a\n# syntax=b\nFROM a\n", "Dockerfile:2: only one syntax parser directive"),
        ("FROM a\n\nRUN " + "x" * 70_000, "Dockerfile:3: line greater than max allowed size of 65535"),
    ],
)
def test_files_that_are_no_dockerfiles_are_refused(text: str, said: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_dockerfile(text)
    assert str(caught.value).startswith(said)

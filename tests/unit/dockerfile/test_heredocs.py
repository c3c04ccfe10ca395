"""Here-documents: where they are, where they end, and what is no here-document."""

from __future__ import annotations

import pytest

from tests.unit.dockerfile.parsing import body, one


def test_a_heredoc_is_read_up_to_its_delimiter() -> None:
    first, second = body("RUN <<EOF\na\n# b\n\nFROM c\nEOF\nRUN d\n")
    (heredoc,) = first.heredocs
    assert (heredoc.name, heredoc.content, heredoc.line) == ("EOF", "a\n# b\n\nFROM c\n", 3)
    assert (first.line, first.end_line, second.line) == (2, 7, 8)


def test_several_on_a_line_follow_each_other() -> None:
    read = one("COPY <<a.txt <<-'b.txt' <<\"c d\" /x/\n1\na.txt\n\t2\n\tb.txt\n3\nc d\n")
    assert [(one.name, one.content, one.expand, one.chomp) for one in read.heredocs] == [
        ("a.txt", "1\n", True, False),
        ("b.txt", "\t2\n", False, True),
        ("c d", "3\n", False, False),
    ]


@pytest.mark.parametrize(
    ("text", "name", "expand"),
    [
        ("RUN cat <<EOF", "EOF", True),
        ("RUN 3<<EOF cat", "EOF", True),
        ("RUN cat << EOF", "EOF", True),
        ("RUN cat <<-EOF", "EOF", True),
        ("RUN cat <<'E'OF", "EOF", False),
        ("RUN cat <<E\\OF", "EOF", True),
        ("RUN a && \\\n cat <<EOF | b", "EOF", True),
        ("ADD <<EOF /x", "EOF", True),
        ("ONBUILD RUN cat <<EOF", "EOF", True),
    ],
)
def test_delimiters_are_recognised(text: str, name: str, *, expand: bool) -> None:
    (heredoc,) = one(f"{text}\nx\nEOF\n").heredocs
    assert (heredoc.name, heredoc.expand, heredoc.content) == (name, expand, "x\n")


@pytest.mark.parametrize(
    "text",
    [
        'RUN ["cat", "<<EOF"]',
        "RUN echo '<<EOF'",
        'RUN echo "<<EOF"',
        "RUN cat <<<EOF",
        "RUN echo a<<EOF",
        "RUN echo $((1<<4))",
        "RUN echo 'x <<EOF",
        "CMD cat <<EOF",
        "ENV a=<<EOF",
    ],
)
def test_what_is_no_heredoc_takes_no_lines(text: str) -> None:
    first, second = body(f"{text}\nRUN x\n")
    assert not first.heredocs
    assert second.keyword == "RUN"


def test_a_variable_as_delimiter_is_its_own_name() -> None:
    (heredoc,) = one("RUN cat <<$X\na\n$X\n").heredocs
    assert heredoc.name == "$X"


def test_carriage_returns_do_not_hide_a_delimiter() -> None:
    (heredoc,) = one("RUN <<EOF\r\na\r\nEOF\r\n").heredocs
    assert heredoc.content == "a\r\n"

"""Whatever the text: a Dockerfile or one clear refusal, lines inside the file, nothing that grows without end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.dockerfile.arguments import Setting
from buildkit.dockerfile.errors import DockerfileError, SyntaxProblem
from buildkit.dockerfile.expand import MOST_CHARACTERS, Manner, expand
from buildkit.dockerfile.parse import MOST_INSTRUCTIONS, MOST_STAGES, parse_dockerfile
from buildkit.dockerfile.source import MOST_CHARACTERS as LARGEST
from buildkit.dockerfile.stages import resolve
from buildkit.model.platform import parse_platform

if TYPE_CHECKING:
    from buildkit.dockerfile.dockerfile import Dockerfile

PIECES = st.sampled_from(
    [
        *("FROM a", "FROM a AS b", "RUN", "COPY --from=b", "ENV", "ARG", "ONBUILD", "SHELL", "# c", "# escape=`"),
        *(
            " x",
            "=",
            '"',
            "'",
            "\\",
            "\\\n",
            "\n",
            "\r\n",
            "`",
            "<<E",
            "E\n",
            "$X",
            "${X:-",
            "}",
            "[",
            '"]',
            "--",
            "\ufeff",
        ),
        *(" ", "\t", "\x00", "é", "\udc80", "\u2028"),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)
HERE = parse_platform("linux/amd64")


def refusal(text: str) -> Dockerfile | DockerfileError:
    """What was read, or why not."""
    try:
        read = parse_dockerfile(text)
        resolve(read, Setting(args={}, build_platform=HERE, target_platform=HERE))
    except DockerfileError as error:
        return error
    return read


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_every_text_is_read_or_refused_with_a_line_of_the_file(text: str) -> None:
    lines = text.count("\n") + 1
    read = refusal(text)
    if isinstance(read, DockerfileError):
        assert 1 <= read.line <= lines
        return
    for stage in read.stages:
        for one in (stage.start, *stage.instructions):
            assert 1 <= one.line <= one.end_line <= lines
            assert all(text[one.offset_at(index)] == letter for index, letter in enumerate(one.text))
            assert one.text[one.at :].startswith(one.arguments)
            assert all(text.startswith(doc.content, doc.offset) for doc in one.heredocs)


@given(st.lists(PIECES, max_size=40).map("".join), st.dictionaries(st.just("X"), st.text(max_size=2000)))
@settings(max_examples=300, deadline=None)
def test_expansion_ends_and_stays_within_its_bound(text: str, values: dict[str, str]) -> None:
    try:
        result = expand(text, values.get, Manner())
    except SyntaxProblem:
        return
    assert len(result.text) <= len(text) + MOST_CHARACTERS


HOSTILE = {
    "ten megabytes": "FROM a\nRUN " + "x" * 10_000_000,
    "a million lines": "\n" * 1_000_001,
    "continuations": "FROM a\nRUN x" + "\\\n" * 400_000 + "y",
    "blanks behind a name": "# syntax" + " " * 60_000 + "=x\nFROM a\n",
    "blanks in a directive": "# syntax=x" + " " * 60_000 + "y" + " " * 60_000 + "z\nFROM a\n",
    "here-documents": "FROM a\nRUN " + "<<A " * 10_000,
    "many pairs": "FROM a\nENV " + "A=b " * 15_000,
    "quotes": "FROM a\nENV " + "'\"" * 30_000,
    "stages": "FROM a\n" * 600,
    "instructions": "FROM a\n" + "RUN x\n" * 20_000,
    "a list in a list": "FROM a\nRUN " + "[" * 60_000,
    "modifiers": "FROM " + "${a:-" * 10_000 + "}" * 10_000,
    "onbuild": "FROM a\n" + "ONBUILD " * 8000,
    "nul": "FROM a\0b\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_files_cost_little(text: str) -> None:
    start = time.process_time()
    read = refusal(text)
    assert not isinstance(read, DockerfileError) or len(str(read)) < 300
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM a\n#" + "x" * LARGEST, "larger than 1024 KiB"),
        ("FROM a\n" * (MOST_STAGES + 1), f"more than {MOST_STAGES} stages"),
        ("FROM a\n" + "RUN x\n" * MOST_INSTRUCTIONS, f"more than {MOST_INSTRUCTIONS} instructions"),
        ("FROM a\nRUN \0\n", "NUL"),
    ],
)
def test_what_nobody_writes_is_refused(text: str, said: str) -> None:
    with pytest.raises(DockerfileError, match=said):
        parse_dockerfile(text)

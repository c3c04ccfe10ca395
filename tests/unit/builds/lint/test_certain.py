"""What --patch mends: the mended file is read, has the finding no more, and no new one."""

from __future__ import annotations

from textwrap import dedent

import pytest

from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Nothing
from buildkit.builds.lint.result import LintFinding
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.model.platform import parse_platform
from tests.unit.builds.lint.test_rules import CASES

BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))


def found(text: str) -> tuple[LintFinding, ...]:
    return check_dockerfile(parse_dockerfile(text), Asked(platforms=BOTH, context=Nothing())).findings


def mended(text: str) -> str:
    for edit in sorted({edit for one in found(text) for edit in one.edits}, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


MENDED = {
    "FROM --platform=linux/amd64 a AS x\nRUN y\n": "FROM a AS x\nRUN y\n",
    "from   --platform=$BUILDPLATFORM\ta\n": "from   a\n",
    "FROM --platform=linux/amd64 a AS x\nFROM x\nRUN y\n": "FROM a AS x\nFROM x\nRUN y\n",
    "FROM a\nRUN GOOS=linux GOARCH=amd64 make\n": "FROM a\nARG TARGETARCH\nRUN GOOS=linux GOARCH=$TARGETARCH make\n",
    'FROM a\nRUN GOARCH="amd64" make\n': "FROM a\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH make\n",
    "FROM a\nARG TARGETARCH\nRUN x && \\\n  GOARCH=amd64 go build\n": (
        "FROM a\nARG TARGETARCH\nRUN x && \\\n  GOARCH=$TARGETARCH go build\n"
    ),
    "FROM a\nENV GOARCH=amd64 CGO_ENABLED=0\nRUN go build\n": (
        "FROM a\nARG TARGETARCH\nENV GOARCH=$TARGETARCH CGO_ENABLED=0\nRUN go build\n"
    ),
    "FROM a\r\nRUN GOARCH=amd64 make\r\n": "FROM a\r\nARG TARGETARCH\r\nRUN GOARCH=$TARGETARCH make\r\n",
    "FROM a\nRUN <<EOF\nGOARCH=amd64 make\nEOF\n": "FROM a\nARG TARGETARCH\nRUN <<EOF\nGOARCH=$TARGETARCH make\nEOF\n",
    "FROM a\nARG TARGETARCH=amd64\nRUN x $TARGETARCH\n": "FROM a\nARG TARGETARCH\nRUN x $TARGETARCH\n",
    'ARG TARGETARCH="amd64"\nFROM a\nARG TARGETARCH\nRUN x $TARGETARCH\n': (
        "ARG TARGETARCH\nFROM a\nARG TARGETARCH\nRUN x $TARGETARCH\n"
    ),
    "FROM a\nCOPY bin/$TARGETARCH/x /x\n": "FROM a\nARG TARGETARCH\nCOPY bin/$TARGETARCH/x /x\n",
}


@pytest.mark.parametrize(("before", "after"), MENDED.items(), ids=[repr(one) for one in MENDED])
def test_what_is_certain_is_mended(before: str, after: str) -> None:
    assert mended(before) == after
    assert [one.rule for one in found(after)] == []


NOT_CERTAIN = [
    # Somebody else uses the stage: it may be there to compile.
    "FROM --platform=linux/amd64 a AS x\nRUN y\nFROM x\nCOPY --from=x /y /y\n",
    "ARG P=linux/amd64\nFROM --platform=$P a AS x\nFROM x AS y\nFROM y\n",
    # Written by somebody else, or not as it is.
    "FROM a\nARG A=amd64\nRUN GOARCH=$A make\n",
    "FROM a\nRUN bash -c 'GOARCH=amd64 make'\n",
    "FROM a\nRUN make GOARCH=amd64\n",
    "FROM a\nRUN export GOARCH=amd64; go build\n",
    # It would cross-compile C.
    "FROM --platform=$BUILDPLATFORM a AS x\nRUN CGO_ENABLED=1 GOARCH=amd64 go build\nFROM b\nCOPY --from=x /x /x\n",
]


@pytest.mark.parametrize("text", NOT_CERTAIN)
def test_what_is_not_certain_is_left(text: str) -> None:
    assert [one for one in found(text) if one.rule != "cgo-cross"]
    assert not any(one.certain for one in found(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_patch_takes_away_what_it_promises_and_brings_nothing_new(case: object) -> None:
    text = dedent(getattr(case, "text", ""))
    promised = {(one.rule, one.subject) for one in found(text) if one.certain}
    before = {(one.rule, one.subject) for one in found(text)}
    after = {(one.rule, one.subject) for one in found(mended(text))}
    assert not after & promised
    assert after <= before

"""Verifications as text, Markdown and JSON: three columns, the worst said, nothing that steers a terminal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import pytest

from buildkit.builds.check import Outcome
from buildkit.builds.verification import verify
from buildkit.errors import Exit
from buildkit.model.execution import Executed, Execution, not_executed
from buildkit.model.facts import Failure
from buildkit.model.inspection import Verdict
from buildkit.report.json import encode, json_schema
from buildkit.report.verify_document import VerifyDocument, verify_document
from buildkit.report.verify_markdown import verify_markdown
from buildkit.report.verify_text import verify_text
from buildkit.report.verify_words import exit_of, worst_of
from tests.unit.builds.contents import (
    GONE,
    LABELS,
    UNREAD,
    attestation,
    blob,
    built,
    digest,
    expected,
    image,
    labelled,
    tag,
)
from tests.unit.report.audits import check_golden

if TYPE_CHECKING:
    from buildkit.builds.verification import Verification

AMD64, ARM64 = image("linux/amd64"), image("linux/arm64")
NATIVE = Execution(state=Executed.NATIVELY, way="native", exit_code=0)
EMULATED = Execution(state=Executed.EMULATED, way="emulated", exit_code=0)
FAILED = Execution(
    state=Executed.FAILED,
    way="emulated",
    reason="exit 139",
    exit_code=139,
    log=("starting", "qemu: uncaught target signal 11 (Segmentation fault) - core dumped"),
)


def good() -> Verification:
    return verify(
        tag(attested=True, name="ghcr.io/x/good:v1"),
        expected(built=built(AMD64, ARM64), labels=LABELS, attest=frozenset({"provenance"})),
        executions={"linux/amd64": NATIVE, "linux/arm64": EMULATED},
    )


def spoilt() -> Verification:
    """Every check speaks."""
    other = labelled(image("linux/arm64", layer="layer linux/amd64"), ("org.opencontainers.image.version", "v0"))
    lost = replace(other, layers=(blob("lost", found=None, failure=GONE),), config_blob=blob("unread", failure=UNREAD))
    stray = attestation(AMD64, refers=digest("nobody"), subject=None)
    return verify(
        tag([AMD64, lost, image("linux/s390x", config="linux/ppc64le")], attestations=(stray,)),
        expected(exact=True, index=digest("another"), built=built(AMD64), labels=LABELS),
        executions={"linux/amd64": not_executed("the engine cannot pull it: no"), "linux/arm64": FAILED},
    )


def unread() -> Verification:
    failure = Failure(verdict=Verdict.UNKNOWN, reason="ghcr.io: no answer but to wait, after 6 tries")
    return verify(tag((), name="ghcr.io/x/slow:v1", digest=None, failure=failure), expected())


def hostile() -> Verification:
    nasty = "\x1b[31m| <b>@x #1\u202e\n```"
    bad = replace(FAILED, reason=nasty, log=(nasty,))
    contents = tag([labelled(AMD64, ("org.opencontainers.image.title", nasty)), ARM64])
    return verify(contents, expected(), executions={"linux/amd64": bad, "linux/arm64": bad})


def test_the_whole_text() -> None:
    check_golden("verify.txt", verify_text([good(), spoilt(), unread()]))


def test_the_whole_markdown() -> None:
    check_golden("verify.md", verify_markdown([good(), spoilt(), unread()]))


def test_the_whole_document_and_its_schema() -> None:
    content = encode("build-verify", verify_document([good(), spoilt(), unread()]))
    check_golden("verify.json", content)
    jsonschema.Draft202012Validator(json.loads(json_schema("build-verify", VerifyDocument))).validate(
        json.loads(content)
    )


def test_colour_marks_outcomes_and_changes_nothing_else() -> None:
    plain, coloured = (verify_text([good(), spoilt(), unread()], colour=colour) for colour in (False, True))
    assert b"\x1b[31mproblem\x1b[0m" in coloured
    assert b"\x1b[32mok\x1b[0m" in coloured
    assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain


def test_what_images_say_steers_no_terminal_and_no_markdown() -> None:
    text, markdown = verify_text([hostile()]).decode(), verify_markdown([hostile()]).decode()
    for content in (text, markdown):
        assert not set(content) & ({chr(code) for code in range(32) if code != 10} | {"\x7f", "\u202e"})
    assert "`<b>@x`" in markdown
    assert not re.search(r"(?<!`)<b>", markdown)


def test_a_report_that_is_too_long_is_cut_at_whole_rows() -> None:
    many = [replace(spoilt(), name=f"ghcr.io/x/y:v{number}") for number in range(500)]
    content = verify_markdown(many).decode()
    assert len(content) <= 60_000
    assert "more, see the JSON report" in content


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([good()], Exit.OK),
        ([good(), unread()], Exit.UNDETERMINED),
        ([unread(), spoilt(), good()], Exit.PROBLEMS),
    ],
)
def test_problems_outrank_what_is_not_known(found: list[Verification], code: Exit) -> None:
    assert exit_of(worst_of(found)) == code


def test_what_was_not_asked_for_alone_is_no_failure() -> None:
    assert worst_of([]) is Outcome.OK

"""A lint as text, JSON, SARIF and annotations: whole, by the schemas, and harmless."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from buildkit.builds.lint.known import KNOWN
from buildkit.builds.lint.result import Lint
from buildkit.errors import Exit
from buildkit.report.documents import DOCUMENTS
from buildkit.report.json import encode, json_schema
from buildkit.report.lint_document import lint_document
from buildkit.report.lint_github import lint_github
from buildkit.report.lint_sarif import RULES, lint_sarif
from buildkit.report.lint_text import lint_text
from tests.unit.report.audits import HOSTILE, check_golden
from tests.unit.report.lints import clean, hostile, linted
from tests.unit.report.test_sarif import run_of


def document(lint: Lint) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode("lint", lint_document(lint)))
    return found


def test_the_whole_lint_as_text() -> None:
    check_golden("lint.txt", lint_text(linted()))


def test_the_whole_lint_as_json() -> None:
    check_golden("lint.json", encode("lint", lint_document(linted())))


def test_the_whole_lint_as_sarif() -> None:
    content = lint_sarif(linted(), "components")
    check_golden("lint.sarif", content)
    run_of(content)


def test_the_whole_lint_as_annotations() -> None:
    check_golden("lint.github", lint_github(linted(), "components"))


@pytest.mark.parametrize("made", [linted(), clean(), hostile(HOSTILE)], ids=["all", "none", "hostile"])
def test_the_document_follows_its_schema(made: Lint) -> None:
    jsonschema.validate(document(made), json.loads(json_schema("lint", DOCUMENTS["lint"])))


def test_a_finding_has_the_keys_that_the_issue_names() -> None:
    first = document(linted())["findings"][0]
    assert {"file", "line", "rule", "message", "certain"} <= first.keys()
    assert document(linted())["schema"] == "kfkit/lint/v1"


def test_problems_outrank_what_is_not_known() -> None:
    lint = linted()
    assert lint.exit is Exit.PROBLEMS
    only_unknown = Lint(required=(), files=1, findings=tuple(one for one in lint.findings if one.level != "error"))
    assert only_unknown.exit is Exit.UNDETERMINED
    assert clean().exit is Exit.OK
    assert Lint(required=(), files=1, findings=(), problems=("x",)).exit is Exit.UNDETERMINED


def test_once_applied_what_is_certain_counts_no_more() -> None:
    certain = tuple(one for one in linted().findings if one.certain)
    assert certain
    lint = Lint(required=(), files=1, findings=certain)
    assert (lint.exit, lint.exit_once_applied) == (Exit.PROBLEMS, Exit.OK)


def test_nothing_found_says_so() -> None:
    assert lint_text(clean()).decode() == (
        "3 Dockerfiles for linux/amd64, linux/arm64: nothing that breaks on a required platform\n"
    )


def test_colour_changes_nothing_else() -> None:
    plain, coloured = lint_text(linted()), lint_text(linted(), colour=True)
    assert b"\x1b[31mfixed-argument\x1b[0m" in coloured
    assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain


def test_a_hostile_name_steers_no_terminal_and_no_workflow() -> None:
    steering = {chr(code) for code in range(32) if code != 10} | set("\x7f\u202e")
    for content in (lint_text(hostile(HOSTILE)), lint_github(hostile(HOSTILE))):
        assert not set(content.decode()) & steering
    lines = lint_github(hostile(HOSTILE)).decode().splitlines()
    assert len(lines) == 2 * len(HOSTILE)
    assert all(re.match(r"::(error|warning)( |::)", line) for line in lines)


def test_hostile_names_make_valid_sarif() -> None:
    run_of(lint_sarif(hostile(HOSTILE)))


def test_every_rule_is_described() -> None:
    assert [rule.id for rule in RULES] == sorted(KNOWN)
    assert all(one.short and one.full.endswith(".") and one.help.endswith(".") for one in KNOWN.values())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in KNOWN)

"""Pins as JSON, Markdown and SARIF: by the schema, within GitHub's limits, and harmless."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from buildkit.pins.judged import JudgedPins
from buildkit.pins.pin import Class, Pin
from buildkit.report.documents import DOCUMENTS
from buildkit.report.json import encode, json_schema
from buildkit.report.markdown import LIMIT
from buildkit.report.pins_document import pins_document
from buildkit.report.pins_markdown import pins_markdown
from buildkit.report.pins_sarif import pins_sarif
from tests.unit.report.audits import HOSTILE, check_golden
from tests.unit.report.pins import checked, fixed, hostile, judged, tie_at
from tests.unit.report.test_audit_markdown import Page
from tests.unit.report.test_sarif import results


def document(made: JudgedPins) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode("pins", pins_document(made)))
    return found


# Names of files, and so what stands in them, have no lone surrogates: such files are not read.
READABLE = tuple(text for text in HOSTILE if "\ud800" not in text)


@pytest.mark.parametrize(
    "made", [checked(), fixed(), hostile(READABLE), judged()], ids=["check", "fix", "hostile", "none"]
)
def test_the_document_follows_its_schema(made: JudgedPins) -> None:
    jsonschema.validate(document(made), json.loads(json_schema("pins", DOCUMENTS["pins"])))


def test_a_pin_has_the_keys_that_the_issue_names() -> None:
    found = document(fixed())
    assert list(found["pins"][0])[:10] == [
        *("kind", "value", "file", "line", "column", "class", "platforms", "proposed", "edit", "why"),
    ]
    assert (found["pins"][0]["class"], found["pins"][0]["edit"]) == ("single-platform", "done")
    assert found["pins"][0]["owner"] == {"repository": "kubeflow/katib", "path": "manifests/v1beta1"}
    assert "class" not in found["pins"][-1]


def test_an_absent_side_of_a_change_has_no_key_and_null_is_a_value() -> None:
    (wrong,) = document(fixed())["proof"]["unintended"]
    assert "a" not in wrong
    assert wrong["b"] is None


def test_where_nothing_was_proven_the_proof_is_of_nothing() -> None:
    proof = document(checked())["proof"]
    assert proof == {"kustomizations": 0, "changed": [], "unintended": [], "unproven": []}


def test_the_whole_check_as_markdown() -> None:
    check_golden("pins.md", pins_markdown(checked()))


def test_the_whole_fix_as_markdown() -> None:
    check_golden("pins-fixed.md", pins_markdown(fixed()))


def test_no_name_is_markup() -> None:
    page = Page(pins_markdown(hostile()).decode())
    assert page.tags <= {
        "h2",
        "h3",
        "p",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
        "strong",
        "pre",
        "a",
    }
    assert all(link.startswith("https://github.com/") for link in page.links)
    assert len(set(page.rows)) == 1
    assert not any("@kubeflow" in text for text in page.texts)


def test_thousands_of_pins_fit_into_an_issue() -> None:
    made = checked()
    many = JudgedPins(source=made.source, required=made.required, mode="repin", pins=made.pins * 500)
    assert len(pins_markdown(many).decode()) <= LIMIT


def test_sarif_has_a_result_at_each_line_that_ties_or_could_not_be_judged() -> None:
    found = results(pins_sarif(checked(), "deploy"))
    told = [
        (one["ruleId"], one["level"], one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for one in found
    ]
    assert told == [
        ("single-platform", "error", "deploy/katib/a.yaml"),
        ("single-platform", "error", "deploy/katib/b.yaml"),
        ("single-platform", "error", "deploy/katib/c.yaml"),
        ("excludes-platform", "error", "deploy/katib/d.yaml"),
        ("stale", "error", "deploy/stale.yaml"),
        ("index-incomplete", "error", "deploy/example/kustomization.yaml"),
        ("unknown", "warning", "deploy/z/unknown.yaml"),
    ]
    assert len(results(pins_sarif(hostile()))) <= 3 * len(HOSTILE)


def test_a_result_stays_the_same_when_the_digest_moves() -> None:
    first, second = (
        results(pins_sarif(judged(*(pin_at(name),))))[0]["partialFingerprints"] for name in ("amd64", "other")
    )
    assert first == second


def pin_at(name: str) -> Pin:
    return Pin(tie=tie_at("a.yaml", 3, name), class_=Class.SINGLE_PLATFORM, outcome="refused", why="x")

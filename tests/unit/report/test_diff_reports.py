"""A comparison as text, Markdown, HTML and JSON: everything is in one of them, and nothing in it does anything."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from buildkit.compare.comparison import ABSENT, Comparison, Difference
from buildkit.compare.outcome import Merging, Outcome, compared_of, outcome_of, tree_outcome
from buildkit.report.diff_html import diff_html
from buildkit.report.diff_markdown import diff_markdown
from buildkit.report.diff_text import diff_text
from buildkit.report.documents import DiffDocument, diff_document
from buildkit.report.json import encode, json_schema
from tests.unit.report.audits import check_golden
from tests.unit.report.diffs import HOSTILE, change, hostile, rich
from tests.unit.report.test_audit_markdown import ISSUE, Page

EQUAL = Outcome(a="a.yaml", b="b.yaml")


def document(outcome: Outcome) -> dict[str, object]:
    found: dict[str, object] = json.loads(encode("diff", diff_document(outcome)))
    return found


def test_the_text_is_what_it_was() -> None:
    check_golden("diff.txt", diff_text(rich()))


def test_the_markdown_is_what_it_was() -> None:
    check_golden("diff.md", diff_markdown(rich()))


def test_the_page_is_what_it_was() -> None:
    page = diff_html(rich())
    check_golden("diff.html", page[page.index(b"</style>") :])


def test_a_text_of_very_many_differences_is_cut_and_says_so_and_what_is_not_known_stays() -> None:
    many = tuple(change(f"spec.x{number:04}", 1, 2) for number in range(3000))
    outcome = Outcome(a="a", b="b", differences=many, problems=("base: no answer",))
    lines = diff_text(outcome).decode().splitlines()
    assert len(lines) < 2020
    assert "… and 7001 more lines of differences (--format json has all)" in lines
    assert lines[0] == "DIFFERENT: 3000 values in 1 object"
    assert lines[-1] == "  base: no answer"
    assert len(document(outcome)["differences"]) == 3000  # type: ignore[arg-type]


def test_equal_is_said_in_a_word() -> None:
    assert diff_text(EQUAL) == b"EQUAL\n  - A: a.yaml\n  + B: b.yaml\n"
    assert diff_markdown(EQUAL).startswith("## 🟢 Equal\n".encode())
    assert b'<span class="word">EQUAL</span> <span class="why">no difference' in diff_html(EQUAL)


def test_what_is_not_known_is_not_equal() -> None:
    unsure = replace(EQUAL, problems=("x: does not render",))
    assert diff_text(unsure).startswith(b"NOT KNOWN\n")
    assert document(unsure)["equal"] is False
    assert "🟡".encode() in diff_markdown(unsure)
    assert b'"result undetermined"' in diff_html(unsure)


def test_colour_is_only_where_it_is_asked_for() -> None:
    assert b"\x1b" not in diff_text(rich())
    assert b"\x1b[31m    - 1\x1b[0m" in diff_text(rich(), colour=True)


def test_a_null_stays_and_an_absent_side_has_no_key() -> None:
    value = {"a": None, "x": [None], "b": {"c": None}}
    made = document(replace(EQUAL, differences=(change("p", None, value), change("q", ABSENT, 1))))
    assert made["differences"] == [
        {"object": change("p", 1, 1).object, "path": "p", "a": None, "b": value},
        {"object": change("p", 1, 1).object, "path": "q", "b": 1},
    ]


def test_kustomizations_of_a_difference_are_there_for_trees_only() -> None:
    assert all("kustomizations" in one for one in document(rich())["differences"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "outcome", [rich(), EQUAL, replace(EQUAL, differences=(change("p", None, {"a": [None, 1.5]}),))]
)
def test_the_document_fits_its_schema(outcome: Outcome) -> None:
    schema = json.loads(json_schema("diff", DiffDocument))
    jsonschema.Draft202012Validator(schema).validate(document(outcome))


@pytest.mark.parametrize("values", [1, 600])
def test_hostile_names_and_values_do_nothing(values: int) -> None:
    for made in (diff_text(hostile(values)), diff_markdown(hostile(values)), diff_html(hostile(values))):
        text = made.decode()
        assert "\x1b" not in text
        assert "\u202e" not in text
    page = diff_html(hostile(values)).decode()
    assert "<script" not in page
    markdown = diff_markdown(hostile(values)).decode()
    assert len(markdown) < ISSUE
    read = Page(markdown)
    assert read.tags <= {"h2", "h3", "ul", "li", "p", "code", "pre"}
    assert read.links == []
    assert not any("@kubeflow" in one or "alert" in one for one in read.texts)


def test_a_page_stays_small_whatever_differs() -> None:
    rows = [{"name": f"n{number}"} for number in range(1000)]
    many = replace(EQUAL, differences=tuple(change("p", rows, at, name=f"v1/A/-/{at}") for at in range(500)))
    page = diff_html(many)
    assert len(page) < 3_000_000
    assert b"more objects: in the JSON report" in page


def test_objects_that_differ_alike_are_shown_once() -> None:
    text = diff_text(rich()).decode()
    assert text.count('"1.1"') == 1
    assert "and 2 more objects, all with the same differences" in text


def test_equal_differences_of_several_renders_are_one() -> None:
    found = Difference(object="v1/A/-/x", path="p", a=1, b=None)
    other = replace(found, b="null")
    merging = Merging()
    merging.add("two", (found,))
    merging.add("one", (found, other))
    assert [(one.kustomizations, one.b) for one in merging.changes()] == [(("one",), "null"), (("one", "two"), None)]
    comparison = Comparison(only_a=("v1/A/-/y",), differences=(found,))
    outcome = tree_outcome(("a", "b"), (compared_of("x", comparison),), merging, unread=0, problems=())
    assert outcome.only_a == ("v1/A/-/y",)
    assert outcome.kustomizations[0].state == "different"


def test_two_renders_have_no_kustomizations() -> None:
    comparison = Comparison(differences=(Difference(object="v1/A/-/x", path="p", a=1, b=2),))
    made = document(outcome_of("a", "b", comparison))
    assert made["kustomizations"] == []
    assert made["differences"] == [{"object": "v1/A/-/x", "path": "p", "a": 1, "b": 2}]


def test_a_hostile_operand_is_shown_as_it_is_not_meant() -> None:
    assert HOSTILE.encode("utf-8", "replace") not in diff_text(hostile())

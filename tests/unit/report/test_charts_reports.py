"""Charts as text, Markdown, JSON and annotations: all that was found is told, and nothing in it does anything."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from buildkit.charts.outcome import ChartProblem, CheckOutcome, GenerateOutcome
from buildkit.charts.release_changes import ChangeSummary
from buildkit.compare.comparison import Difference
from buildkit.errors import Exit
from buildkit.report.charts_document import chart_generation_document, charts_document
from buildkit.report.charts_generate_text import charts_generate_text
from buildkit.report.charts_github import charts_github
from buildkit.report.charts_markdown import charts_markdown
from buildkit.report.charts_text import charts_text
from buildkit.report.charts_words import exit_of_check, exit_of_generation, word_of
from buildkit.report.documents import DOCUMENTS
from buildkit.report.json import encode, json_schema
from buildkit.report.markdown import LIMIT
from tests.unit.report.audits import check_golden
from tests.unit.report.charts import (
    RULES,
    changed,
    chart,
    equal,
    generation,
    hostile,
    outcome,
    profile,
    spoilt,
    value,
)
from tests.unit.report.test_audit_markdown import Page

UNKNOWN = ChartProblem(chart="katib", message="no answer", known=False)
WRONG = ChartProblem(chart="katib", message="no such value")


def checked(made: CheckOutcome) -> bytes:
    return encode("charts", charts_document(made))


def generated(made: GenerateOutcome) -> bytes:
    return encode("chart-generation", chart_generation_document(made))


def shown(made: GenerateOutcome, *, check: bool = False) -> str:
    return charts_generate_text(made, check=check).decode()


def test_the_texts_are_what_they_were() -> None:
    check_golden("charts.txt", charts_text(spoilt()))
    check_golden("charts-equal.txt", charts_text(equal()))
    check_golden("chart-generation.txt", charts_generate_text(changed(), check=False))


def test_the_markdown_is_what_it_was() -> None:
    check_golden("charts.md", charts_markdown(spoilt()))


def test_the_documents_are_what_they_were() -> None:
    check_golden("charts.json", checked(spoilt()))
    check_golden("chart-generation.json", generated(changed()))


def test_the_annotations_are_what_they_were() -> None:
    check_golden("charts.github", charts_github(spoilt().problems))


@pytest.mark.parametrize("made", [equal(), spoilt(), hostile(), outcome()], ids=["equal", "spoilt", "hostile", "none"])
def test_the_document_of_a_check_follows_its_schema(made: CheckOutcome) -> None:
    jsonschema.validate(json.loads(checked(made)), json.loads(json_schema("charts", DOCUMENTS["charts"])))


@pytest.mark.parametrize("made", [changed(), generation(chart(), stale=True), generation()])
def test_the_document_of_a_generation_follows_its_schema(made: GenerateOutcome) -> None:
    schema = json_schema("chart-generation", DOCUMENTS["chart-generation"])
    jsonschema.validate(json.loads(generated(made)), json.loads(schema))


def test_a_profile_has_the_keys_that_the_issue_names() -> None:
    found: dict[str, Any] = json.loads(checked(spoilt()))
    assert list(found) == ["schema", "profiles", "values", "problems", "notes", "helms"]
    assert found["profiles"][0] == {
        "chart": "katib",
        "profile": "standalone",
        "objects": 25,
        "differences": 3,
        "accepted": [{"object": RULES.object, "path": "rules", "reason": RULES.reason}],
        "release_bytes": 36864,
        "seconds": 0.468,
    }
    assert "release_bytes" not in found["profiles"][2]
    assert list(found["values"][0]) == ["chart", "value", "profile", "places", "differences"]


def test_only_the_seconds_of_two_runs_differ() -> None:
    again = replace(equal(), profiles=tuple(replace(one, seconds=9.9) for one in equal().profiles))
    cut = [re.sub(rb'"seconds": [\d.]+', b"", checked(one)) for one in (equal(), again)]
    assert checked(equal()) != checked(again)
    assert cut[0] == cut[1]


@pytest.mark.parametrize(
    ("made", "code", "word"),
    [
        (equal(), Exit.OK, "EQUAL"),
        (spoilt(), Exit.PROBLEMS, "DIFFERENT"),
        (outcome(profile("a"), problems=(WRONG,)), Exit.PROBLEMS, "WRONG"),
        (outcome(profile("a"), problems=(UNKNOWN,)), Exit.UNDETERMINED, "NOT KNOWN"),
        (outcome(profile("a"), problems=(UNKNOWN, WRONG)), Exit.PROBLEMS, "WRONG"),
        (outcome(profile("a", differences=1), problems=(UNKNOWN,)), Exit.PROBLEMS, "DIFFERENT"),
        (outcome(profile("a"), values=(value("x", differences=1),)), Exit.PROBLEMS, "WRONG"),
        (outcome(), Exit.UNDETERMINED, "NOT KNOWN"),
    ],
)
def test_what_is_wrong_outranks_what_is_not_known(made: CheckOutcome, code: Exit, word: str) -> None:
    assert (exit_of_check(made), word_of(made)) == (code, word)
    assert charts_text(made).decode().splitlines()[-1].startswith(f"{word}: ")


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (generation(chart()), Exit.OK),
        (generation(chart(), stale=True), Exit.PROBLEMS),
        (generation(chart(), problems=(WRONG, UNKNOWN)), Exit.PROBLEMS),
        (generation(chart(), problems=(UNKNOWN,)), Exit.UNDETERMINED),
        (generation(), Exit.UNDETERMINED),
    ],
)
def test_a_generation_ends_as_its_charts_do(made: GenerateOutcome, code: Exit) -> None:
    assert exit_of_generation(made) == code


def test_how_a_generation_ended_is_its_last_line() -> None:
    ends = {
        "WRITTEN: 1 chart": shown(generation(chart())),
        "UNCHANGED: 1 chart as they would be written": shown(generation(chart(changes=ChangeSummary())), check=True),
        "STALE: what lies there is not what would be written; --check writes nothing": shown(
            generation(chart(), stale=True), check=True
        ),
        "STALE: what lies there is not what would be written; 1 chart made; 1 problem": shown(
            generation(chart(), stale=True, problems=(WRONG,)), check=True
        ),
        "1 chart made; 1 problem": shown(generation(chart(), problems=(WRONG,))),
        "no chart was made": shown(generation()),
    }
    assert [text.splitlines()[-1] for text in ends.values()] == list(ends)


def test_a_long_message_keeps_its_end_which_is_the_cause() -> None:
    long = replace(WRONG, message=f"accumulating {'x' * 600}: the cause")
    text = shown(generation(problems=(long,)))
    assert ": the cause\n" in text
    assert " … " in text
    assert max(map(len, text.splitlines())) < 500


def test_long_lists_of_changes_are_cut_and_say_so() -> None:
    assert "      … and 5 more: --format json lists all\n" in shown(changed())
    assert len(json.loads(generated(changed()))["charts"][0]["changes"]["values_added"]) == 25


def test_a_difference_that_profiles_share_is_shown_once_with_all_of_them() -> None:
    text = charts_text(spoilt()).decode()
    assert text.count("spec.replicas") == 1
    assert "    in standalone, with-kubeflow\n    spec.replicas\n" in text
    assert "  Only Kustomize renders\n    v1/ConfigMap/kubeflow/katib-config  (in standalone, with-kubeflow)\n" in text


def test_what_is_accepted_everywhere_is_one_line_and_always_there() -> None:
    text = charts_text(equal()).decode()
    assert f"    {RULES.object} rules  (in every profile)\n" in text
    assert "Helm 4 conflicts with the aggregation controller" in text
    assert RULES.object in charts_markdown(equal()).decode()


def test_many_differences_and_long_messages_are_cut_and_say_so() -> None:
    many = tuple(Difference(object=f"v1/ConfigMap/a/{number}", path="data.a", a=number, b="") for number in range(99))
    text = charts_text(outcome(profile("a", differences=99, shown=many), problems=(WRONG,))).decode()
    assert re.search(r"  … and \d+ more lines\n", text)
    long = replace(WRONG, message="x\n" * 50)
    assert "    … and 29 more lines\n" in charts_text(outcome(profile("a"), problems=(long,))).decode()


def test_colour_marks_what_is_wrong_and_changes_nothing_else() -> None:
    for made in (spoilt(), equal()):
        plain, coloured = (charts_text(made, colour=colour) for colour in (False, True))
        assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain
    assert b"\x1b[31mDIFFERENT\x1b[0m" in charts_text(spoilt(), colour=True)
    assert b"\x1b[32mEQUAL\x1b[0m" in charts_text(equal(), colour=True)


@pytest.mark.parametrize("times", [1, 300])
def test_hostile_names_and_messages_do_nothing(times: int) -> None:
    made = hostile(times)
    texts = [
        charts_text(made).decode(),
        charts_markdown(made).decode(),
        charts_github(made.problems).decode(),
        shown(generation(replace(chart(), name="\x1b[31m", folder="\u202e"), problems=made.problems)),
    ]
    for text in texts:
        assert not set(text) & ({chr(code) for code in range(32) if code != 10} | {"\x7f", "\u202e"})
    assert all(line.startswith("::error ") for line in texts[2].splitlines())
    assert len(texts[1]) <= LIMIT
    read = Page(texts[1])
    assert read.links == []
    assert not any("@kubeflow" in one or "alert" in one for one in read.texts)
    assert "script" not in read.tags


def test_what_is_folded_in_markdown_is_closed_again() -> None:
    for made in (spoilt(), hostile(300)):
        text = charts_markdown(made).decode()
        assert text.count("<details>") == text.count("\n</details>") > 0

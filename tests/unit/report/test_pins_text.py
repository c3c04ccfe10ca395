"""Pins as text and annotations: worst first, one line a pin, nothing that steers a terminal or a workflow."""

from __future__ import annotations

import re

import pytest

from buildkit.report.pins_github import pins_github
from buildkit.report.pins_text import pins_text, plan_text
from tests.unit.report.audits import check_golden
from tests.unit.report.pins import checked, every_class, fixed, hostile, judged


def test_the_whole_check() -> None:
    check_golden("pins.txt", pins_text(checked()))


def test_the_whole_fix_with_its_proof() -> None:
    check_golden("pins-fixed.txt", pins_text(fixed()))


def test_colour_marks_titles_and_what_becomes_of_a_pin_and_changes_nothing_else() -> None:
    plain, coloured = pins_text(checked()), pins_text(checked(), colour=True)
    assert b"\x1b[1m" in coloured
    assert b"\x1b[31mstays\x1b[0m" in coloured
    assert b"\x1b[33mcan be freed\x1b[0m" in coloured
    assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain


def test_a_hostile_name_steers_no_terminal() -> None:
    for content in (pins_text(hostile()), "\n".join(plan_text(hostile().pins)).encode()):
        assert not set(content.decode()) & {chr(code) for code in range(32) if code != 10} | set("\x7f\u202e") & set(
            content.decode()
        )


def test_nothing_found_says_so() -> None:
    assert pins_text(judged()).decode().splitlines() == [
        "Pins of ../manifests for linux/amd64, linux/arm64",
        "Counted: 0 pins: none",
        "",
        "Result: Nothing ties the tree to one architecture.",
    ]


def test_the_plan_names_each_edit_and_nothing_else() -> None:
    (line,) = plan_text(every_class())
    assert re.fullmatch(r"katib/a\.yaml:7:12: sha256:[0-9a-f]{12}… -> sha256:[0-9a-f]{12}…", line)


def test_the_whole_list_of_annotations() -> None:
    check_golden("pins.github", pins_github(checked(), "deploy"))


def test_an_annotation_is_one_line_whose_properties_no_name_can_end() -> None:
    lines = pins_github(hostile()).decode().splitlines()
    assert len(lines) == len(hostile().tied) + len(hostile().unknown) + len(hostile().problems)
    for line in lines:
        match = re.fullmatch(r"::(error|warning)(?: (.*?))?::(.*)", line)
        assert match
        for one in (match[2] or "").split(","):
            assert re.fullmatch(r"(?:(?:file|line|col|endColumn|title)=[^,:]+)?", one), line
        assert not re.search(r"%(?!25|0D|0A|3A|2C)", line)


@pytest.mark.parametrize(
    ("name", "written"), [("50%", "50%25"), ("a:b", "a%3Ab"), ("a,b", "a%2Cb"), ("::error::x", "%3A%3Aerror%3A%3Ax")]
)
def test_escapes_are_those_of_the_toolkit(name: str, written: str) -> None:
    line = pins_github(hostile((name,))).decode().splitlines()[0]
    assert line.startswith(f"::error file=a/{written},line=1,col=1,endColumn=")


def test_a_remote_base_is_annotated_where_it_is_named() -> None:
    text = pins_github(checked()).decode()
    assert "::error file=example/kustomization.yaml,line=1,title=kfkit pins%3A index-incomplete::" in text

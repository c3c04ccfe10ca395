"""The trend's page as a file: the latest night first, strips that draw what the numbers say, small and safe."""

from __future__ import annotations

import re

import pytest

from buildkit.audit.trend import Changed, Coverage, Night, ReleaseTrend, Step, Trend
from buildkit.report.trend_html import trend_html
from tests.support.pages import ARM64, night_of, year

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b\u202e"


def works(supported: int, total: int = 10, unknown: int = 0) -> dict[str, dict[str, Coverage]]:
    return {"Katib": {ARM64: Coverage(total=total, supported=supported, unknown=unknown)}}


def page(*nights: Night, steps: tuple[Step, ...] = (), release: str = "26.03") -> str:
    components = tuple(sorted({name for night in nights for name in night.coverage}))
    one = ReleaseTrend(release=release, platforms=(ARM64,), components=components, nights=nights, steps=steps)
    return trend_html(Trend(releases=(one,))).decode()


def outlines(text: str) -> dict[str, str]:
    return dict(re.findall(r'<path class="(\w+)" d="([^"]*)"', text))


def test_the_latest_night_is_the_headline() -> None:
    text = page(night_of("2026-11-22", works(9)), night_of("2026-11-23", works(10), result="go"))
    assert '<span class="word">26.03: GO</span>' in text
    assert "3 missing, 9 supported" in text
    assert "2 reports, from 2026-11-22 to 2026-11-23." in text


@pytest.mark.parametrize("result", ["undetermined", "something else"])
def test_what_is_neither_go_nor_no_go_is_undetermined(result: str) -> None:
    assert 'class="result undetermined"' in page(night_of("2026-11-23", works(9), result=result))


def test_nights_alike_are_one_bar() -> None:
    nights = [night_of(f"2026-11-{day}", works(5)) for day in range(10, 20)]
    assert outlines(page(*nights)) == {"failing": "M0 20V0H10V20", "supported": "M0 20V10H10V20"}


def test_a_day_without_a_report_is_a_hole() -> None:
    text = page(*[night_of(f"2026-11-{day}", works(10)) for day in (10, 12)])
    assert outlines(text) == {"supported": "M0 20V0H1V20M2 20V0H3V20"}
    assert 'viewBox="0 0 3 20"' in text


def test_one_image_of_many_is_still_to_be_seen() -> None:
    assert outlines(page(night_of("2026-11-10", works(998, 1000, 1)))) == {
        "failing": "M0 20V0H1V20",
        "unknown": "M0 20V3H1V20",
        "supported": "M0 20V6H1V20",
    }


def test_a_line_goes_on_where_a_height_changes() -> None:
    nights = [night_of(f"2026-11-1{day}", works(found)) for day, found in enumerate((10, 5, 5, 0, 10))]
    assert outlines(page(*nights))["supported"] == "M0 20V0H1V10H3V20M4 20V0H5V20"


def test_a_night_without_the_component_draws_nothing() -> None:
    text = page(night_of("2026-11-10", {}), night_of("2026-11-11", works(10)))
    assert outlines(text) == {"supported": "M1 20V0H2V20"}


def test_days_that_are_none_are_counted_through() -> None:
    text = page(night_of("first", works(10)), night_of("second", works(10)))
    assert outlines(text) == {"supported": "M0 20V0H2V20"}


def test_a_strip_has_its_words_and_its_numbers_as_a_table() -> None:
    text = page(night_of("2026-11-10", works(9)), night_of("2026-11-11", works(9)), night_of("2026-11-12", works(7)))
    assert "<title>Katib on linux/arm64: 7 of 10 on 2026-11-12</title>" in text
    assert re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', text) == [
        ("2026-11-12", "7 of 10"),
        ("2026-11-10", "9 of 10"),
    ]


def test_changes_come_newest_first() -> None:
    def step(day: str, name: str) -> Step:
        return Step(date=day, since="2026-11-01", regressed=(Changed(name=name, was="w"),), new=(), fixed=(), gone=())

    text = page(night_of("2026-11-03", works(9)), steps=(step("2026-11-02", "early"), step("2026-11-03", "late")))
    assert text.index("late") < text.index("early")
    assert "was w" in text
    assert ">gone<" not in text


def test_components_that_fall_short_come_first() -> None:
    coverage = {"A": {ARM64: Coverage(total=1, supported=1, unknown=0)}, "B": works(9)["Katib"]}
    assert re.findall(r"<h4>(\w)</h4>", page(night_of("2026-11-03", coverage))) == ["B", "A"]


def test_an_empty_trend_says_so() -> None:
    assert "No report." in trend_html(Trend(releases=())).decode()


def test_hostile_names_are_shown_and_do_nothing() -> None:
    step = Step(
        date="2026-11-03", since="x", regressed=(Changed(name=HOSTILE, was=HOSTILE),), new=(), fixed=(), gone=()
    )
    text = page(night_of("2026-11-03", {HOSTILE: works(9)["Katib"]}), steps=(step,), release=HOSTILE)
    assert "<script" not in text
    assert "<img" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("often", [0.02, 1.0], ids=["as it is", "everything changes every night"])
def test_a_year_of_three_releases_stays_under_two_megabytes(often: float) -> None:
    made = trend_html(year(often=often))
    assert len(made) < 2_000_000
    assert made == trend_html(year(often=often))

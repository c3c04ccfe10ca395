"""The trend as text and as Markdown: where each release stands, and what changed when."""

from __future__ import annotations

from collections import Counter

from buildkit.audit.trend import Changed, Coverage, Night, ReleaseTrend, Step, Trend
from buildkit.model.inspection import Verdict
from buildkit.report.markdown import LIMIT
from buildkit.report.text import printable
from buildkit.report.trend_markdown import trend_markdown
from buildkit.report.trend_text import trend_text
from tests.unit.report.audits import AMD64, ARM64, HOSTILE, check_golden
from tests.unit.report.test_audit_markdown import Page


def night(date: str, result: str, katib: tuple[int, int], *, spark: int | None = None) -> Night:
    """A night with twelve images of Katib, of which some work on arm64 and some are unknown there."""
    supported, unknown = katib
    found = Counter({Verdict.SUPPORTED: supported, Verdict.UNKNOWN: unknown, Verdict.MISSING: 12 - supported - unknown})
    coverage = {
        "Katib": {
            AMD64: Coverage(total=12, supported=12, unknown=0),
            ARM64: Coverage(total=12, supported=supported, unknown=unknown),
        }
    }
    if spark is not None:
        coverage["Spark"] = {AMD64: Coverage(total=spark, supported=spark, unknown=0)}
    return Night(
        date=date,
        file=f"26.03/{date}.json",
        result=result,
        total=12 + (spark or 0),
        summary={verdict: found[verdict] for verdict in Verdict},
        coverage=coverage,
    )


def step(day: int, **kinds: tuple[Changed, ...]) -> Step:
    whole: dict[str, tuple[Changed, ...]] = {"regressed": (), "new": (), "fixed": (), "gone": (), **kinds}
    return Step(date=f"2026-11-{day:02}", since=f"2026-11-{day - 1:02}", **whole)


def release(name: str, nights: tuple[Night, ...], steps: tuple[Step, ...] = ()) -> ReleaseTrend:
    components = sorted({one for night in nights for one in night.coverage})
    return ReleaseTrend(
        release=name, platforms=(AMD64, ARM64), components=tuple(components), nights=nights, steps=steps
    )


UI = Changed(name="docker.io/katib/ui:2", was="docker.io/katib/ui:1", component="Katib")
MOVED = Changed(name="ghcr.io/katib/db:1", was="docker.io/katib/db:1")


def rich() -> Trend:
    nights = (
        night("2026-11-01", "no-go", (8, 0)),
        night("2026-11-02", "undetermined", (8, 4)),
        night("2026-11-03", "no-go", (11, 0), spark=2),
    )
    steps = (step(2, new=(MOVED,)), step(3, regressed=(UI,), fixed=(MOVED,), gone=(Changed(name="docker.io/old:1"),)))
    return Trend(releases=(release("26.03", nights, steps), release("v1.11.0", (night("2026-11-03", "go", (12, 0)),))))


def hostile() -> Trend:
    changed = tuple(Changed(name=text, was=f"{text}:1", component=text) for text in HOSTILE)
    nights = tuple(night(text, text, (1, 1)) for text in HOSTILE)
    whole = release(HOSTILE[0], nights, (step(2, regressed=changed, new=changed),))
    releases = [
        ReleaseTrend(release=text, platforms=HOSTILE, components=HOSTILE, nights=nights, steps=whole.steps)
        for text in HOSTILE
    ]
    return Trend(releases=tuple(releases))


def test_the_whole_text() -> None:
    check_golden("trend.txt", trend_text(rich()))


def test_the_whole_markdown() -> None:
    check_golden("trend.md", trend_markdown(rich()))


def test_the_last_report_stands_beside_the_one_before_it_and_the_first() -> None:
    lines = [line.split() for line in trend_text(rich()).decode().splitlines()]
    assert [line[:3] for line in lines[1:4]] == [
        ["last", "2026-11-03", "NO-GO"],
        ["before", "2026-11-02", "UNDETERMINED"],
        ["first", "2026-11-01", "NO-GO"],
    ]


def test_coverage_is_said_from_the_first_report_to_the_last() -> None:
    text = trend_text(rich()).decode()
    assert "Katib      12/12        8/12 -> 11/12" in text
    assert "Spark      - -> 2/2     -" in text


def test_what_is_unknown_is_not_called_lacking() -> None:
    nights = (night("2026-11-01", "go", (12, 0)), night("2026-11-02", "undetermined", (8, 4)))
    assert "12/12 -> 8/12 (4 unknown)" in trend_text(Trend(releases=(release("r", nights),))).decode()


def test_the_last_ten_steps_are_listed_and_how_many_there_are_more() -> None:
    nights = tuple(night(f"2026-11-{day:02}", "go", (12, 0)) for day in range(1, 16))
    trend = Trend(releases=(release("r", nights, tuple(step(day, fixed=(UI,)) for day in range(2, 16))),))
    text = trend_text(trend).decode()
    assert text.count("since 2026-11-") == trend_markdown(trend).decode().count("since 2026-11-") == 10
    assert text.index("2026-11-15, since") < text.index("2026-11-06, since")
    assert text.endswith("  … and 4 older changes, see the JSON report\n")
    assert "Changes (4 older ones in the JSON report):" in trend_markdown(trend).decode()


def test_a_step_with_many_images_is_cut() -> None:
    nights = (night("2026-11-01", "go", (12, 0)), night("2026-11-02", "go", (12, 0)))
    trend = Trend(releases=(release("r", nights, (step(2, new=(UI,) * 50),)),))
    assert "    new        … and 30 more" in trend_text(trend).decode()
    assert "  - new: … and 30 more" in trend_markdown(trend).decode()


def test_no_text_of_a_hostile_folder_is_markup_or_steers_the_terminal() -> None:
    page = Page(trend_markdown(hostile()).decode())
    assert page.open == []
    assert page.links == []
    assert page.tags <= {"h2", "p", "code", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert not [one for one in page.texts if "@" in one or "://" in one or "`" in one]
    text = trend_text(hostile()).decode()
    assert all(printable(line) == line for line in text.split("\n"))


def test_markdown_of_many_releases_fits_an_issue_and_says_what_it_leaves_out() -> None:
    releases = rich().releases * 100
    found = trend_markdown(Trend(releases=releases)).decode()
    assert len(found) <= LIMIT
    assert found.endswith("… and 180 more releases, see the JSON report.\n")
    assert len(trend_markdown(hostile()).decode()) <= LIMIT


def test_nothing_read_gives_nothing_but_a_line() -> None:
    assert trend_text(Trend(releases=())) == trend_markdown(Trend(releases=())) == b"\n"


def test_the_same_trend_gives_the_same_bytes() -> None:
    assert (trend_text(rich()), trend_markdown(rich())) == (trend_text(rich()), trend_markdown(rich()))


def test_new_images_that_are_fine_are_counted_and_not_listed() -> None:
    fine = Changed(name="docker.io/katib/fine:1", verdict=Verdict.SUPPORTED)
    bad = Changed(name="docker.io/katib/bad:1", verdict=Verdict.MISSING)
    nights = (night("2026-11-01", "go", (8, 0)), night("2026-11-02", "no-go", (10, 0)))
    trend = Trend(releases=(release("26.03", nights, (step(2, new=(fine, bad)),)),))
    for text in (trend_text(trend).decode(), trend_markdown(trend).decode()):
        assert "2 new (1 of them fine)" in text
        assert "bad" in text
        assert "docker.io/katib/fine" not in text

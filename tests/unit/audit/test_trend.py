"""Coverage over time: what changed from night to night, and what a night could not find out."""

from __future__ import annotations

from dataclasses import replace

from buildkit.audit.past import past_of
from buildkit.audit.settle import Rules
from buildkit.audit.trend import Changed, Coverage, NightReport, ReleaseTrend, Step, trend_of
from buildkit.model.inspection import Verdict
from tests.unit.audit.building import (
    AMD64,
    ARM64,
    GONE,
    MISSING,
    OK,
    TODAY,
    UNKNOWN,
    Known,
    audit,
    by_folder,
    judged,
    known,
    use,
)

UI = "ghcr.io/katib/ui"
WEB, JOB = use(file="katib/web.yaml"), use("batch/v1/Job/a/b", file="spark/job.yaml")


def night(day: int, *images: Known, release: str = "26.03") -> NightReport:
    done = audit(*images, rules=Rules(today=TODAY, release=release), owner_of=by_folder)
    return NightReport(file=f"{release}/{day}.json", date=f"2026-11-{day:02}", audit=past_of(done))


def trend(*nights: NightReport) -> ReleaseTrend:
    (release,) = trend_of(nights).releases
    return release


def test_coverage_is_counted_per_component_and_platform() -> None:
    found = trend(
        night(
            1,
            known(f"{UI}:1", MISSING, WEB),
            known("b:1", UNKNOWN, WEB),
            known("c:1", OK, JOB),
            known("d:1", GONE, use(file="else.yaml")),
            known("e:1", GONE, JOB, counted=False),
        )
    )
    (one,) = found.nights
    assert one.coverage == {
        "Katib": {
            AMD64: Coverage(total=2, supported=1, unknown=1),
            ARM64: Coverage(total=2, supported=0, unknown=1),
        },
        "Spark Operator": {
            AMD64: Coverage(total=1, supported=1, unknown=0),
            ARM64: Coverage(total=1, supported=1, unknown=0),
        },
        "no known component": {
            AMD64: Coverage(total=1, supported=0, unknown=0),
            ARM64: Coverage(total=1, supported=0, unknown=0),
        },
    }
    assert (one.date, one.file, one.result, one.total) == ("2026-11-01", "26.03/1.json", "no-go", 4)
    assert {verdict: count for verdict, count in one.summary.items() if count} == {
        GONE: 1,
        UNKNOWN: 1,
        MISSING: 1,
        OK: 1,
    }
    assert list(one.summary) == list(Verdict)
    assert found.components == ("Katib", "Spark Operator", "no known component")
    assert (found.release, found.platforms, found.steps) == ("26.03", (AMD64, ARM64), ())


def test_a_step_holds_what_changed_and_quiet_nights_have_none() -> None:
    others = (known(f"{UI}:9", OK, JOB),)
    found = trend(
        night(1, known(f"{UI}:1", OK, WEB), known("b:1", MISSING, WEB), known("c:1", GONE, WEB), *others),
        night(2, known(f"{UI}:1", OK, WEB), known("b:1", MISSING, WEB), known("c:1", GONE, WEB), *others),
        night(3, known(f"{UI}:2", MISSING, WEB), known("b:2", OK, WEB), known("d:1", OK, WEB), *others),
    )
    assert found.steps == (
        Step(
            date="2026-11-03",
            since="2026-11-02",
            regressed=(Changed(name=f"{UI}:2", verdict=Verdict.MISSING, was=f"{UI}:1", component="Katib"),),
            new=(Changed(name="d:1", verdict=Verdict.SUPPORTED, component="Katib"),),
            fixed=(Changed(name="b:2", verdict=Verdict.SUPPORTED, was="b:1", component="Katib"),),
            gone=(Changed(name="c:1", verdict=Verdict.ABSENT, component="Katib"),),
        ),
    )
    assert len(found.nights) == 3


def test_a_night_when_the_registry_was_down_changes_nothing() -> None:
    for before in (OK, MISSING):
        nights = [night(day, known(UI, verdict, WEB)) for day, verdict in enumerate([before, UNKNOWN, before], start=1)]
        assert trend(*nights).steps == ()
        assert [one.result for one in trend(*nights).nights][1] == "undetermined"


def test_what_changed_behind_a_night_that_was_blind_is_told_after_it() -> None:
    found = trend(
        night(1, known(UI, OK, WEB), known("b:1", MISSING, WEB)),
        night(2, known(UI, UNKNOWN, WEB), known("b:1", UNKNOWN, WEB)),
        night(3, known(UI, UNKNOWN, WEB), known("b:1", UNKNOWN, WEB)),
        night(4, known(UI, MISSING, WEB), known("b:1", OK, WEB)),
    )
    (step,) = found.steps
    assert (step.date, step.since) == ("2026-11-04", "2026-11-03")
    assert ([one.name for one in step.regressed], [one.name for one in step.fixed]) == ([UI], ["b:1"])
    assert (step.new, step.gone) == ((), ())


def test_a_bump_in_a_blind_night_is_told_when_it_can_be_judged() -> None:
    found = trend(
        night(1, known(f"{UI}:1", OK, WEB)),
        night(2, known(f"{UI}:2", UNKNOWN, WEB)),
        night(3, known(f"{UI}:2", MISSING, WEB)),
    )
    assert [(one.date, [image.name for image in one.new + one.regressed]) for one in found.steps] == [
        ("2026-11-03", [f"{UI}:2"])
    ]


def test_a_platform_that_is_required_anew_regresses_nothing() -> None:
    then = audit(judged(UI, {AMD64: OK}, WEB), rules=Rules(today=TODAY, release="26.03"))
    before = replace(night(1), audit=replace(past_of(then), required=(AMD64,)))
    found = trend(before, night(2, known(UI, MISSING, WEB)))
    assert found.platforms == (AMD64, ARM64)
    assert [one.regressed for one in found.steps] == [()]
    assert list(found.nights[0].coverage["no known component"]) == [AMD64]


def test_what_does_not_count_changes_nothing() -> None:
    found = trend(night(1, known(UI, OK, counted=False)), night(2, known(UI, MISSING, counted=False)))
    assert (found.steps, [one.total for one in found.nights]) == ((), [0, 0])


def test_each_release_goes_its_own_way() -> None:
    found = trend_of(
        [
            night(1, known(UI, OK), release="26.03"),
            night(2, known(UI, MISSING), release="26.03"),
            night(1, known(UI, MISSING), release="v1.11.0"),
        ]
    )
    assert [(one.release, len(one.nights), len(one.steps)) for one in found.releases] == [
        ("26.03", 2, 1),
        ("v1.11.0", 1, 0),
    ]


def test_a_report_older_than_the_result_gets_it_from_its_verdicts() -> None:
    for verdicts, result in (((OK,), "go"), ((OK, UNKNOWN), "undetermined"), ((UNKNOWN, MISSING), "no-go"), ((), "go")):
        images = (known(f"x{number}:1", verdict) for number, verdict in enumerate(verdicts))
        old = night(1, *images)
        assert trend(replace(old, audit=replace(old.audit, result=None))).nights[0].result == result


def test_no_reports_are_no_releases() -> None:
    assert trend_of([]).releases == ()

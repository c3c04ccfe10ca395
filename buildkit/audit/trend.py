"""Coverage per component over time: what a folder of nightly reports tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from buildkit.audit.compare import Comparison
from buildkit.audit.overview import NO_COMPONENT
from buildkit.audit.past import PastAudit, PastImage
from buildkit.audit.policy import PROBLEMS
from buildkit.audit.scope import counts
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Counted images of a component on one platform."""

    total: int
    supported: int
    unknown: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """One report: `result` is `go`, `no-go` or `undetermined`; `coverage` is component -> platform -> images."""

    date: str
    file: str
    result: str
    total: int
    summary: Mapping[Verdict, int]
    coverage: Mapping[str, Mapping[str, Coverage]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """An image that changed, and its verdict since; `was` is the name that stood in its place, where it is another."""

    name: str
    verdict: Verdict | None = None
    was: str | None = None
    component: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What changed from one report to the next."""

    date: str
    since: str
    regressed: tuple[Changed, ...]
    new: tuple[Changed, ...]
    fixed: tuple[Changed, ...]
    gone: tuple[Changed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseTrend:
    """One release: its reports by date, and the steps between them that changed something."""

    release: str
    platforms: tuple[str, ...]
    components: tuple[str, ...]
    nights: tuple[Night, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """All releases of a folder, by name."""

    releases: tuple[ReleaseTrend, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NightReport:
    """A report of the folder, as it was read."""

    file: str
    date: str
    audit: PastAudit


def trend_of(reports: Iterable[NightReport]) -> Trend:
    """Every release's way through its reports, which come by release and then by day; one at a time is held."""
    groups = groupby(reports, key=lambda one: one.audit.release)
    return Trend(releases=tuple(_release(name, group) for name, group in groups))


def _release(name: str, reports: Iterable[NightReport]) -> ReleaseTrend:
    nights: list[Night] = []
    steps: list[Step] = []
    platforms: set[str] = set()
    before: NightReport | None = None
    for report in reports:
        nights.append(_night(report))
        platforms.update(report.audit.required)
        now = replace(report, audit=_remembered(report.audit, before.audit if before else None))
        if before is not None:
            steps.append(_step(before, now))
        before = now
    return ReleaseTrend(
        release=name,
        platforms=tuple(sorted(platforms)),
        components=tuple(sorted({component for night in nights for component in night.coverage})),
        nights=tuple(nights),
        steps=tuple(one for one in steps if one.regressed or one.new or one.fixed or one.gone),
    )


def _remembered(now: PastAudit, before: PastAudit | None) -> PastAudit:
    """What a night could not find out stays as it was last known: a registry that was down fixes and breaks nothing."""
    known = {image.name: image.platforms for image in before.images} if before else {}
    images = tuple(
        replace(
            image,
            platforms={
                name: known.get(image.name, {}).get(name, record) if record.verdict is Verdict.UNKNOWN else record
                for name, record in image.platforms.items()
            },
        )
        for image in now.images
    )
    return replace(now, images=images)


def _night(report: NightReport) -> Night:
    audit = report.audit
    counted = [image for image in audit.images if counts(image, audit.scope)]
    found = Counter(image.verdict for image in counted)
    by_component: dict[str, list[PastImage]] = defaultdict(list)
    for image in counted:
        by_component[image.component or NO_COMPONENT].append(image)
    return Night(
        date=report.date,
        file=report.file,
        result=audit.result or _result(counted),
        total=len(counted),
        summary={verdict: found[verdict] for verdict in Verdict},
        coverage={name: _coverage(images, audit.required) for name, images in sorted(by_component.items())},
    )


def _result(counted: Iterable[PastImage]) -> str:
    """The result of a report that is older than its key."""
    verdicts = {record.verdict for image in counted for record in image.platforms.values()}
    if verdicts & PROBLEMS:
        return "no-go"
    return "undetermined" if Verdict.UNKNOWN in verdicts else "go"


def _coverage(images: Sequence[PastImage], platforms: Iterable[str]) -> dict[str, Coverage]:
    cells = {}
    for platform in sorted(platforms):
        verdicts = [image.platforms[platform].verdict for image in images if platform in image.platforms]
        cells[platform] = Coverage(
            total=len(verdicts),
            supported=verdicts.count(Verdict.SUPPORTED),
            unknown=verdicts.count(Verdict.UNKNOWN),
        )
    return cells


def _step(before: NightReport, now: NightReport) -> Step:
    past = replace(before.audit, images=_counted(before.audit))
    comparison = Comparison(past, _counted(now.audit), now.audit.scope)
    kinds: dict[str, list[Changed]] = defaultdict(list)
    for image in _counted(now.audit):
        change, _ = comparison.change_of(image, lambda _platform, verdict: verdict in PROBLEMS)
        kinds[change.kind].append(_changed(image, change.was))
    return Step(
        date=now.date,
        since=before.date,
        regressed=tuple(kinds["regressed"]),
        new=tuple(kinds["new"]),
        fixed=tuple(kinds["fixed"]),
        gone=tuple(Changed(name=one.name, verdict=one.verdict, component=one.component) for one in comparison.gone()),
    )


def _changed(image: PastImage, was: str | None) -> Changed:
    return Changed(name=image.name, verdict=image.verdict, was=was, component=image.component)


def _counted(audit: PastAudit) -> tuple[PastImage, ...]:
    return tuple(image for image in audit.images if counts(image, audit.scope))

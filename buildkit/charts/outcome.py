"""What `kfkit charts generate` and `kfkit charts check` found."""

from __future__ import annotations

from dataclasses import dataclass

from buildkit.charts.release_changes import ChangeSummary
from buildkit.compare.comparison import Difference


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartProblem:
    """What is wrong with a chart, its specification, or a render of it.

    Attributes:
        chart: the chart's name.
        message: what is wrong, and what to do.
        profile: where it is one profile's; else empty.
        file: the specification, or the chart's file; empty where it is neither.
        line: from 1 in that file; 0 where no line is known.
        known: False where it could not be found out (exit code 3), rather than being wrong (1).
    """

    chart: str
    message: str
    profile: str = ""
    file: str = ""
    line: int = 0
    known: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratedChart:
    """A chart that was written, or looked at by `--check`.

    Attributes:
        name: the chart's.
        version: its version; `app_version` the component's.
        folder: where it lies.
        profiles: those that it has.
        objects: how many objects the union has.
        values: how many values can be set, beside `profile`.
        changes: against what lay there before; None where nothing did.
    """

    name: str
    version: str
    app_version: str
    folder: str
    profiles: tuple[str, ...]
    objects: int
    values: int
    changes: ChangeSummary | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerateOutcome:
    """All charts of a run.

    Attributes:
        charts: sorted by name.
        problems: what the specifications lack for this release; sorted.
        notes: what a reader should know: profiles that the release lacks, kustomizations that no profile takes.
        stale: with `--check`, whether what lies there is not what would be written.
    """

    charts: tuple[GeneratedChart, ...]
    problems: tuple[ChartProblem, ...]
    notes: tuple[str, ...]
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedDifference:
    """A difference between Kustomize and chart that the specification accepts, with its reason."""

    object: str
    path: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileCheck:
    """One profile of one specification: Kustomize's render against that of the chart (and its chart of definitions).

    Attributes:
        chart: the chart's name.
        profile: the profile's.
        objects: how many Kustomize renders.
        differences: that nobody accepted: a value, an object on one side, a name.
        accepted: those that the specification accepts.
        release_bytes: of the largest Secret in which helm keeps a release of it; None where that was not asked.
        seconds: that its renders and the comparison took.
        shown: the first differences, as `Difference`; whole objects with an empty path.
    """

    chart: str
    profile: str
    objects: int
    differences: int
    accepted: tuple[AcceptedDifference, ...]
    release_bytes: int | None
    seconds: float
    shown: tuple[Difference, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueCheck:
    """One value set to its sample (or several, for a row of the covering array), on one profile.

    Attributes:
        chart: the chart's name.
        value: the value's path; `covering array` for a row of several, `namespace` for another namespace.
        profile: on which it was tried.
        places: how many values of objects it changes.
        differences: between helm's render and what the specification says; 0 is right.
    """

    chart: str
    value: str
    profile: str
    places: int
    differences: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckOutcome:
    """Everything that was checked.

    Attributes:
        profiles: by chart and profile.
        values: by chart and value.
        problems: everything that is wrong, differences too (one for each profile or value that has some); sorted.
        notes: what was not checked, and why; profiles that the release lacks.
        helms: the versions of helm that rendered.
    """

    profiles: tuple[ProfileCheck, ...]
    values: tuple[ValueCheck, ...]
    problems: tuple[ChartProblem, ...]
    notes: tuple[str, ...]
    helms: tuple[str, ...]

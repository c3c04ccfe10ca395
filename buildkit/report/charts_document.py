"""`kfkit charts generate` and `kfkit charts check` as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.charts.outcome import AcceptedDifference, ValueCheck
from buildkit.charts.release_changes import ChangeSummary

if TYPE_CHECKING:
    from buildkit.charts.outcome import ChartProblem, CheckOutcome, GeneratedChart, GenerateOutcome, ProfileCheck


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartProblemRecord:
    """What is wrong; `known` is false where it could only not be found out."""

    chart: str
    profile: str | None = None
    file: str | None = None
    line: int | None = None
    message: str
    known: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileRecord:
    """One profile against its kustomization: `differences` counts what nobody accepted."""

    chart: str
    profile: str
    objects: int
    differences: int
    accepted: tuple[AcceptedDifference, ...]
    release_bytes: int | None = None
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartsDocument:
    """`kfkit charts check`: every profile, every value, and all that is wrong; only `seconds` vary between runs."""

    profiles: tuple[ProfileRecord, ...]
    values: tuple[ValueCheck, ...]
    problems: tuple[ChartProblemRecord, ...]
    notes: tuple[str, ...]
    helms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratedChartRecord:
    """One chart; `changes` against what lay in its folder before, where something did."""

    chart: str
    version: str
    app_version: str
    folder: str
    profiles: tuple[str, ...]
    objects: int
    values: int
    changes: ChangeSummary | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartGenerationDocument:
    """`kfkit charts generate`; `stale`: what lies there is not what would be written, which `--check` alone tells."""

    stale: bool
    charts: tuple[GeneratedChartRecord, ...]
    problems: tuple[ChartProblemRecord, ...]
    notes: tuple[str, ...]


def charts_document(outcome: CheckOutcome) -> ChartsDocument:
    """The document of a check."""
    return ChartsDocument(
        profiles=tuple(map(_profile, outcome.profiles)),
        values=outcome.values,
        problems=tuple(map(_problem, outcome.problems)),
        notes=outcome.notes,
        helms=outcome.helms,
    )


def chart_generation_document(outcome: GenerateOutcome) -> ChartGenerationDocument:
    """The document of a generation."""
    return ChartGenerationDocument(
        stale=outcome.stale,
        charts=tuple(map(_chart, outcome.charts)),
        problems=tuple(map(_problem, outcome.problems)),
        notes=outcome.notes,
    )


def _profile(one: ProfileCheck) -> ProfileRecord:
    return ProfileRecord(
        chart=one.chart,
        profile=one.profile,
        objects=one.objects,
        differences=one.differences,
        accepted=one.accepted,
        release_bytes=one.release_bytes,
        seconds=round(one.seconds, 3),
    )


def _chart(one: GeneratedChart) -> GeneratedChartRecord:
    return GeneratedChartRecord(
        chart=one.name,
        version=one.version,
        app_version=one.app_version,
        folder=one.folder,
        profiles=one.profiles,
        objects=one.objects,
        values=one.values,
        changes=one.changes,
    )


def _problem(one: ChartProblem) -> ChartProblemRecord:
    return ChartProblemRecord(
        chart=one.chart,
        profile=one.profile or None,
        file=one.file or None,
        line=one.line or None,
        message=one.message,
        known=one.known,
    )

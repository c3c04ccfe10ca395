"""`kfkit charts check`: charts made in a scratch folder, then held against Kustomize and against their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.charts.outcome import ChartProblem, CheckOutcome, ValueCheck
from buildkit.edges.tools import HELM, HELM3, HELM4, KUSTOMIZE, find_program
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.chart_equality import check_profiles
from buildkit.flows.chart_installs import check_installs
from buildkit.flows.chart_renders import Documents, read_specs
from buildkit.flows.chart_scene import open_scene
from buildkit.flows.chart_values import check_values
from buildkit.flows.charts import ChartsRequest, make

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.charts.chart import Chart
    from buildkit.edges.tools import Program
    from buildkit.flows.watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRequest:
    """What is checked.

    Attributes:
        charts: which charts, of which release.
        previous: a folder of charts (`<chart>/Chart.yaml`) that users may upgrade from.
        helms: majors of helm that have to be there, "3" or "4"; none: those that are found.
        equality_only: profiles against Kustomize, and nothing else.
    """

    charts: ChartsRequest
    previous: Path | None = None
    helms: tuple[str, ...] = ()
    equality_only: bool = False


def check(request: CheckRequest, watch: Watch) -> CheckOutcome:
    """Make the charts and check them.

    Raises:
        UsageError: a specification is wrong, there are no manifests, or no charts to upgrade from.
        UndeterminedError: a program is missing.
    """
    if request.previous is not None and request.equality_only:
        raise UsageError("--previous: upgrades are not checked with --equality-only", hint="leave one of them out")
    if request.previous is not None and not request.previous.is_dir():
        raise UsageError(f"--previous {request.previous}: no such folder")
    specs = read_specs(request.charts.specs, request.charts.names)
    helm, other, notes = _helms(request)
    documents = Documents()
    made = make(request.charts, specs, documents, watch)
    if request.previous is not None:
        notes += (_previous(request.previous, [chart for one in made.made for chart in one.charts]),)
    with open_scene(made.made, helm, documents) as scene:
        with watch.stage("compare"):
            profiles, found = check_profiles(scene, watch)
        problems = [*made.problems, *found]
        values: list[ValueCheck] = []
        if not request.equality_only:
            with watch.stage("values"):
                values, found = check_values(scene, find_program(KUSTOMIZE), watch)
            problems += found
            with watch.stage("install"):
                profiles, found = check_installs(scene, profiles, other, request.previous, watch)
            problems += found
    return CheckOutcome(
        profiles=tuple(sorted(profiles, key=lambda one: (one.chart, one.profile))),
        values=tuple(values),
        problems=_sorted(problems),
        notes=(*made.notes, *notes),
        helms=tuple(one.version for one in (helm, other) if one is not None),
    )


def _sorted(problems: Sequence[ChartProblem]) -> tuple[ChartProblem, ...]:
    """Tell once what several profiles have."""
    profiles: dict[ChartProblem, set[str]] = {}
    for one in problems:
        profiles.setdefault(replace(one, profile=""), set()).add(one.profile)
    told = (replace(one, profile=", ".join(sorted(names - {""}))) for one, names in profiles.items())
    return tuple(sorted(told, key=lambda one: (one.chart, one.profile, one.file, one.line, one.message)))


def _previous(folder: Path, charts: Sequence[Chart]) -> str:
    """Tell how many charts there are to upgrade from.

    Raises:
        UsageError: none.
    """
    found = [one.name for one in charts if (folder / one.name / "Chart.yaml").is_file()]
    if charts and not found:
        raise UsageError(
            f"--previous {folder}: holds none of the charts {', '.join(one.name for one in charts)}",
            hint="name the folder that `kfkit charts generate --output` wrote for the release before",
        )
    return f"upgrades from {folder} were checked for {', '.join(found)}"


def _helms(request: CheckRequest) -> tuple[Program, Program | None, tuple[str, ...]]:
    """Find helm, and the other major of it.

    Raises:
        UndeterminedError: there is none, or not one that was asked for.
    """
    if request.equality_only and not request.helms:
        return find_program(HELM), None, ()
    found = {}
    missing = {}
    for major, accepted in (("4", HELM4), ("3", HELM3)):
        try:
            found[major] = find_program(accepted)
        except UndeterminedError as error:
            if major in request.helms:
                raise
            missing[major] = error
    if not found:
        raise missing["4"]
    (helm, *others) = found.values()
    notes = tuple(f"not rendered with Helm {major}: {error}" for major, error in missing.items())
    return helm, others[0] if others else None, notes

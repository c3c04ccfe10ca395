"""`kfkit charts generate`: specifications and a release -> renders -> marks -> charts -> files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from buildkit.charts.about_files import Release
from buildkit.charts.chart import Chart, make_charts
from buildkit.charts.marking import Marked, mark, references_of
from buildkit.charts.naming import repository_of
from buildkit.charts.outcome import ChartProblem, GeneratedChart, GenerateOutcome
from buildkit.charts.release_changes import ChangeSummary, summarise
from buildkit.charts.union import DuplicateError
from buildkit.edges.files import read_text_file, real_path
from buildkit.edges.output_folder import check_output, read_output, strangers, write_output
from buildkit.edges.process import MIB
from buildkit.errors import UsageError
from buildkit.flows.chart_renders import ChartInput, Documents, names_of, read_inputs, read_specs
from buildkit.flows.options import RemoteOptions
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildkit.charts.spec import ChartSpec
    from buildkit.flows.watch import Watch

MARKER: Final = ".kfkit-chart"
_HELM_READS: Final = ("charts", "crds", "templates")  # whatever lies there is a part of the chart
_UNKNOWN: Final = "unknown"
_VERSION: Final = re.compile(
    r"v?((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)"
)
_MOST_AUDIT: Final = 64 * MIB


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartsRequest:
    """Which charts, of which release.

    Attributes:
        manifests: the release's tree.
        names: of charts; none for all.
        specs: the folder of specifications.
        remotes: where remote bases come from.
        version: of the charts; empty: the component's own, where it is a semantic version.
        audit: the JSON report of `kfkit audit` on the same release, for the platforms of images.
    """

    manifests: str
    names: tuple[str, ...] = ()
    specs: Path = Path("helm-charts")
    remotes: RemoteOptions = field(default_factory=RemoteOptions)
    version: str = ""
    audit: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerateRequest:
    """Where charts are written.

    Attributes:
        charts: which ones.
        output: the folder that gets a folder for each chart.
        into: a tree that gets each chart in `<component>/helm/<chart>` instead.
        check: write nothing; tell whether what lies there is what would be written.
    """

    charts: ChartsRequest
    output: Path = Path("dist/charts")
    into: Path | None = None
    check: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeChart:
    """What one specification gives.

    Attributes:
        input: the specification and the renders.
        marked: the marked objects of all profiles.
        release: what it is made of.
        charts: the chart, then that of its definitions where they have one.
    """

    input: ChartInput
    marked: Marked
    release: Release
    charts: tuple[Chart, ...]

    @property
    def spec(self) -> ChartSpec:
        return self.input.spec


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeCharts:
    """All charts of a run, and what is wrong with their specifications."""

    made: tuple[MadeChart, ...]
    problems: tuple[ChartProblem, ...]
    notes: tuple[str, ...]


def generate(request: GenerateRequest, watch: Watch) -> GenerateOutcome:
    """Write the charts, or tell whether those that lie there are right.

    One that would lack a profile, or that somebody put files into, is not written: what lies there stays.

    Raises:
        UsageError: a specification is wrong, there are no manifests, or a folder is not ours.
        UndeterminedError: a program is missing.
    """
    specs = read_specs(request.charts.specs, request.charts.names)
    for spec in specs:
        for name in names_of(spec):
            _owned(_folder(request, spec, name), name)  # before anything is rendered
    made = make(request.charts, specs, Documents(), watch)
    problems = [_unwritten(one) if one.profile else one for one in made.problems]
    charts: list[GeneratedChart] = []
    stale = False
    with watch.stage("write"):
        whole = [one for one in made.made if not one.input.lacking]
        places = [(one, chart, _folder(request, one.spec, chart.name)) for one in whole for chart in one.charts]
        owned = [_owned(folder, chart.name) for _, chart, folder in places]  # all, before any is written
        for (one, chart, folder), ours in zip(places, owned, strict=True):
            before = read_output(folder, ours)
            strange = [_strange(chart, folder / name) for name in strangers(folder, ours, _HELM_READS)]
            problems += strange
            stale |= bool(strange) or dict(_marked_files(chart)) != before
            if not request.check and strange:
                continue
            if not request.check:
                write_output(folder, _marked_files(chart), ours)
            charts.append(_told(one, chart, folder, _changes(before, chart)))
    return GenerateOutcome(
        charts=tuple(sorted(charts, key=lambda one: one.name)),
        problems=tuple(sorted(problems, key=_order)),
        notes=made.notes,
        stale=request.check and stale,
    )


def _unwritten(problem: ChartProblem) -> ChartProblem:
    """Say so in front: the cause is at the end, and a long message is cut in the middle."""
    return replace(problem, message=f"the chart is not written without it: {problem.message}")


def _strange(chart: Chart, file: Path) -> ChartProblem:
    what = "is a part of the chart for helm, and not made by us"
    return ChartProblem(
        chart=chart.name, file=str(file), message=f"{what}: the chart is not written; move the file elsewhere"
    )


def _order(one: ChartProblem) -> tuple[str, str, str, int, str]:
    return one.chart, one.profile, one.file, one.line, one.message


def make(request: ChartsRequest, specs: Sequence[ChartSpec], documents: Documents, watch: Watch) -> MadeCharts:
    """Make charts, without writing any.

    Raises:
        UsageError: there are no manifests, the version is none, or the audit's report cannot be read.
        UndeterminedError: a program is missing.
    """
    if request.version and not _VERSION.fullmatch(request.version):
        raise UsageError(f"--version {request.version}: no semantic version", hint="such as 1.2.3 or 1.2.3-rc.1")
    platforms = _platforms(request.audit)
    inputs = read_inputs(request.manifests, request.remotes, specs, documents, watch)
    made: list[MadeChart] = []
    problems = [problem for one in inputs for problem in one.problems]
    with watch.stage("generate"):
        for one in inputs:
            try:
                found = _make(one, request, platforms, problems)
            except DuplicateError as error:
                problems.append(ChartProblem(chart=one.spec.about.name, message=str(error), file=one.spec.source))
                continue
            if found is not None:
                made.append(found)
    _check_names(made)
    return MadeCharts(
        made=tuple(made),
        problems=tuple(sorted(problems, key=_order)),
        notes=tuple(note for one in inputs for note in one.notes),
    )


def _check_names(made: Sequence[MadeChart]) -> None:
    """Only now it is known how many charts the definitions of each take."""
    taken: dict[str, MadeChart] = {}
    for one in made:
        for chart in one.charts:
            other = taken.setdefault(chart.name, one)
            if other is not one:
                raise UsageError(f"{one.spec.source}: the chart name {chart.name} is taken by {other.spec.source}")


def _make(
    one: ChartInput, request: ChartsRequest, platforms: Mapping[str, Sequence[str]], problems: list[ChartProblem]
) -> MadeChart | None:
    spec = one.spec
    if spec.default not in one.renders:
        if one.renders or not one.problems:
            message = f"the default profile {spec.default} is not there: no chart is made"
            known = all(problem.known for problem in one.problems if problem.profile == spec.default)
            problems.append(ChartProblem(chart=spec.about.name, file=spec.source, message=message, known=known))
        return None
    marked = mark({name: render.objects for name, render in one.renders.items()}, one.references, spec)
    problems += (
        ChartProblem(chart=spec.about.name, file=spec.source, line=problem.line, message=problem.message)
        for problem in marked.problems
    )
    release = _release(one, request, marked, platforms)
    if release.app_version == _UNKNOWN and not request.version:
        problems.append(ChartProblem(chart=spec.about.name, file=spec.source, message=_unversioned(spec, marked)))
    return MadeChart(input=one, marked=marked, release=release, charts=make_charts(spec, marked, release))


def _release(
    one: ChartInput, request: ChartsRequest, marked: Marked, platforms: Mapping[str, Sequence[str]]
) -> Release:
    default = references_of(marked.profiles[one.spec.default])
    every = sorted(reference for ones in marked.references.values() for reference in ones)
    found_tags = (
        tag
        for repository in (one.spec.app_version, *one.spec.versioned_by)
        for ones in (sorted(default), every)
        for tag in _tags(ones, repository)
    )
    app_version = next(found_tags, _UNKNOWN)
    found = _VERSION.fullmatch(request.version or app_version)
    return Release(
        version=found[1] if found else "0.0.0",
        app_version=app_version,
        source=_component(one.spec),
        platforms=platforms,
    )


def _unversioned(spec: ChartSpec, marked: Marked) -> str:
    """Tell that no image gives the version, and which may have taken the place of the one that did."""
    last = spec.app_version.rpartition("/")[2]
    likely = [one for one in sorted(marked.images) if one.rpartition("/")[2] == last and one != spec.app_version]
    what = f"{likely[0]} may be it: list it in `appVersion` too" if len(likely) == 1 else "list what took its place"
    return f"appVersion: this release has no tagged image of {spec.app_version}; {what}, or give --version"


def _component(spec: ChartSpec) -> str:
    """The component's folder in the release that the profiles come from."""
    path = next(one.path for one in spec.profiles if one.name == spec.default)
    return next((one for one in spec.components if f"{path}/".startswith(f"{one}/")), spec.component)


def _tags(references: Sequence[str], repository: str) -> Iterator[str]:
    wanted = repository_of(repository)
    for one in references:
        try:
            reference = parse_reference(one)
        except ReferenceError:
            continue
        if reference.repository_name == wanted and reference.tag:
            yield reference.tag


def _platforms(report: Path | None) -> dict[str, tuple[str, ...]]:
    """By reference as written, the platforms that an audit found supported."""
    if report is None:
        return {}
    try:
        document: Any = json.loads(read_text_file(report, _MOST_AUDIT))
        images = document["images"]
        return {
            use["reference"]: tuple(
                sorted(name for name, said in one["platforms"].items() if said["verdict"] == "supported")
            )
            for one in images
            for use in [*one.get("uses", []), one]
            if "reference" in use
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{report}: no JSON report of kfkit audit", hint="kfkit audit --report json=FILE") from error


def _folder(request: GenerateRequest, spec: ChartSpec, name: str) -> Path:
    if request.into is None:
        return request.output / name
    if not request.into.is_dir():
        raise UsageError(f"--into {request.into}: no such folder")
    component = next((one for one in spec.components if (request.into / one).is_dir()), spec.component)
    folder = request.into / component / "helm" / name
    if not real_path(folder).is_relative_to(real_path(request.into)):
        raise UsageError(f"{folder}: a link leads out of {request.into}")
    return folder


def _owned(folder: Path, name: str) -> frozenset[str]:
    def listed(text: str) -> frozenset[str]:
        head, *files = text.splitlines() or [""]
        if head != f"# made by kfkit charts generate: {name}":
            raise UsageError(f"{folder / MARKER}: does not say that kfkit made the chart {name}")
        if any(Path(file).is_absolute() or ".." in Path(file).parts for file in files):
            raise UsageError(f"{folder / MARKER}: names files elsewhere")
        return frozenset((*files, MARKER))

    return check_output(folder, MARKER, listed)


def _marked_files(chart: Chart) -> dict[str, str]:
    """The chart's files, and the list of them that says the folder is ours."""
    listed = "".join(f"{path}\n" for path in chart.files)
    return {**chart.files, MARKER: f"# made by kfkit charts generate: {chart.name}\n{listed}"}


def _changes(before: Mapping[str, str], chart: Chart) -> ChangeSummary | None:
    files = {path: text for path, text in before.items() if path != MARKER}
    return summarise(files, chart.files) if files else None


def _told(one: MadeChart, chart: Chart, folder: Path, changes: ChangeSummary | None) -> GeneratedChart:
    return GeneratedChart(
        name=chart.name,
        version=one.release.version,
        app_version=one.release.app_version,
        folder=str(folder),
        profiles=tuple(one.input.renders),
        objects=sum(len(names) for names in chart.objects.values()),
        values=len(chart.values),
        changes=changes,
    )

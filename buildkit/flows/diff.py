"""`kfkit diff A B`: two renders as they are, or (diff_sides.py) what has to be rendered first -> what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.compare.compare import CompareError, compare_texts
from buildkit.compare.outcome import Outcome, outcome_of
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.options import ChartOptions, RemoteOptions
from buildkit.flows.render_files import read_file, read_stdin

if TYPE_CHECKING:
    from buildkit.compare.compare import Text
    from buildkit.flows.watch import Watch

ARCHIVES: Final = (".tgz", ".tar.gz")


@dataclass(frozen=True, kw_only=True, slots=True)
class DiffRequest:
    """What to compare.

    Attributes:
        a: a rendered YAML file, `-`, a chart, a kustomization, a tree, `github.com/OWNER/REPO@REF`.
        b: the other side; None where two revisions of A are compared.
        rev_a: the git revision of A that is the one side; `rev_b` that of the other, None for the work tree as it is.
        tree: compare every kustomization in A and B, even where they are kustomizations themselves.
        chart_a: how to render A, if it is a chart; `chart_b` likewise.
        remotes: where remote bases come from.
    """

    a: str
    b: str | None = None
    rev_a: str | None = None
    rev_b: str | None = None
    tree: bool = False
    chart_a: ChartOptions = field(default_factory=ChartOptions)
    chart_b: ChartOptions = field(default_factory=ChartOptions)
    remotes: RemoteOptions = field(default_factory=RemoteOptions)


def run_diff(request: DiffRequest, watch: Watch) -> Outcome:
    """Compare A and B.

    Raises:
        UsageError: there is no A or B, they are of kinds that cannot be compared, options that do not fit them.
        UndeterminedError: one of two renders cannot be had or read; a program is missing.
    """
    _check_arguments(request)
    if _is_render(request.a, request) and _is_render(request.b, request):
        with watch.stage("read"):
            a, b = (_read(one) for one in (request.a, request.b or ""))
        return compare_renders((request.a, request.b or ""), (a, b), watch)
    from buildkit.flows.diff_sides import compare_sides  # noqa: PLC0415  (heavy: only where something is rendered)

    return compare_sides(request, watch)


def _check_arguments(request: DiffRequest) -> None:
    if request.rev_a is None and request.rev_b is not None:
        raise UsageError("--rev-b needs --rev-a", hint="A at --rev-a is compared with A at --rev-b, or as it is now")
    if request.rev_a is not None and request.b is not None:
        raise UsageError("two revisions of A are compared, so there is no B", hint="leave B out")
    if request.rev_a is None and request.b is None:
        raise UsageError("there is nothing to compare A with", hint="name B, or a git revision of A with --rev-a")
    if request.a == request.b == "-":
        raise UsageError("only one of A and B can be standard input")
    if request.a == "-" and request.rev_a is not None:
        raise UsageError("standard input has no revisions")


def _is_render(given: str | None, request: DiffRequest) -> bool:
    """Tell a render that is there already from what has to be looked at, or rendered, first."""
    if given is None or request.tree or any((*_chart_values(request.chart_a), *_chart_values(request.chart_b))):
        return False
    return given == "-" or (Path(given).exists() and not Path(given).is_dir() and not given.endswith(ARCHIVES))


def _chart_values(chart: ChartOptions) -> tuple[object, ...]:
    return (*chart.values, *chart.sets)


def _read(given: str) -> Text:
    return read_stdin() if given == "-" else read_file(given, Path(given))


def compare_renders(shown: tuple[str, str], texts: tuple[Text, Text], watch: Watch) -> Outcome:
    """Compare two renders.

    Raises:
        UsageError: there is nothing in them.
        UndeterminedError: one cannot be read.
    """
    if not any(one.text.strip() for one in texts):
        raise UsageError(f"{shown[0]} and {shown[1]} are both empty: nothing to compare")
    with watch.stage("compare"):
        try:
            return outcome_of(*shown, compare_texts(*texts))
        except CompareError as error:
            raise UndeterminedError(f"{error.name}:{error.line}: {error}") from error

"""`kfkit diff A B`: two renders, or two trees kustomization by kustomization -> what differs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.compare.compare import CompareError, compare_texts
from buildkit.compare.outcome import Outcome, outcome_of
from buildkit.edges.files import scratch_folder
from buildkit.edges.git import place_in_repository, repository_root
from buildkit.edges.revisions import export_revision
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.diff_trees import compare_trees
from buildkit.flows.operands import ChartOptions, Operand, kind_of, start
from buildkit.flows.sources import find_root, gather
from buildkit.flows.store import RemoteOptions, keep_lock, open_store

if TYPE_CHECKING:
    from buildkit.edges.remotes import RemoteStore
    from buildkit.flows.watch import Watch

_CHARTS: Final = frozenset({"chart", "archive"})


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
    store = open_store(request.remotes)
    with ExitStack() as stack:
        with watch.stage("read"):
            a, b = _operands(request, stack)
            _check_kinds(a, b)
        outcome = _tree_outcome(a, b, store, watch) if a.kind == "tree" else _render_outcome(a, b, store, watch)
    keep_lock(request.remotes, store, watch)
    return outcome


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


def _operands(request: DiffRequest, stack: ExitStack) -> tuple[Operand, Operand]:
    if request.rev_a is None:
        a, b = (_operand(one, request) for one in (request.a, request.b or ""))
    else:
        a = _at_revision(request, request.rev_a, stack)
        b = _at_revision(request, request.rev_b, stack) if request.rev_b is not None else _operand(request.a, request)
    return replace(a, chart=request.chart_a), replace(b, chart=request.chart_b)


def _operand(given: str, request: DiffRequest) -> Operand:
    if given == "-":
        if request.tree:
            raise UsageError("standard input is one render, no tree of kustomizations")
        return Operand(shown="-", path=Path(), kind="stdin")
    path = find_root(given, offline=request.remotes.offline)
    # Of a clone nothing leads into the rest of the cache.
    top = None if Path(given).exists() else path
    return Operand(shown=given, path=path, kind=kind_of(path, given, tree=request.tree), top=top)


def _at_revision(request: DiffRequest, revision: str, stack: ExitStack) -> Operand:
    """A as it was, in a scratch folder that goes with the run.

    Of a kustomization the whole work tree: its bases may lie anywhere in it.
    """
    place = Path(request.a).absolute()
    if not place.exists():
        raise UsageError(f"{request.a}: no such file or directory", hint="--rev-a takes A from a git work tree")
    shown = f"{request.a}@{revision}"
    folder = place if place.is_dir() else place.parent
    inner = Path(place_in_repository(folder)) / ("" if place.is_dir() else place.name)
    alone = place.is_dir() and kind_of(place, shown, tree=request.tree) in {"tree", "chart"}
    top = place if alone else repository_root(folder) or folder
    scratch = stack.enter_context(scratch_folder())
    export_revision(top, revision, scratch)
    path = scratch if alone else scratch / inner
    if not path.exists():
        raise UsageError(f"{shown}: not there in revision {revision}")
    return Operand(shown=shown, path=path, kind=kind_of(path, shown, tree=request.tree), top=scratch)


def _check_kinds(a: Operand, b: Operand) -> None:
    if (a.kind == "tree") != (b.kind == "tree"):
        tree, other = (a, b) if a.kind == "tree" else (b, a)
        raise UsageError(
            f"{tree.shown} is a tree of kustomizations, {other.shown} is one render",
            hint=f"name one kustomization in {tree.shown}, or compare two trees with --tree",
        )
    for name, one in (("a", a), ("b", b)):
        if one.kind not in _CHARTS and (one.chart.values or one.chart.sets):
            option = f"--values-{name}" if one.chart.values else f"--set-{name}"
            raise UsageError(f"{option}: {one.shown} is no chart", hint="values are for charts only")


def _render_outcome(a: Operand, b: Operand, store: RemoteStore, watch: Watch) -> Outcome:
    with watch.stage("render"), ExitStack() as stack:
        finish = [start(one, store, stack) for one in (a, b)]
        text_a, text_b = (one() for one in finish)
    if not text_a.text.strip() and not text_b.text.strip():
        raise UsageError(f"{a.shown} and {b.shown} are both empty: nothing to compare")
    with watch.stage("compare"):
        try:
            return outcome_of(a.shown, b.shown, compare_texts(text_a, text_b))
        except CompareError as error:
            raise UndeterminedError(f"{error.name}:{error.line}: {error}") from error


def _tree_outcome(a: Operand, b: Operand, store: RemoteStore, watch: Watch) -> Outcome:
    with watch.stage("read"):
        sides = gather(a.path, store), gather(b.path, store)
    return compare_trees(sides, (a.shown, b.shown), store, watch)

"""The sides of `kfkit diff` that are no renders yet: charts, kustomizations, trees, and git revisions of them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import scratch_folder
from buildkit.edges.git import place_in_repository, repository_root
from buildkit.edges.revisions import export_revision
from buildkit.errors import UsageError
from buildkit.flows.diff import compare_renders
from buildkit.flows.diff_trees import compare_trees
from buildkit.flows.operands import Operand, kind_of, start
from buildkit.flows.sources import find_root, gather
from buildkit.flows.store import keep_lock, open_store

if TYPE_CHECKING:
    from buildkit.compare.outcome import Outcome
    from buildkit.edges.remotes import RemoteStore
    from buildkit.flows.diff import DiffRequest
    from buildkit.flows.watch import Watch

_CHARTS: Final = frozenset({"chart", "archive"})


def compare_sides(request: DiffRequest, watch: Watch) -> Outcome:
    """Render both sides, and compare.

    Raises:
        UsageError: there is no A or B, they are of kinds that cannot be compared, options that do not fit them.
        UndeterminedError: one of two renders cannot be had or read; a program is missing.
    """
    store = open_store(request.remotes)
    with ExitStack() as stack:
        with watch.stage("read"):
            a, b = _operands(request, stack)
            _check_kinds(a, b)
        outcome = _tree_outcome(a, b, store, watch) if a.kind == "tree" else _render_outcome(a, b, store, watch)
    keep_lock(request.remotes, store, watch)
    return outcome


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
    return compare_renders((a.shown, b.shown), (text_a, text_b), watch)


def _tree_outcome(a: Operand, b: Operand, store: RemoteStore, watch: Watch) -> Outcome:
    with watch.stage("read"):
        sides = gather(a.path, store), gather(b.path, store)
    return compare_trees(sides, (a.shown, b.shown), store, watch)

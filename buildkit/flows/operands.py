"""What `kfkit diff` compares: rendered YAML as it is, a kustomization or a chart rendered to it, or a tree of many."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from buildkit.compare.compare import Text
from buildkit.edges import helm
from buildkit.edges.charts import unpack_chart
from buildkit.edges.files import scratch_folder
from buildkit.edges.tools import HELM, KUSTOMIZE, find_program
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.diff import ARCHIVES
from buildkit.flows.options import ChartOptions
from buildkit.flows.reading import kustomization_file, part_of
from buildkit.flows.render_files import decoded, read_file, read_stdin
from buildkit.flows.rendering import Renderings
from buildkit.flows.sources import gather

if TYPE_CHECKING:
    from contextlib import ExitStack

    from buildkit.edges.remotes import RemoteStore

Kind = Literal["stdin", "file", "chart", "archive", "kustomization", "tree"]
Finish = Callable[[], Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class Operand:
    """One side of a comparison.

    Attributes:
        shown: what reports call it: as it was given, with the revision where there is one.
        path: where it is; no meaning for standard input.
        kind: what it is.
        top: the folder that nothing in it may leave, None for the git work tree it lies in.
        chart: how to render it, if it is a chart.
    """

    shown: str
    path: Path
    kind: Kind
    top: Path | None = None
    chart: ChartOptions = field(default_factory=ChartOptions)


def kind_of(path: Path, shown: str, *, tree: bool) -> Kind:
    """Tell what lies at a path.

    Raises:
        UsageError: a tree is asked for and this is none.
        UndeterminedError: it cannot be looked into.
    """
    try:
        return _kind_of(path, shown, tree=tree)
    except OSError as error:
        raise UndeterminedError(f"{shown}: cannot be read: {error.strerror}") from error


def _kind_of(path: Path, shown: str, *, tree: bool) -> Kind:
    if not path.is_dir():
        if tree:
            raise UsageError(f"{shown}: no folder, so there is no tree of kustomizations to compare")
        packed = path.name.endswith(ARCHIVES) and stat.S_ISREG(path.stat().st_mode)
        return "archive" if packed else "file"
    if tree:
        return "tree"
    if (path / "Chart.yaml").is_file():
        return "chart"
    return "tree" if kustomization_file(path) is None else "kustomization"


def start(operand: Operand, store: RemoteStore, stack: ExitStack) -> Finish:
    """Begin to read or render what is one render; what is returned waits for it.

    Raises:
        UsageError: there is nothing to read or render.
        UndeterminedError: a program is missing, or a remote base cannot be had; from what is returned, also where it
            cannot be read or rendered.
    """
    if operand.kind == "stdin":
        return partial(read_stdin)
    if operand.kind == "file":
        return partial(read_file, operand.shown, operand.path)
    if operand.kind == "kustomization":
        return _start_kustomization(operand, store, stack)
    return partial(_chart_text, operand)


def _start_kustomization(operand: Operand, store: RemoteStore, stack: ExitStack) -> Finish:
    root, part = part_of(operand.path, operand.top)
    renderings = stack.enter_context(Renderings(gather(root, store, part), find_program(KUSTOMIZE), workers=1))
    renderings.start(part.folder)
    return partial(_kustomization_text, operand, renderings)


def _kustomization_text(operand: Operand, renderings: Renderings) -> Text:
    (rendering,) = renderings.finish()
    if rendering.output is None:
        raise UndeterminedError(f"{operand.shown}: does not render: {rendering.why}")
    return decoded(operand.shown, rendering.output.read_bytes())


def _chart_text(operand: Operand) -> Text:
    with scratch_folder() as scratch:
        chart, output = operand.path, scratch / "render.yaml"
        if operand.kind == "archive":
            chart = unpack_chart(operand.path, scratch / "chart")
        options = operand.chart
        build = helm.template(
            find_program(HELM),
            chart,
            output,
            values=options.values,
            sets=options.sets,
            name=options.name,
            namespace=options.namespace,
        )
        if build.why is not None:
            why = build.why.replace(str(chart), operand.shown)
            raise UndeterminedError(f"{operand.shown}: does not render: {why}")
        return decoded(operand.shown, output.read_bytes())

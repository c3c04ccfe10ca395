"""`kfkit diff A B`: what differs between two renders, two trees, or two revisions of one."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import FILE, option, output_options, remote_options, together
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.cli.output import Writer
    from buildkit.compare.outcome import Outcome

FORMATS = ("text", "json", "markdown", "html")

revision_options = together(
    option("--rev-a", metavar="REV", help="Take A from this git revision, and compare it with A at --rev-b."),
    option("--rev-b", metavar="REV", help="The other revision of A.  [default: the work tree as it is]"),
)

chart_options = together(
    option("--values-a", multiple=True, type=FILE, help="Values for A, a chart; the last file wins."),
    option("--values-b", multiple=True, type=FILE, help="Values for B, a chart; the last file wins."),
    option("--set-a", multiple=True, metavar="KEY=VALUE", help="One value for A, a chart, as helm reads it."),
    option("--set-b", multiple=True, metavar="KEY=VALUE", help="One value for B, a chart, as helm reads it."),
    option("--release-name", default="release-name", show_default=True, help="Release that charts are rendered for."),
    option("--namespace", default="default", show_default=True, help="Namespace that charts are rendered for."),
)


@click.command(
    "diff",
    epilog="""\b
Examples:
  kfkit diff before.yaml after.yaml
  kustomize build overlays/mine | kfkit diff before.yaml -
  kfkit diff ../manifests/example ../mine/example --remotes ../kustomize-remotes
  kfkit diff chart overlays/mine --values-a values.yaml --namespace kubeflow
  kfkit diff . --rev-a main                   every kustomization here, since main
  kfkit diff example --rev-a v1.11.0 --rev-b 26.03
  kfkit diff ../manifests github.com/kubeflow/manifests@v1.11.0 --tree --format json

A and B are each a file of rendered YAML, - for standard input, a chart (its folder or its .tgz), a folder with a
kustomization in it, a folder that holds kustomizations (a tree), or github.com/OWNER/REPO@REF. Read are: the folder
itself; of a kustomization also the folders that it takes in by relative path, wherever they lie, in a git work tree
not outside of it; remote bases. Nothing is written there.

Strict: no label, annotation, hash suffix, empty map, null or space is passed over, lists are in order. No differences:
the order of documents and of keys, YAML style, comments, anchors, a List around objects.

Exit code 0: equal; 1: they differ; 2: wrong arguments; 3: something could not be read or rendered. A kustomization
of two trees that neither side can render, for the same reason, is listed only.""",
)
# Eager: a kfkit.toml that lies in one of them must not be read.
@click.argument("a", metavar="A", is_eager=True)
@click.argument("b", metavar="[B]", required=False, is_eager=True)
@option("--tree", is_flag=True, help="Compare every kustomization in A and B, by path.")
@revision_options
@chart_options
@remote_options
@output_options(*FORMATS)
def command(  # noqa: PLR0917  (click passes options by name)
    a: str,
    b: str | None,
    tree: bool,
    rev_a: str | None,
    rev_b: str | None,
    values_a: tuple[Path, ...],
    values_b: tuple[Path, ...],
    set_a: tuple[str, ...],
    set_b: tuple[str, ...],
    release_name: str,
    namespace: str,
    remotes: tuple[Path, ...],
    offline: bool,
    lock: Path,
    update_lock: bool,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Say what differs between A and B: object by object, value by value.

    With --rev-a it is A that is compared, at two git revisions, and B is left out.
    """
    from buildkit.flows.diff import DiffRequest, run_diff  # noqa: PLC0415  (heavy: YAML)
    from buildkit.flows.options import ChartOptions, RemoteOptions  # noqa: PLC0415

    # Values are trees, which go by themselves: looking for circles in them took a fifth of a comparison.
    gc.disable()
    watch = make_watch()
    request = DiffRequest(
        a=a,
        b=b,
        rev_a=rev_a,
        rev_b=rev_b,
        tree=tree,
        chart_a=ChartOptions(values=values_a, sets=set_a, name=release_name, namespace=namespace),
        chart_b=ChartOptions(values=values_b, sets=set_b, name=release_name, namespace=namespace),
        remotes=RemoteOptions(remotes=remotes, offline=offline, lock=lock, update_lock=update_lock),
    )
    outcome = run_diff(request, watch)
    emit(_writers(outcome), output_format, reports)
    for problem in outcome.problems:
        watch.tell(f"not known: {problem}")
    if timings:
        print_timings(watch)
    return exit_of(outcome)


def exit_of(outcome: Outcome) -> Exit:
    """Differences count more than what is not known: they are certain."""
    if outcome.differs:
        return Exit.PROBLEMS
    return Exit.UNDETERMINED if outcome.problems else Exit.OK


def _writers(outcome: Outcome) -> dict[str, Writer]:
    return {
        "text": partial(_text, outcome, colour=use_colour()),
        "json": partial(_json, outcome),
        "markdown": partial(_markdown, outcome),
        "html": partial(_html, outcome),
    }


def _text(outcome: Outcome, *, colour: bool) -> bytes:
    from buildkit.report.diff_text import diff_text  # noqa: PLC0415

    return diff_text(outcome, colour=colour)


def _json(outcome: Outcome) -> bytes:
    from buildkit.report.documents import diff_document  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("diff", diff_document(outcome))


def _markdown(outcome: Outcome) -> bytes:
    from buildkit.report.diff_markdown import diff_markdown  # noqa: PLC0415

    return diff_markdown(outcome)


def _html(outcome: Outcome) -> bytes:
    from buildkit.report.diff_html import diff_html  # noqa: PLC0415  (heavy: templates)

    return diff_html(outcome)

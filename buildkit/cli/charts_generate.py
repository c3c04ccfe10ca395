"""`kfkit charts generate`: charts of a release, from their specifications."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from buildkit.cli.charts_options import charts_options
from buildkit.cli.options import option, output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from buildkit.charts.outcome import GenerateOutcome
    from buildkit.cli.output import Writer
    from buildkit.errors import Exit
    from buildkit.flows.charts import ChartsRequest

FORMATS = ("text", "json", "github")


@click.command(
    "generate",
    epilog="""\b
Examples:
  kfkit charts generate --manifests ../manifests
  kfkit charts generate katib --manifests github.com/kubeflow/manifests@v1.11.0 --audit audit.json
  kfkit charts generate --manifests ../manifests --into ../manifests --check

\b
A folder that kfkit did not make is never written to. Templates are not edited: what is particular to a chart
stands in its specification.
Exit codes: 0 the charts are there; 1 a specification lacks something for this release, or --check found that
what lies there is not what would be written; 2 wrong arguments or specifications; 3 a kustomization could not
be rendered, or a program is missing.""",
)
@charts_options
@option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("dist/charts"),
    show_default=True,
    help="Where the charts go, a folder each.",
)
@option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Tree to write them into instead, as <component>/helm/<chart>.",
)
@option(
    "--check",
    is_flag=True,
    help="Write nothing; exit code 1 if what lies in --output or --into is not what would be written.",
)
@output_options(*FORMATS)
def command(  # noqa: PLR0917  (click passes options by name)
    charts: ChartsRequest,
    output: Path,
    into: Path | None,
    check: bool,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Make Helm charts of a release: of each specification NAME, else of all in --specs.

    Every profile of a chart renders what its kustomization renders, document by document; `kfkit charts check` proves
    it.
    """
    into = _one_place(click.get_current_context(), into, check=check)
    from buildkit.flows.charts import GenerateRequest, generate  # noqa: PLC0415  (heavy: YAML)
    from buildkit.report.charts_words import exit_of_generation  # noqa: PLC0415

    watch = make_watch()
    outcome = generate(GenerateRequest(charts=charts, output=output, into=into, check=check), watch)
    emit(_writers(outcome, check=check), output_format, reports)
    if timings:
        print_timings(watch)
    return exit_of_generation(outcome)


def _one_place(context: click.Context, into: Path | None, *, check: bool) -> Path | None:
    """`--into`, unless an `--output` on the command line stands against one that comes from elsewhere."""
    sources = {name: context.get_parameter_source(name) for name in ("output", "into")}
    if into is not None and sources["output"] is ParameterSource.COMMANDLINE:
        if sources["into"] is ParameterSource.COMMANDLINE:
            raise click.UsageError("--output and --into: the charts go to one of them.")
        return None
    if check and into is None and sources["output"] is ParameterSource.DEFAULT:
        raise click.UsageError("--check needs --output or --into: what lies there is looked at.")
    return into


def _writers(outcome: GenerateOutcome, *, check: bool) -> dict[str, Writer]:
    return {
        "text": partial(_text, outcome, check=check, colour=use_colour()),
        "json": partial(_json, outcome),
        "github": partial(_github, outcome),
    }


def _text(outcome: GenerateOutcome, *, check: bool, colour: bool) -> bytes:
    from buildkit.report.charts_generate_text import charts_generate_text  # noqa: PLC0415

    return charts_generate_text(outcome, check=check, colour=colour)


def _json(outcome: GenerateOutcome) -> bytes:
    from buildkit.report.charts_document import chart_generation_document  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("chart-generation", chart_generation_document(outcome))


def _github(outcome: GenerateOutcome) -> bytes:
    from buildkit.report.charts_github import charts_github  # noqa: PLC0415

    return charts_github(outcome.problems)

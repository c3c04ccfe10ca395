"""`kfkit charts check`: proof that charts render what Kustomize does, and that their values do what they say."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.charts_options import charts_options
from buildkit.cli.options import FOLDER, option, output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.charts.outcome import CheckOutcome
    from buildkit.cli.output import Writer
    from buildkit.errors import Exit
    from buildkit.flows.charts import ChartsRequest

FORMATS = ("text", "json", "markdown", "github")


@click.command(
    "check",
    epilog="""\b
Examples:
  kfkit charts check --manifests ../manifests
  kfkit charts check katib --manifests ../manifests --helm 3 --helm 4
  kfkit charts check --manifests ../manifests --previous last/charts --report markdown=summary.md
  kfkit charts check --manifests ../manifests --equality-only --format json

\b
Charts are made anew for it; nothing is written. A difference that the specification accepts is always listed,
with its reason; one that it accepts and that is not there is a problem.
Exit codes: 0 every profile is equal and every value right; 1 something differs or is wrong; 2 wrong arguments
or specifications; 3 something could not be rendered, or a helm that was asked for is missing.""",
)
@charts_options
@option(
    "--previous",
    type=FOLDER,
    help="Charts of the release before, as `generate` writes them: can each be upgraded to the new one?",
)
@option(
    "--helm",
    "helms",
    multiple=True,
    type=click.Choice(["3", "4"]),
    help="Major version of helm that has to render them too; may be repeated.  [default: those that are installed]",
)
@option("--equality-only", is_flag=True, help="Compare every profile with its kustomization, and check nothing else.")
@output_options(*FORMATS)
def command(  # noqa: PLR0917  (click passes options by name)
    charts: ChartsRequest,
    previous: Path | None,
    helms: tuple[str, ...],
    equality_only: bool,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Prove the Helm charts of a release: of each specification NAME, else of all in --specs.

    Every profile against its kustomization, strictly; then every value, several at once, and another namespace: the
    render changes where the specification says, and nowhere else.
    """
    from buildkit.flows.charts_check import CheckRequest, check  # noqa: PLC0415  (heavy: YAML)
    from buildkit.report.charts_words import exit_of_check  # noqa: PLC0415

    # Values are trees, which go by themselves: looking for circles in them takes a fifth of a comparison.
    gc.disable()
    watch = make_watch()
    wanted = tuple(sorted(set(helms)))
    request = CheckRequest(charts=charts, previous=previous, helms=wanted, equality_only=equality_only)
    outcome = check(request, watch)
    emit(_writers(outcome), output_format, reports)
    if timings:
        print_timings(watch)
    return exit_of_check(outcome)


def _writers(outcome: CheckOutcome) -> dict[str, Writer]:
    return {
        "text": partial(_text, outcome, colour=use_colour()),
        "json": partial(_json, outcome),
        "markdown": partial(_markdown, outcome),
        "github": partial(_github, outcome),
    }


def _text(outcome: CheckOutcome, *, colour: bool) -> bytes:
    from buildkit.report.charts_text import charts_text  # noqa: PLC0415

    return charts_text(outcome, colour=colour)


def _json(outcome: CheckOutcome) -> bytes:
    from buildkit.report.charts_document import charts_document  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("charts", charts_document(outcome))


def _markdown(outcome: CheckOutcome) -> bytes:
    from buildkit.report.charts_markdown import charts_markdown  # noqa: PLC0415

    return charts_markdown(outcome)


def _github(outcome: CheckOutcome) -> bytes:
    from buildkit.report.charts_github import charts_github  # noqa: PLC0415

    return charts_github(outcome.problems)

"""`kfkit charts package`: archives of charts, the same bytes each time."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import FOLDER, option, output_options, today_option
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from datetime import date

    from buildkit.charts.packages import Packages
    from buildkit.errors import Exit


@click.command(
    "package",
    epilog="""\b
Examples:
  kfkit charts package
  kfkit charts package dist/charts/katib --output out
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) kfkit charts package

\b
helm reads and checks each chart; .helmignore counts. The files of one day's archives have that day's time, so that
the same charts give the same bytes. Nothing is written unless every chart can be packaged.
Exit codes: 0 every archive is there; 1 --check found that one would be written; 2 wrong arguments, or a chart
that helm does not package; 3 there is no helm that will do, or it did not get to an end.""",
)
@click.argument("folders", metavar="[CHART_FOLDER]...", nargs=-1, type=FOLDER)
@option(
    "--charts",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("dist/charts"),
    show_default=True,
    help="Folder of charts, all of which are packaged unless some are named.",
)
@option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("dist/packages"),
    show_default=True,
    help="Where the archives go; an older one of the same name is replaced.",
)
@option("--check", is_flag=True, help="Write nothing; exit code 1 if an archive would be written.")
@today_option
@output_options("text", "json")
def command(  # noqa: PLR0917  (click passes options by name)
    folders: tuple[Path, ...],
    charts: Path,
    output: Path,
    check: bool,
    today: date,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Make <name>-<version>.tgz of charts: of each CHART_FOLDER, else of all in --charts."""
    from buildkit.flows.charts_package import PackageRequest, package_charts  # noqa: PLC0415  (heavy: YAML)

    watch = make_watch()
    epoch = int(datetime.combine(today, time(), UTC).timestamp())
    request = PackageRequest(folders=folders, charts=charts, output=output, epoch=epoch, check=check)
    packages = package_charts(request, watch)
    emit(
        {"text": partial(_text, packages, colour=use_colour()), "json": partial(_json, packages)},
        output_format,
        reports,
    )
    if timings:
        print_timings(watch)
    return packages.exit


def _text(packages: Packages, *, colour: bool) -> bytes:
    from buildkit.report.chart_packages_text import packages_text  # noqa: PLC0415

    return packages_text(packages, colour=colour)


def _json(packages: Packages) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("chart-packages", packages)

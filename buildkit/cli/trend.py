"""`kfkit trend DIR`: how a folder of nightly reports developed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import FOLDER, output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.audit.trend import Trend


@click.command(
    "trend",
    epilog="""\b
Examples:
  kfkit trend history
  kfkit trend history --format html > trend.html
  kfkit trend history --report html=index.html --report markdown=summary.md

Reads every *.json below DIR, whatever they are called: release and day stand in the reports. Write them with
kfkit audit MANIFESTS --report json=DIR/RELEASE/YYYY-MM-DD.json. Exit code 0; 2: DIR holds no report, or a file
that is none.""",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@output_options("text", "json", "markdown", "html")
def command(folder: Path, output_format: str, reports: tuple[tuple[str, Path], ...], timings: bool) -> Exit:
    """Show how many images of each component work on each platform, night by night, and what changed when."""
    from buildkit.flows.trend import read_trend  # noqa: PLC0415  (heavy: JSON)

    watch = make_watch()
    trend = read_trend(folder, watch)
    writers = {
        "text": partial(_text, trend, colour=use_colour()),
        "json": partial(_json, trend),
        "markdown": partial(_markdown, trend),
        "html": partial(_html, trend),
    }
    emit(writers, output_format, reports)
    if timings:
        print_timings(watch)
    return Exit.OK


def _text(trend: Trend, *, colour: bool) -> bytes:
    from buildkit.report.trend_text import trend_text  # noqa: PLC0415

    return trend_text(trend, colour=colour)


def _json(trend: Trend) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("trend", trend)


def _markdown(trend: Trend) -> bytes:
    from buildkit.report.trend_markdown import trend_markdown  # noqa: PLC0415

    return trend_markdown(trend)


def _html(trend: Trend) -> bytes:
    from buildkit.report.trend_html import trend_html  # noqa: PLC0415  (heavy: templates)

    return trend_html(trend)

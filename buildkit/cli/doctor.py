"""`kfkit doctor`: what is installed, which versions, and how to get what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from buildkit.cli.options import output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "doctor",
    epilog="""\b
Examples:
  kfkit doctor
  kfkit doctor --format json

Exit codes: 0 what the commands need is there, 3 something of it is not.""",
)
@output_options("text", "json")
def command(output_format: str, reports: tuple[tuple[str, Path], ...], *, timings: bool) -> int:
    """Say which programs are installed, which builder there is and what it can run, and how to get what is missing."""
    from buildkit.errors import Exit  # noqa: PLC0415
    from buildkit.flows.doctor import examine  # noqa: PLC0415  (only when it runs: --help stays quick)
    from buildkit.report.doctor_text import doctor_text  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    watch = make_watch()
    found = examine(watch)
    writers = {
        "text": lambda: doctor_text(found, colour=use_colour()),
        "json": lambda: encode("doctor", found),
    }
    emit(writers, output_format, reports)
    if timings:
        print_timings(watch)
    return Exit.OK if found.ready else Exit.UNDETERMINED

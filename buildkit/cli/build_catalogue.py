"""`kfkit build catalogue`: what is built from what, and whether it is still so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.build_options import catalogue_option, source_option
from buildkit.cli.options import output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.builds.drift import CatalogueCheck

FORMATS = ("text", "json")


@click.command(
    "catalogue",
    epilog="""\b
Examples:
  kfkit build catalogue
  kfkit build catalogue kubeflow/katib --format json
  kfkit build catalogue --source kubeflow/katib=../katib --source kubeflow/notebooks@notebooks-v1=../notebooks

Exit codes: 0 all that was checked is as the catalogue says, 1 something is not, 2 wrong arguments or
catalogue, 3 a checkout cannot be read.""",
)
@click.argument("components", metavar="[COMPONENT]...", nargs=-1)
@catalogue_option
@source_option
@output_options(*FORMATS)
def command(  # noqa: PLR0917  (click passes options by name)
    components: tuple[str, ...],
    catalogue: Path | None,
    sources: tuple[str, ...],
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Show a catalogue's components, and hold them against checkouts of their repositories.

    Of each checkout: that contexts, Dockerfiles, stages and build arguments are there, and that no Dockerfile is
    there which no component is built from and nothing ignores.
    """
    from buildkit.flows.build_catalogue import CatalogueRequest, check_catalogue  # noqa: PLC0415  (heavy: YAML)

    watch = make_watch()
    request = CatalogueRequest(components=components, catalogue=catalogue, sources=sources)
    check = check_catalogue(request, watch)
    writers = {"text": partial(_text, check, colour=use_colour()), "json": partial(_json, check)}
    emit(writers, output_format, reports)
    if timings:
        print_timings(watch)
    return Exit.PROBLEMS if check.drift else Exit.OK


def _text(check: CatalogueCheck, *, colour: bool) -> bytes:
    from buildkit.report.build_catalogue_text import catalogue_text  # noqa: PLC0415

    return catalogue_text(check, colour=colour)


def _json(check: CatalogueCheck) -> bytes:
    from buildkit.report.build_catalogue_document import catalogue_document  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("build-catalogue", catalogue_document(check))

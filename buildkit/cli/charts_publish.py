"""`kfkit charts publish`: archives to a registry, proven by pulling them back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import FILE, option, output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from buildkit.charts.packages import Publication
    from buildkit.errors import Exit


@click.command(
    "publish",
    epilog="""\b
Examples:
  kfkit charts publish --registry oci://ghcr.io/kubeflow/charts
  kfkit charts publish dist/packages/katib-0.19.0.tgz --registry oci://localhost:5000/charts --check

\b
helm pushes, with the credentials of `helm registry login` or `docker login`. This machine, and hosts that
registries.conf calls insecure, may be spoken to over plain HTTP. SSL_CERT_FILE names other authorities.
Exit codes: 0 every chart is there, read back and equal; 1 a version is taken by something else (then nothing
is pushed), what is read back is not what was pushed, or --check found that something would be pushed;
2 wrong arguments or files; 3 a registry or helm did not get to an end.""",
)
@click.argument("archives", metavar="[ARCHIVE]...", nargs=-1, type=FILE)
@option(
    "--packages",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("dist/packages"),
    show_default=True,
    help="Folder of archives, all of which are published unless some are named.",
)
@option("--registry", required=True, metavar="oci://HOST[/PREFIX]", help="Where to: PREFIX/<name>:<version>.")
@option("--force", is_flag=True, help="Push over a version that stands for something else.")
@option("--check", is_flag=True, help="Push nothing; exit code 1 if something would be pushed.")
@option("--registries-conf", type=FILE, help="containers-registries.conf (v2): locations and insecure hosts.")
@output_options("text", "json")
def command(  # noqa: PLR0917  (click passes options by name)
    archives: tuple[Path, ...],
    packages: Path,
    registry: str,
    force: bool,
    check: bool,
    registries_conf: Path | None,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Push packaged charts (each ARCHIVE, else all in --packages), and pull each back: is it what was pushed?

    What is there with the same bytes stays; a version that stands for anything else is never pushed over.
    """
    from buildkit.flows.charts_publish import PublishRequest, open_client, publish_charts  # noqa: PLC0415  (sockets)

    watch = make_watch()
    request = PublishRequest(archives=archives, packages=packages, registry=registry, force=force, check=check)
    publication = publish_charts(request, open_client(registries_conf), watch)
    emit(
        {"text": partial(_text, publication, colour=use_colour()), "json": partial(_json, publication)},
        output_format,
        reports,
    )
    if timings:
        print_timings(watch)
    return publication.exit


def _text(publication: Publication, *, colour: bool) -> bytes:
    from buildkit.report.chart_packages_text import publication_text  # noqa: PLC0415

    return publication_text(publication, colour=colour)


def _json(publication: Publication) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("chart-publish", publication)

"""`kfkit build merge RESULTS…`: what several runners built, as one index, verified, then tagged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.build_release import finish, open_client, release_options, starter
from buildkit.cli.output import make_watch

if TYPE_CHECKING:
    from buildkit.errors import Exit


@click.command(
    "merge",
    epilog="""\b
Examples:
  kfkit build merge dist/builds
  kfkit build merge amd64/console.linux-amd64.json arm64/console.linux-arm64.json --report json=merge.json

Exit codes: 0 every tag is set, or was there for this very index; 1 something is not as built, or a tag
would have to be moved; 2 the results do not belong together, or a platform is missing; 3 something could
not be found out. Unless it is 0, see the report for which tags were set: none before all is proven.""",
)
@click.argument("results", metavar="RESULTS...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@release_options
def command(  # noqa: PLR0917  (click passes options by name)
    results: tuple[Path, ...],
    force: bool,
    start: bool,
    registries_conf: Path | None,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Join what several runners built: RESULTS are files of `kfkit build run --platform …`, or folders of them."""
    from buildkit.flows.build_merge import MergeRequest, merge_results  # noqa: PLC0415  (heavy)

    watch = make_watch()
    request = MergeRequest(results=results, force=force, engine=starter(start=start))
    outcome = merge_results(request, open_client(registries_conf), watch)
    return finish(outcome, watch, output_format, reports, timings=timings)

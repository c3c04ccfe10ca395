"""`kfkit build verify`: read tags back from the registry and prove what they serve."""

from __future__ import annotations

import gc
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import FILE, option, output_options, platform_option
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.verification import Verification
    from buildkit.cli.output import Writer
    from buildkit.flows.build_verify import Starter


@click.command(
    "verify",
    epilog="""\b
Examples:
  kfkit build verify ghcr.io/kubeflow/katib/katib-controller:v0.19.0
  kfkit build verify --plan plan.json --result dist/builds --run
  kfkit build verify ghcr.io/me/app:v1 --run --smoke "/app --version"
  kfkit build verify "ghcr.io/me/app:v1@sha256:..."   the tag must stand for that index

\b
Built, indexed and executed are three columns: what was not executed has not passed.
Exit codes: 0 all is proven, 1 a problem, 2 wrong arguments or files,
3 something could not be found out (with --run: or was not executed).""",
)
@click.argument("tags", metavar="[TAG]...", nargs=-1)
@option("--plan", type=FILE, help="Plan (JSON of `kfkit build plan`): labels, platforms, attestations, smoke commands.")
@option(
    "--result",
    "results",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Result files of `kfkit build run`, or a folder of them: digests as built, and the plan; may be repeated.",
)
@platform_option("linux/amd64,linux/arm64")
@option("--run", "start", is_flag=True, help="Start each platform on the Docker engine, with its smoke command.")
@option(
    "--smoke",
    metavar="COMMAND",
    help="Smoke command where no plan has one; its first word replaces the entrypoint, '' keeps it.",
)
@option(
    "--smoke-seconds",
    type=click.FloatRange(min=0, max=3600, min_open=True),
    default=60.0,
    show_default=True,
    help="How long a smoke command may take.",
)
@option(
    "--registries-conf", type=FILE, help="containers-registries.conf (v2): locations, insecure; mirrors are not asked."
)
@output_options("text", "json", "markdown")
def command(  # noqa: PLR0917  (click passes options by name)
    tags: tuple[str, ...],
    plan: Path | None,
    results: tuple[Path, ...],
    platforms: tuple[str, ...],
    start: bool,
    smoke: str | None,
    smoke_seconds: float,
    registries_conf: Path | None,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> int:
    """Read each TAG back from its registry and prove it: platforms, configs, blobs, attestations, labels, digests.

    Without a TAG: every tag of the plan, or of the results. --platform counts where neither says the platforms.
    """
    from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, not for --help)
    from buildkit.flows.build_expected import VerifyOptions, plan_requests  # noqa: PLC0415
    from buildkit.flows.build_verify import verify_tags  # noqa: PLC0415
    from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415
    from buildkit.report.verify_words import exit_of, worst_of  # noqa: PLC0415

    options = VerifyOptions(
        tags=tags, plan=plan, results=results, platforms=parse_platforms(platforms), smoke=_words(smoke)
    )
    requests = plan_requests(options)
    # What is imported stays: the collector need not look at it.
    gc.freeze()
    watch = make_watch()
    engine = _engine(smoke_seconds) if start else None
    found = verify_tags(requests, open_registry(registries_conf), watch, engine)
    writers: dict[str, Writer] = {
        "text": partial(_text, found, colour=use_colour()),
        "json": partial(_json, found),
        "markdown": partial(_markdown, found),
    }
    emit(writers, output_format, reports)
    if timings:
        print_timings(watch)
    return exit_of(worst_of(found))


def _words(smoke: str | None) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(smoke or ""))
    except ValueError as error:
        raise UsageError(f"--smoke: {error}", hint="It is read as a shell reads words.") from None


def _engine(seconds: float) -> Starter:
    from buildkit.edges.containers import SmokeLimits  # noqa: PLC0415
    from buildkit.flows.build_verify import open_starter  # noqa: PLC0415

    return open_starter(SmokeLimits(run=seconds))


def _text(found: Sequence[Verification], *, colour: bool) -> bytes:
    from buildkit.report.verify_text import verify_text  # noqa: PLC0415

    return verify_text(found, colour=colour)


def _markdown(found: Sequence[Verification]) -> bytes:
    from buildkit.report.verify_markdown import verify_markdown  # noqa: PLC0415

    return verify_markdown(found)


def _json(found: Sequence[Verification]) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415
    from buildkit.report.verify_document import verify_document  # noqa: PLC0415

    return encode("build-verify", verify_document(found))

"""`kfkit inspect REFERENCE…`: which platforms images really offer."""

from __future__ import annotations

import gc
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import option, output_options, platform_option, registry_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import UsageError
from buildkit.flows.inspect import inspect_references, parse_lines, parse_platforms
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word
from buildkit.verdict.outcome import exit_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildkit.model.inspection import Depth, Inspection

_INPUT_LIMIT = 64 * 1024 * 1024


@click.command(
    "inspect",
    epilog="""\b
Examples:
  kfkit inspect mysql:8.4 ghcr.io/dexidp/dex:v2.43.1
  kfkit images ../manifests --format list | kfkit inspect - --format json

A line of standard input that is no reference is reported with its number; the others go on, and the exit
code is 3 unless there are problems (1). Credentials: REGISTRY_AUTH_FILE, then Docker's config.json.""",
)
@click.argument("references", metavar="REFERENCE...", nargs=-1)
@platform_option("linux/amd64,linux/arm64")
@registry_options
@option("--offline", is_flag=True, help="No network at all: every image is unknown.")
@output_options("text", "json")
def command(  # noqa: PLR0917  (click passes options by name)
    references: tuple[str, ...],
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    offline: bool,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> int:
    """Ask registries which platforms each REFERENCE really offers (`-`: references on stdin, one per line)."""
    required = parse_platforms(platforms)
    watch = make_watch()
    wanted, all_read = _parse(references)
    registry = None
    if offline:
        watch.tell("offline: no registry is asked, every image is unknown")
    else:
        from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

        # What is imported stays: the collector need not look at it, now or at exit (a tenth of the run's CPU time).
        gc.freeze()
        registry = open_registry(registries_conf)
    images = inspect_references(wanted, required, registry, watch, depth=depth)
    names = [str(platform) for platform in required]
    emit(
        {
            "text": partial(_text, images, names, colour=use_colour()),
            "json": partial(_json, images),
        },
        output_format,
        reports,
    )
    if timings:
        print_timings(watch)
    return exit_of((record for image in images for record in image.platforms.values()), complete=all_read)


def _parse(texts: Sequence[str]) -> tuple[tuple[Reference, ...], bool]:
    """References in order, stdin's in the place of its `-`; and whether every line of stdin was one."""
    found: list[Reference] = []
    all_read = True
    for text in texts:
        if text == "-":
            references, bad = parse_lines(_read_standard_input())
            found += references
            all_read = all_read and not bad
            for line in bad:
                click.echo(f"kfkit: line {line.number} of standard input: {line.reason}", err=True)
            continue
        try:
            found.append(parse_reference(text))
        except ReferenceError as error:
            raise UsageError(f"{error}", hint="A reference is [HOST/]REPOSITORY[:TAG][@DIGEST].") from None
    if not found:
        raise UsageError("no reference was given", hint="Name one, or give them on standard input with -.")
    return tuple(found), all_read


def _read_standard_input() -> str:
    data = sys.stdin.buffer.read(_INPUT_LIMIT + 1)
    if len(data) > _INPUT_LIMIT:
        raise UsageError(f"standard input: larger than {_INPUT_LIMIT} bytes")
    return data.decode("utf-8", "replace")


def _text(images: Sequence[Inspection], names: Sequence[str], *, colour: bool) -> bytes:
    from buildkit.report.inspect_text import inspect_text  # noqa: PLC0415

    return inspect_text(images, names, colour=colour)


def _json(images: tuple[Inspection, ...]) -> bytes:
    from buildkit.report.documents import InspectDocument  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("inspect", InspectDocument(images=images))

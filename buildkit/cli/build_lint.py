"""`kfkit build lint PATH…`: what in Dockerfiles breaks on another platform."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import option, output_options, platform_option, registry_options, together
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.builds.lint.result import Lint
    from buildkit.cli.output import Writer
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.errors import Exit
    from buildkit.model.inspection import Depth

FORMATS = ("text", "json", "sarif", "github")

lint_output = together(
    option("--patch", is_flag=True, help="Print what `git apply` takes for all that is certain, instead of a report."),
    option(
        "--sarif-root",
        default="",
        metavar="FOLDER",
        help="Folder, in the repository that SARIF and annotations are for, that paths are relative to.",
    ),
    output_options(*FORMATS),
)


@click.command(
    "lint",
    short_help="Say what in Dockerfiles breaks on another platform.",
    epilog="""\b
Examples:
  kfkit build lint .
  kfkit build lint components/*/Dockerfile --offline
  kfkit build lint ../pipelines --platform linux/arm64 --format json
  kfkit build lint . --offline --patch | git apply

Nothing is built and nothing is written. A finding goes away by a comment on the line above it:
`# kfkit: ignore=RULE reason`. Exit codes: 0 nothing breaks, 1 something does (after --patch: still
does once it is applied), 2 no Dockerfile there, 3 something could not be found out.""",
)
# Eager: a kfkit.toml that lies in one of them must not be read.
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, is_eager=True)
@platform_option("linux/amd64,linux/arm64")
@registry_options
@option("--offline", is_flag=True, help="No network at all: what base images serve is not looked at.")
@lint_output
def command(  # noqa: PLR0917  (click passes options by name)
    paths: tuple[str, ...],
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    offline: bool,
    patch: bool,
    sarif_root: str,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Say what in the Dockerfiles PATH, or below the folders PATH, breaks on a required platform.

    Each is followed as a build of its last stage would, for every required platform and on every machine that may
    build it: arguments, variables, the branches of scripts, what stages copy from each other.
    """
    from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415
    from buildkit.flows.lint import LintRequest, lint  # noqa: PLC0415

    watch = make_watch()
    request = LintRequest(paths=paths, platforms=parse_platforms(platforms), depth=depth)
    result = lint(request, None if offline else _registry(registries_conf), watch)
    writers = _writers(result, sarif_root)
    emit({**writers, "patch": partial(_patch, result)}, "patch" if patch else output_format, reports)
    if timings:
        print_timings(watch)
    return result.exit_once_applied if patch else result.exit


def _registry(registries_conf: Path | None) -> RegistryClient:
    from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

    return open_registry(registries_conf)


def _writers(result: Lint, root: str) -> dict[str, Writer]:
    return {
        "text": partial(_text, result, colour=use_colour()),
        "json": partial(_json, result),
        "sarif": partial(_sarif, result, root),
        "github": partial(_github, result, root),
    }


def _patch(result: Lint) -> bytes:
    return result.patch.encode("utf-8", "surrogateescape")


def _text(result: Lint, *, colour: bool) -> bytes:
    from buildkit.report.lint_text import lint_text  # noqa: PLC0415

    return lint_text(result, colour=colour)


def _json(result: Lint) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415
    from buildkit.report.lint_document import lint_document  # noqa: PLC0415

    return encode("lint", lint_document(result))


def _sarif(result: Lint, root: str) -> bytes:
    from buildkit.report.lint_sarif import lint_sarif  # noqa: PLC0415

    return lint_sarif(result, root)


def _github(result: Lint, root: str) -> bytes:
    from buildkit.report.lint_github import lint_github  # noqa: PLC0415

    return lint_github(result, root)

"""`kfkit pins check|fix MANIFESTS`: what ties manifests to one architecture, and the smallest edits that free them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import option, output_options, platform_option, registry_options, together, tree_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from buildkit.cli.output import Writer
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.images import ImagesRequest
    from buildkit.flows.pins import PinsRequest
    from buildkit.model.inspection import Depth
    from buildkit.pins.judged import JudgedPins
    from buildkit.pins.pin import Mode

FORMATS = ("text", "json", "markdown", "sarif", "github")
PLATFORMS = "linux/amd64,linux/arm64"

mode_option = option(
    "--mode",
    type=click.Choice(["repin", "strip"]),
    default="repin",
    show_default=True,
    help="How a digest is freed: `repin` to the digest of the index that lists it; `strip` leaves the tag beside it.",
)

pins_output = together(
    option(
        "--sarif-root",
        default="",
        metavar="FOLDER",
        help="Folder of MANIFESTS in the repository that SARIF and annotations are for.",
    ),
    output_options(*FORMATS),
)


@click.group(
    "pins",
    epilog="""\b
Examples:
  kfkit pins check ../manifests
  kfkit pins fix ../manifests --patch | git -C ../manifests apply

Exit codes: 0 nothing ties the tree, 1 something does, 3 something could not be found out and nothing is
known to tie.""",
)
def command() -> None:
    """Say what ties manifests to one architecture, and free them from it.

    Ties are digests and tags of an image of one platform, and node selectors that leave a required platform out.
    """


@command.command(
    "check",
    epilog="""\b
Examples:
  kfkit pins check ../manifests
  kfkit pins check github.com/kubeflow/manifests@v1.11.0 --format json
  kfkit pins check . --changed-since origin/master --format github

Samples and texts (scripts, addresses) are listed and never change the exit code: 0 nothing ties the
tree, 1 something does, 3 something that counts could not be found out and nothing is known to tie.""",
)
@tree_options
@platform_option(PLATFORMS)
@registry_options
@mode_option
@option(
    "--changed-since",
    metavar="REV",
    help="Only what stands on lines changed since this git revision is reported and counts.",
)
@pins_output
def check(  # noqa: PLR0917  (click passes options by name)
    request: ImagesRequest,
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    mode: Mode,
    changed_since: str | None,
    sarif_root: str,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Say what ties MANIFESTS to one architecture; nothing is written.

    MANIFESTS is a folder or github.com/OWNER/REPO@REF. Registries say what each digest and tag serves.
    """
    from buildkit.flows.pins import check_pins  # noqa: PLC0415  (heavy: YAML, registry)
    from buildkit.flows.vendoring import tell_withheld  # noqa: PLC0415

    watch = make_watch()
    wanted = _request(request, platforms, depth, mode, changed_since)
    result = tell_withheld(check_pins(wanted, _registry(request, registries_conf), watch))
    emit(_writers(result.judged, sarif_root), output_format, reports)
    if timings:
        print_timings(watch)
    return result.judged.exit


@command.command(
    "fix",
    short_help="Free MANIFESTS from it; what is written is proven first.",
    epilog="""\b
Examples:
  kfkit pins fix ../manifests --check
  kfkit pins fix ../manifests
  kfkit pins fix ../manifests --mode strip --patch > pins.patch

The plan is printed first. Every kustomization that an edit can reach is then rendered before and after:
where anything but the intended values differs, nothing is written. Exit code 1: something stays tied
(after --patch: once it is applied), or with --check, would be edited; 3: something could not be found
out, and nothing is known to tie.""",
)
@tree_options
@platform_option(PLATFORMS)
@registry_options
@mode_option
@option("--check", is_flag=True, help="Write nothing; exit code 1 if something would be written.")
@option("--patch", is_flag=True, help="Write nothing; print what `git apply` takes instead of a report.")
@option("--include-vendored", is_flag=True, help="Edit files too that a synchronisation with upstream overwrites.")
@pins_output
def fix(  # noqa: PLR0917  (click passes options by name)
    request: ImagesRequest,
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    mode: Mode,
    check: bool,
    patch: bool,
    include_vendored: bool,
    sarif_root: str,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Free the folder MANIFESTS from what ties it to one architecture, with proof that nothing else changes."""
    if not Path(request.manifests).is_dir():
        raise UsageError(
            f"{request.manifests}: not a folder: nothing that could be edited",
            hint="clone the repository, then name its folder",
        )
    from buildkit.flows.fix import FixRequest, fix_pins  # noqa: PLC0415  (heavy: YAML, registry)
    from buildkit.flows.pins import check_pins  # noqa: PLC0415

    watch = make_watch()
    wanted = _request(request, platforms, depth, mode)
    result = check_pins(wanted, _registry(request, registries_conf), watch)
    result = fix_pins(FixRequest(write=not (check or patch), include_vendored=include_vendored), result, watch)
    writers = _writers(result.judged, sarif_root)
    emit({**writers, "patch": partial(_patch, result.judged)}, "patch" if patch else output_format, reports)
    if timings:
        print_timings(watch)
    return result.judged.exit_once_applied if patch else result.judged.exit


def _request(
    request: ImagesRequest, platforms: tuple[str, ...], depth: Depth, mode: Mode, changed_since: str | None = None
) -> PinsRequest:
    from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415
    from buildkit.flows.pins import PinsRequest  # noqa: PLC0415

    required = parse_platforms(platforms)
    return PinsRequest(images=request, platforms=required, depth=depth, mode=mode, changed_since=changed_since)


def _registry(request: ImagesRequest, registries_conf: Path | None) -> RegistryClient | None:
    if request.offline:
        return None
    from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

    return open_registry(registries_conf)


def _writers(judged: JudgedPins, root: str) -> dict[str, Writer]:
    return {
        "text": partial(_text, judged, colour=use_colour()),
        "json": partial(_json, judged),
        "markdown": partial(_markdown, judged),
        "sarif": partial(_sarif, judged, root),
        "github": partial(_github, judged, root),
    }


def _patch(judged: JudgedPins) -> bytes:
    return (judged.patch or "").encode("utf-8", "surrogateescape")


def _text(judged: JudgedPins, *, colour: bool) -> bytes:
    from buildkit.report.pins_text import pins_text  # noqa: PLC0415

    return pins_text(judged, colour=colour)


def _json(judged: JudgedPins) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415
    from buildkit.report.pins_document import pins_document  # noqa: PLC0415

    return encode("pins", pins_document(judged))


def _markdown(judged: JudgedPins) -> bytes:
    from buildkit.report.pins_markdown import pins_markdown  # noqa: PLC0415

    return pins_markdown(judged)


def _sarif(judged: JudgedPins, root: str) -> bytes:
    from buildkit.report.pins_sarif import pins_sarif  # noqa: PLC0415

    return pins_sarif(judged, root)


def _github(judged: JudgedPins, root: str) -> bytes:
    from buildkit.report.pins_github import pins_github  # noqa: PLC0415

    return pins_github(judged, root)

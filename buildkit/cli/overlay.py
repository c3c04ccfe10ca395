"""`kfkit overlay MANIFESTS --output DIR`: a kustomization over an install, so that a release runs as it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit import __version__
from buildkit.cli.options import FILE, option, output_options, platform_option, registry_options, together, tree_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from buildkit.errors import Exit
    from buildkit.flows.images import ImagesRequest
    from buildkit.model.inspection import Depth
    from buildkit.overlay.overlay import Overlay

overlay_options = together(
    option(
        "--output",
        required=True,
        type=click.Path(path_type=Path),
        help="Folder to make: one that is not there, an empty one, or one that an earlier run made.",
    ),
    option(
        "--registry",
        metavar="PREFIX",
        help="Take every image from a mirror, HOST[:PORT][/PATH]. docker.io/library/mysql:8.4 becomes "
        "PREFIX/docker.io/library/mysql:8.4; the `:` of a port before the first slash becomes `-`.",
    ),
    option("--substitute", type=FILE, help="Images to put in for others: a YAML list of {image, use, reason}."),
    option("--mixed-cluster", is_flag=True, help="Keep workloads on nodes whose architecture their images have."),
    option("--fix-pins", is_flag=True, help="Do what `kfkit pins fix` would, in the overlay."),
    option("--check", is_flag=True, help="Write nothing; exit code 1 if the folder would change."),
)


@click.command(
    "overlay",
    epilog="""\b
Examples:
  kfkit overlay ../manifests --output airgap --registry mirror.example:5000/kubeflow
  kfkit overlay ../manifests --output ours --substitute substitutions.yaml --mixed-cluster
  kfkit overlay github.com/kubeflow/manifests@v1.11.0 --output ours --registry mirror.example

\b
A file of substitutions:
  - image: docker.io/library/mysql:*   # a name in full, or a glob of it
    use: docker.io/bitnami/mysql:8.4
    reason: has linux/arm64

\b
Exit codes: 0 everything is as asked for; 1 something could not be reached, the proof failed and nothing
was written, or --check found that the folder would change; 2 wrong arguments or files; 3 the install does not
render, or a registry did not say what an image runs on.""",
)
@tree_options
@overlay_options
@platform_option("linux/amd64,linux/arm64")
@registry_options
@output_options("text", "json")
def command(  # noqa: PLR0917  (click passes options by name)
    request: ImagesRequest,
    output: Path,
    registry: str | None,
    substitute: Path | None,
    mixed_cluster: bool,
    fix_pins: bool,
    check: bool,
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Make a kustomization over an install of MANIFESTS; nothing in MANIFESTS is edited.

    MANIFESTS is a folder or github.com/OWNER/REPO@REF. Give one --install at most, and at least one of --registry,
    --substitute, --mixed-cluster and --fix-pins. The overlay is rendered and compared before anything is written.
    """
    from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415  (heavy: YAML, registry)
    from buildkit.flows.overlay import make_overlay  # noqa: PLC0415
    from buildkit.flows.overlay_request import OverlayRequest  # noqa: PLC0415

    watch = make_watch()
    whole = OverlayRequest(
        images=request,
        output=output,
        registry=registry,
        substitute=substitute,
        mixed_cluster=mixed_cluster,
        fix_pins=fix_pins,
        platforms=parse_platforms(platforms),
        depth=depth,
        check=check,
        version=__version__,
    )
    client = None
    if (mixed_cluster or fix_pins) and not request.offline:
        from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

        client = open_registry(registries_conf)
    overlay = make_overlay(whole, client, watch)
    emit(
        {"text": partial(_text, overlay, colour=use_colour()), "json": partial(_json, overlay)}, output_format, reports
    )
    if timings:
        print_timings(watch)
    return overlay.exit


def _text(overlay: Overlay, *, colour: bool) -> bytes:
    from buildkit.report.overlay_text import overlay_text  # noqa: PLC0415

    return overlay_text(overlay, colour=colour)


def _json(overlay: Overlay) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415
    from buildkit.report.overlay_document import overlay_document  # noqa: PLC0415

    return encode("overlay", overlay_document(overlay))

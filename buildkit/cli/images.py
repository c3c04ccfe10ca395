"""`kfkit images MANIFESTS`: every image a release can pull, and where from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import output_options, tree_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.flows.images import ImagesRequest, ImagesResult


@click.command(
    "images",
    epilog="""\b
Examples:
  kfkit images ../manifests
  kfkit images ../manifests --format list --remotes ../kustomize-remotes
  kustomize build example | kfkit images - --format json

Exit code 3: something of the default install could not be rendered or read, so images may be missing.""",
)
@tree_options
@output_options("text", "json", "list")
def command(
    request: ImagesRequest,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """List every image MANIFESTS can pull, and every file and line that names it.

    MANIFESTS is a folder, github.com/OWNER/REPO@REF, a rendered YAML file, or - for rendered YAML on stdin.
    """
    from buildkit.flows.images import collect_images  # noqa: PLC0415  (heavy: YAML)
    from buildkit.report.images_text import images_list  # noqa: PLC0415

    watch = make_watch()
    result = collect_images(request, watch)
    writers = {
        "text": partial(_text, result, colour=use_colour()),
        "json": partial(_json, result),
        "list": partial(images_list, result.images),
    }
    emit(writers, output_format, reports)
    for problem in result.problems:
        watch.tell(f"not known: {problem}")
    if timings:
        print_timings(watch)
    return Exit.UNDETERMINED if result.problems else Exit.OK


def _text(result: ImagesResult, *, colour: bool) -> bytes:
    from buildkit.report.images_text import images_text  # noqa: PLC0415

    return images_text(result.source, result.images, result.kustomizations, result.problems, colour=colour)


def _json(result: ImagesResult) -> bytes:
    from buildkit.report.documents import ImagesDocument  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    document = ImagesDocument(source=result.source, images=result.images, kustomizations=result.kustomizations)
    return encode("images", document)

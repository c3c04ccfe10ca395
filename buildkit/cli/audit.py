"""`kfkit audit MANIFESTS`: which images of a release lack a working variant for a required platform."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import option, output_options, registry_options, today_option, tree_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from buildkit.audit.judge import Audit, Scope
    from buildkit.errors import Exit
    from buildkit.flows.images import ImagesRequest
    from buildkit.model.inspection import Depth


@click.command(
    "audit",
    epilog="""\b
Examples:
  kfkit audit ../manifests
  kfkit audit github.com/kubeflow/manifests@v1.11.0 --platform linux/arm64
  kfkit audit ../manifests --scope all --report json=audit.json

The default install counts unless --scope all; samples never do. Exit code 1: a counted image is not
supported; 3: something that counts could not be found out.""",
)
@tree_options
@registry_options
@option(
    "--scope",
    type=click.Choice(["default", "all"]),
    default="default",
    show_default=True,
    help="What counts: the default install, or everything but samples.",
)
@today_option
@output_options("text", "json")
def command(  # noqa: PLR0917  (click passes options by name)
    request: ImagesRequest,
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    scope: Scope,
    today: date,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Say which images of MANIFESTS lack a working variant for a required platform.

    MANIFESTS is a folder, github.com/OWNER/REPO@REF, a rendered YAML file, or - for rendered YAML on stdin.
    """
    from buildkit.flows.audit import run_audit  # noqa: PLC0415  (heavy: YAML, registry)
    from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415

    watch = make_watch()
    required = parse_platforms(platforms)
    registry = None
    if not request.offline:
        from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

        registry = open_registry(registries_conf)
    audit = run_audit(
        request, platforms=required, registry=registry, depth=depth, scope=scope, today=today, watch=watch
    )
    emit({"text": partial(_text, audit, colour=use_colour()), "json": partial(_json, audit)}, output_format, reports)
    if timings:
        print_timings(watch)
    return audit.exit


def _text(audit: Audit, *, colour: bool) -> bytes:
    from buildkit.report.audit_text import audit_text  # noqa: PLC0415

    return audit_text(audit, colour=colour)


def _json(audit: Audit) -> bytes:
    from buildkit.report.documents import AuditDocument  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    document = AuditDocument(
        source=audit.source,
        required=tuple(sorted(audit.required)),
        summary=audit.summary,
        images=audit.images,
        kustomizations=audit.kustomizations,
    )
    return encode("audit", document)

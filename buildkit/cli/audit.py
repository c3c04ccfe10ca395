"""`kfkit audit MANIFESTS`: which images of a release lack a working variant for a required platform."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buildkit.cli.options import (
    FILE,
    option,
    output_options,
    platform_option,
    registry_options,
    today_option,
    together,
    tree_options,
)
from buildkit.cli.output import emit, make_watch, print_timings, use_colour, write_atomically
from buildkit.errors import Exit

if TYPE_CHECKING:
    from datetime import date

    from buildkit.audit.judge import Audit
    from buildkit.audit.scope import Scope
    from buildkit.cli.output import Writer
    from buildkit.flows.images import ImagesRequest
    from buildkit.flows.watch import Watch
    from buildkit.model.inspection import Depth

FORMATS = ("text", "json", "markdown", "csv", "sarif", "html")

# What maintainers decided, and what was before.
decision_options = together(
    option(
        "--policy",
        type=FILE,
        help="Required platforms, verdicts that fail.  [default: audits/policy.yaml, if it is there]",
    ),
    option(
        "--exceptions",
        type=FILE,
        help="Problems that somebody answers for, each until a day.  [default: audits/exceptions.yaml, if it is there]",
    ),
    option(
        "--baseline",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Compare with an earlier audit; what it has too does not count.  "
        "[default: audits/baselines/<release>.json, if it is there]",
    ),
    option("--update-baseline", is_flag=True, help="Write the baseline anew: what is there now is accepted."),
    option("--against", metavar="OLD_MANIFESTS", help="Compare with another release instead of a baseline."),
)


@click.command(
    "audit",
    epilog="""\b
Examples:
  kfkit audit ../manifests
  kfkit audit github.com/kubeflow/manifests@v1.11.0 --platform linux/arm64
  kfkit audit ../manifests --scope all --report json=audit.json --report html=audit.html
  kfkit audit ../manifests --against github.com/kubeflow/manifests@v1.11.0 --format markdown
  kfkit audit ../manifests --baseline audits/baselines/26.03.json --update-baseline

The default install counts unless --scope all; samples never do. Exit code 1: a counted image is not
supported, and neither an exception nor the baseline covers it; 3: something that counts could not
be found out.""",
)
@tree_options
@platform_option(None)
@registry_options
@option(
    "--scope",
    type=click.Choice(["default", "all"]),
    default="default",
    show_default=True,
    help="What counts: the default install, or everything but samples.",
)
@decision_options
@option(
    "--suggest/--no-suggest",
    default=True,
    show_default=True,
    help="Ask registries for the nearest newer tag that has what is missing.",
)
@today_option
@option(
    "--sarif-root",
    default="",
    metavar="FOLDER",
    help="Folder of MANIFESTS in the repository that SARIF is uploaded to.",
)
@output_options(*FORMATS)
def command(  # noqa: PLR0917  (click passes options by name)
    request: ImagesRequest,
    platforms: tuple[str, ...],
    registries_conf: Path | None,
    depth: Depth,
    scope: Scope,
    policy: Path | None,
    exceptions: Path | None,
    baseline: Path | None,
    update_baseline: bool,
    against: str | None,
    suggest: bool,
    today: date,
    sarif_root: str,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Say which images of MANIFESTS lack a working variant for a required platform.

    MANIFESTS is a folder, github.com/OWNER/REPO@REF, a rendered YAML file, or - for rendered YAML on stdin.
    """
    from buildkit.flows.audit import AuditRequest, run_audit  # noqa: PLC0415  (heavy: YAML, registry)
    from buildkit.flows.decisions import DecisionFiles, baseline_path  # noqa: PLC0415
    from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415

    watch = make_watch()
    files = DecisionFiles(
        policy=policy,
        exceptions=exceptions,
        baseline=baseline,
        update_baseline=update_baseline,
        platforms=tuple(str(one) for one in parse_platforms(platforms)) if platforms else (),
    )
    whole = AuditRequest(
        images=request, files=files, today=today, depth=depth, scope=scope, against=against, suggest=suggest
    )
    registry = None
    if not request.offline:
        from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

        registry = open_registry(registries_conf)
    audit = run_audit(whole, registry, watch)
    emit(_writers(audit, sarif_root), output_format, reports)
    code = _update_baseline(audit, baseline_path(files, request.manifests), watch) if update_baseline else audit.exit
    if timings:
        print_timings(watch)
    return code


def _writers(audit: Audit, sarif_root: str) -> dict[str, Writer]:
    return {
        "text": partial(_text, audit, colour=use_colour()),
        "json": partial(_json, audit),
        "markdown": partial(_markdown, audit),
        "csv": partial(_csv, audit),
        "sarif": partial(_sarif, audit, sarif_root),
        "html": partial(_html, audit),
    }


def _update_baseline(audit: Audit, path: Path, watch: Watch) -> Exit:
    """Accept what is there now; never what could not be found out."""
    unknown = len(audit.unknown)
    if unknown or audit.problems:
        what = f"{unknown} counted images are unknown" if unknown else "what counts is not all there"
        watch.tell(f"{path}: not written: {what}; run it again when they can be judged")
        return audit.exit
    from buildkit.audit.past import past_of  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    write_atomically(path, encode("baseline", past_of(audit)), make_folder=True)
    watch.tell(f"wrote {path}: {len(audit.images)} images")
    return Exit.PROBLEMS if audit.stale else Exit.OK


def _text(audit: Audit, *, colour: bool) -> bytes:
    from buildkit.report.audit_text import audit_text  # noqa: PLC0415

    return audit_text(audit, colour=colour)


def _json(audit: Audit) -> bytes:
    from buildkit.report.documents import audit_document  # noqa: PLC0415
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("audit", audit_document(audit))


def _markdown(audit: Audit) -> bytes:
    from buildkit.report.audit_markdown import audit_markdown  # noqa: PLC0415

    return audit_markdown(audit)


def _csv(audit: Audit) -> bytes:
    from buildkit.report.audit_csv import audit_csv  # noqa: PLC0415

    return audit_csv(audit)


def _sarif(audit: Audit, root: str) -> bytes:
    from buildkit.report.audit_sarif import audit_sarif  # noqa: PLC0415

    return audit_sarif(audit, root)


def _html(audit: Audit) -> bytes:
    from buildkit.report.audit_html import audit_html  # noqa: PLC0415  (heavy: templates)

    return audit_html(audit)

"""`kfkit build plan`: what would be built."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from buildkit.cli.build_options import plan_options
from buildkit.cli.options import output_options
from buildkit.cli.output import emit, make_watch, print_timings, use_colour
from buildkit.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.builds.plan import Plan
    from buildkit.cli.output import Writer
    from buildkit.flows.build_plan import PlanRequest

FORMATS = ("text", "json", "bake", "matrix")


@click.command(
    "plan",
    epilog="""\b
Examples:
  kfkit build plan kubeflow/katib --version v0.19.0
  kfkit build plan --catalogue builds.yaml --version 1.2.0 --cache gha --format bake > bake.json
  kfkit build plan --version 1.2.0 --changed-since origin/main --format matrix

Nothing is built, pushed or written. Exit codes: 0, also where nothing is to be built; 2 wrong arguments or
catalogue; 3 a commit could not be found out.""",
)
@plan_options
@output_options(*FORMATS)
def command(
    request: PlanRequest,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    timings: bool,
) -> Exit:
    """Say what would be built: targets, tags, labels, caches, and a runner for each platform.

    COMPONENT is a name of the catalogue, a glob, or OWNER/REPO for all of a repository; without one, all are planned.
    """
    from buildkit.flows.build_plan import make_plan  # noqa: PLC0415  (heavy: YAML)

    watch = make_watch()
    plan = make_plan(request, watch)
    emit(_writers(plan), output_format, reports)
    if timings:
        print_timings(watch)
    return Exit.OK


def _writers(plan: Plan) -> dict[str, Writer]:
    return {
        "text": partial(_text, plan, colour=use_colour()),
        "json": partial(_json, plan),
        "bake": partial(_bake, plan),
        "matrix": partial(_matrix, plan),
    }


def _text(plan: Plan, *, colour: bool) -> bytes:
    from buildkit.report.build_plan_text import plan_text  # noqa: PLC0415

    return plan_text(plan, colour=colour)


def _json(plan: Plan) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("build-plan", plan)


def _bake(plan: Plan) -> bytes:
    from buildkit.report.build_bake import plan_bake  # noqa: PLC0415

    return plan_bake(plan)


def _matrix(plan: Plan) -> bytes:
    from buildkit.report.build_matrix import plan_matrix  # noqa: PLC0415

    return plan_matrix(plan)

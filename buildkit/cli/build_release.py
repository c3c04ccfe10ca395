"""What `kfkit build run` and `kfkit build merge` share: the options of a release, and how its outcome is written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from buildkit.cli.options import FILE, option, output_options, together
from buildkit.cli.output import emit, print_timings, use_colour

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.builds.outcome import RunOutcome
    from buildkit.cli.output import Writer
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.errors import Exit
    from buildkit.flows.build_verify import Starter
    from buildkit.flows.watch import Watch

FORMATS = ("text", "json")

release_options = together(
    option("--force", is_flag=True, help="Move a tag that stands for something else; without it a tag is never moved."),
    option(
        "--run",
        "start",
        is_flag=True,
        help="Start each platform's smoke command on the engine before tags are set, unless a result says that it was.",
    ),
    option("--registries-conf", type=FILE, help="containers-registries.conf (v2): mirrors and insecure hosts."),
    output_options(*FORMATS),
)


def starter(*, start: bool) -> Starter | None:
    """What starts images; None where nothing is to be started."""
    if not start:
        return None
    from buildkit.flows.build_verify import open_starter  # noqa: PLC0415  (the SDK takes 0.3 s)

    return open_starter()


def open_client(registries_conf: Path | None) -> RegistryClient:
    """The registry client, which reads back what was pushed."""
    from buildkit.edges.registry.client import open_registry  # noqa: PLC0415  (sockets, only when they are used)

    return open_registry(registries_conf)


def finish(
    outcome: RunOutcome, watch: Watch, output_format: str, reports: tuple[tuple[str, Path], ...], *, timings: bool
) -> Exit:
    """Write the outcome; its exit code."""
    writers: dict[str, Writer] = {
        "text": partial(_text, outcome, colour=use_colour()),
        "json": partial(_json, outcome),
    }
    emit(writers, output_format, reports)
    if timings:
        print_timings(watch)
    return outcome.exit


def _text(outcome: RunOutcome, *, colour: bool) -> bytes:
    from buildkit.report.build_run_text import build_run_text  # noqa: PLC0415

    return build_run_text(outcome, colour=colour)


def _json(outcome: RunOutcome) -> bytes:
    from buildkit.report.json import encode  # noqa: PLC0415

    return encode("build-run", outcome)

"""`kfkit build …`: the group; one file per command beside it."""

from __future__ import annotations

import click

from buildkit.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "catalogue": Entry("build_catalogue", "Show a catalogue's components, and hold them against checkouts."),
    "lint": Entry("build_lint", "Say what in Dockerfiles breaks on another platform."),
    "plan": Entry("build_plan", "Say what would be built: targets, tags, labels, caches, runners."),
    "run": Entry("build_run", "Build each platform, push by digest, merge, verify, then tag."),
    "merge": Entry("build_merge", "Join what several runners built: merge, verify, then tag."),
    "verify": Entry("build_verify", "Read tags back from the registry and prove what they serve."),
}


@click.group(
    "build",
    cls=LazyGroup,
    entries=COMMANDS,
    epilog="""\b
Examples:
  kfkit build lint ../pipelines
  kfkit build plan --catalogue builds.yaml --version 1.2.0
  kfkit build run console --catalogue builds.yaml --version 1.2.0
  kfkit build verify ghcr.io/kubeflow/katib/katib-controller:v0.19.0

Exit codes: 0 all is proven, 1 problems, 2 wrong arguments or files, 3 something could not be found out.""",
)
def command() -> None:
    """Build images so that one tag serves every platform, and prove it from the registry."""

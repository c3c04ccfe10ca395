"""`kfkit charts …`: the group; one file per command beside it."""

from __future__ import annotations

import click

from buildkit.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "generate": Entry("charts_generate", "Make charts of a release, from their specifications."),
    "check": Entry("charts_check", "Prove that they render what Kustomize does, and that values do what they say."),
    "package": Entry("charts_package", "Make archives of charts, the same bytes each time."),
    "publish": Entry("charts_publish", "Push archives to a registry, and prove it by pulling them back."),
}


@click.group(
    "charts",
    cls=LazyGroup,
    entries=COMMANDS,
    epilog="""\b
Examples:
  kfkit charts generate --manifests ../manifests
  kfkit charts check --manifests ../manifests
  kfkit charts package
  kfkit charts publish --registry oci://ghcr.io/kubeflow/charts

Exit codes: 0 as it should be, 1 problems, 2 wrong arguments or files, 3 something could not be found out.""",
)
def command() -> None:
    """Helm charts generated from Kustomize, equal to it document by document."""

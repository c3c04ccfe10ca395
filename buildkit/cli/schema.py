"""`kfkit schema REPORT`: the JSON schema of each document that kfkit writes."""

from __future__ import annotations

import sys

import click

from buildkit.report.documents import DOCUMENTS


@click.command(
    "schema",
    epilog="""\b
Example:
  kfkit schema audit > audit.schema.json""",
)
@click.argument("report", type=click.Choice(sorted(DOCUMENTS)))
def command(report: str) -> None:
    """Print the JSON schema of REPORT."""
    from buildkit.report.json import json_schema  # noqa: PLC0415  (msgspec, only when it is used)

    sys.stdout.buffer.write(json_schema(report, DOCUMENTS[report]))

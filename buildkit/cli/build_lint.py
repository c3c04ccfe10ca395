"""`kfkit build lint`."""

from __future__ import annotations

import click


@click.command("lint")
def command() -> None:
    """Under way."""

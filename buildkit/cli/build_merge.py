"""`kfkit build merge`."""

from __future__ import annotations

import click


@click.command("merge")
def command() -> None:
    """Under way."""

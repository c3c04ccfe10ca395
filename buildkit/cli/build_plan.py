"""`kfkit build plan`."""

from __future__ import annotations

import click


@click.command("plan")
def command() -> None:
    """Under way."""

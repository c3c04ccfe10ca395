"""`kfkit build run`."""

from __future__ import annotations

import click


@click.command("run")
def command() -> None:
    """Under way."""

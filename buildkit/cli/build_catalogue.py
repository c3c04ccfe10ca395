"""`kfkit build catalogue`."""

from __future__ import annotations

import click


@click.command("catalogue")
def command() -> None:
    """Under way."""

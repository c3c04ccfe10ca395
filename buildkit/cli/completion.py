"""`kfkit completion SHELL`: what a shell needs to complete kfkit's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(
    "completion",
    epilog="""\b
Examples:
  kfkit completion bash > ~/.local/share/bash-completion/completions/kfkit
  kfkit completion zsh > ~/.zfunc/_kfkit
  kfkit completion fish > ~/.config/fish/completions/kfkit.fish""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL."""
    from buildkit.cli.main import app  # noqa: PLC0415  (main knows us by name only)

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover  (the choice above names shells that click has)
        raise click.UsageError(f"no completion for {shell}")
    # Not `kind.source()` of bash: that starts bash to ask its version, and warns where there is none.
    click.echo(kind.source_template % kind(app, {}, "kfkit", "_KFKIT_COMPLETE").source_vars())

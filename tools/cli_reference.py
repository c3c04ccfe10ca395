"""Write docs/reference/cli.md from the commands' own `--help`, so that the page cannot tell something else."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
HEAD = """# Commands

Made from `kfkit COMMAND --help` by `make reference`; do not edit.

Every option is also an environment variable (`--registries-conf`: `KFKIT_REGISTRIES_CONF`) and a key of `kfkit.toml` in
the current directory or `--config`: at the top level for every command that has the option, in a table named after the
command for that one alone. Flags beat the environment, which beats the file. A `kfkit.toml` inside MANIFESTS is never
read.
"""


def reference_text() -> str:
    """The whole page; as wide as a terminal of 110 columns."""
    import click  # noqa: PLC0415  (after NO_COLOR is set)

    from buildkit.cli.main import COMMANDS, app  # noqa: PLC0415

    sections = [HEAD]
    top = app.make_context("kfkit", [], resilient_parsing=True, terminal_width=110, max_content_width=110)
    contexts = [top]
    for name in sorted(COMMANDS):
        command = app.get_command(top, name)
        if command is None:
            raise LookupError(name)
        context = click.Context(command, info_name=name, parent=top)
        contexts.append(context)
        if isinstance(command, click.Group):
            # Of a group that loads its commands when they are asked for, `commands` is empty.
            members = ((key, command.get_command(context, key)) for key in command.list_commands(context))
            contexts += [click.Context(one, info_name=key, parent=context) for key, one in members if one]
    for context in contexts:
        text = context.command.get_help(context).rstrip()
        sections.append(f"## `{context.command_path}`\n\n```text\n{text}\n```\n")
    return "\n".join(sections)


if __name__ == "__main__":
    os.environ["NO_COLOR"] = "1"
    PAGE.write_text(reference_text(), encoding="utf-8")

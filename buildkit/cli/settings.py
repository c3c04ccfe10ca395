"""`kfkit.toml`: defaults for flags, below flags and environment (DESIGN.md, "Settings").

Top-level keys are long option names and hold for every command that has the option; a table named after a command
holds for that command alone. A `kfkit.toml` inside MANIFESTS is read only where `--config` names it: trees are hostile.
"""

from __future__ import annotations

from pathlib import Path

import click

from buildkit.edges.files import lies_inside
from buildkit.edges.toml import read_toml
from buildkit.errors import UsageError

Setting = str | int | float | bool | list[str]


def select_defaults(settings: dict[str, object], command: click.Command, path: Path) -> dict[str, Setting]:
    """The defaults that hold for `command`, keyed by parameter name; the command's own table wins."""
    options = {
        name.removeprefix("--"): parameter.name or ""
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
        if name.startswith("--")
    }
    general = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    own = settings.get(command.name or "", {})
    if not isinstance(own, dict):
        raise UsageError(f"{path}: key `{command.name}` must be a table of options of `kfkit {command.name}`")
    for key in own:
        if key not in options:
            raise UsageError(f"{path}: key `{command.name}.{key}`: `kfkit {command.name}` has no option --{key}")
    known = set(options) | _options_of_all_commands() if set(general) - set(options) else set(options)
    for key in general:
        if key not in known:
            raise UsageError(f"{path}: key `{key}`: no command has an option --{key}")
    chosen = {options[key]: value for key, value in {**general, **own}.items() if key in options}
    several = {
        parameter.name for parameter in command.params if isinstance(parameter, click.Option) and parameter.multiple
    }
    plain = {name: _plain(value, path, name) for name, value in chosen.items()}
    return {name: [value] if name in several and isinstance(value, str) else value for name, value in plain.items()}


def _options_of_all_commands() -> set[str]:
    from buildkit.cli.main import COMMANDS, app  # noqa: PLC0415  (only when a key is not this command's)

    context = click.Context(app)
    return {
        option.removeprefix("--")
        for name in COMMANDS
        if (command := app.get_command(context, name)) is not None
        for parameter in command.params
        for option in parameter.opts
    }


def _plain(value: object, path: Path, name: str) -> Setting:
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise UsageError(f"{path}: key `{name}` must be a string, number, boolean or list of strings")


def apply_settings(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    """Eager callback of `--config`: the file's values become this command's defaults."""
    path = value or Path("kfkit.toml")
    if value is None and not path.is_file():
        return
    if value is None and lies_inside(str(ctx.params.get("manifests", ""))):
        click.echo(f"{path} lies inside MANIFESTS and is not read unless --config names it", err=True)
        return
    ctx.default_map = {**(ctx.default_map or {}), **select_defaults(read_toml(path), ctx.command, path)}

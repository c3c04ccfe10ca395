"""`kfkit.toml`: defaults for flags, below flags and environment (DESIGN.md, "Settings").

Top-level keys are long option names and hold for every command that has the option; a table named after a command
holds for that command alone, and for those of a group (`[pins]`, below it `[pins.fix]`). A `kfkit.toml` inside
MANIFESTS is read only where `--config` names it: trees are hostile.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from buildkit.edges.files import lies_inside
from buildkit.edges.toml import read_toml
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TREES: Final = ("manifests", "a", "b", "paths", "sources")  # arguments and options that may name hostile trees
Setting = str | int | float | bool | list[str]


def select_defaults(
    settings: dict[str, object], command: click.Command, path: Path, group: click.Group | None = None
) -> dict[str, Setting]:
    """The defaults that hold for `command`, keyed by parameter name; the command's own table wins."""
    options = _options(command)
    general = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    if group is None:
        own = _table(settings, (command.name or "",), options, path)
    else:
        shared = _table(settings, (group.name or "",), _all_options(group), path, below=tuple(_commands(group)))
        name = (group.name or "", command.name or "")
        own = {
            **{key: value for key, value in shared.items() if key in options},
            **_table(_tables(settings, name[0]), name, options, path),
        }
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


def _table(
    settings: dict[str, object], names: tuple[str, ...], options: Iterable[str], path: Path, below: tuple[str, ...] = ()
) -> dict[str, object]:
    """The table of a command, or of a group, whose own commands' tables are left out."""
    table, key, command = settings.get(names[-1], {}), ".".join(names), " ".join(names)
    if not isinstance(table, dict):
        raise UsageError(f"{path}: key `{key}` must be a table of options of `kfkit {command}`")
    own = {name: value for name, value in table.items() if name not in below}
    for name in own:
        if name not in options:
            raise UsageError(f"{path}: key `{key}.{name}`: `kfkit {command}` has no option --{name}")
    return own


def _tables(settings: dict[str, object], name: str) -> dict[str, object]:
    table = settings.get(name, {})
    return table if isinstance(table, dict) else {}


def _options(command: click.Command) -> dict[str, str]:
    """Parameter names by long option, without its dashes."""
    return {
        name.removeprefix("--"): parameter.name or ""
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
        if name.startswith("--")
    }


def _all_options(command: click.Command) -> set[str]:
    """Long options of a command, of a group those of all its commands."""
    return set(_options(command)).union(*map(_all_options, _commands(command).values()))


def _commands(command: click.Command) -> dict[str, click.Command]:
    """The commands of a group by name, loaded; of another command none."""
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    found = {name: command.get_command(context, name) for name in command.list_commands(context)}
    return {name: one for name, one in found.items() if one is not None}


def _options_of_all_commands() -> set[str]:
    from buildkit.cli.main import app  # noqa: PLC0415  (only when a key is not this command's)

    return _all_options(app)


def _plain(value: object, path: Path, name: str) -> Setting:
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise UsageError(f"{path}: key `{name}` must be a string, number, boolean or list of strings")


def _trees(ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The folders that the command line names, `OWNER/REPO=DIR` included."""
    for name in _TREES:
        given = ctx.params.get(name) or ""
        for one in given if isinstance(given, tuple) else (given,):
            called = "what --source names" if name == "sources" else name.upper()
            yield called, str(one)
            yield called, str(one).partition("=")[2]


def apply_settings(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    """Eager callback of `--config`: the file's values become this command's defaults."""
    path = value or Path("kfkit.toml")
    if value is None and not path.is_file():
        return
    for name, tree in _trees(ctx):
        if value is None and lies_inside(tree):
            click.echo(f"{path} lies inside {name} and is not read unless --config names it", err=True)
            return
    inner = ctx.parent is not None and ctx.parent.parent is not None
    group = ctx.parent.command if inner and ctx.parent is not None else None
    settings = select_defaults(read_toml(path), ctx.command, path, group if isinstance(group, click.Group) else None)
    ctx.default_map = {**(ctx.default_map or {}), **settings}

"""Options that several commands share: one name, one meaning, one environment variable each.

Every option is also `KFKIT_` and its long name in the environment, and a key of `kfkit.toml`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import reduce, wraps
from pathlib import Path
from typing import Any

import click

from buildkit.cli.settings import apply_settings

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, allow_dash=False, path_type=Path)


def option(name: str, *more: str, **settings: Any) -> Decorator:
    """`click.option` with its environment variable (`--registries-conf`: KFKIT_REGISTRIES_CONF)."""
    long_name = name.split("/", maxsplit=1)[0].removeprefix("--")
    settings.setdefault("envvar", "KFKIT_" + long_name.upper().replace("-", "_"))
    return click.option(name, *more, **settings)


def together(*decorators: Decorator) -> Decorator:
    """One decorator of many; the first stands first in `--help`."""
    return lambda function: reduce(lambda inner, outer: outer(inner), reversed(decorators), function)


def _as_request(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the options of `tree_options` to the command as one `request: ImagesRequest`."""

    @wraps(command)
    def with_request(  # noqa: PLR0917
        manifests: str,
        remotes: tuple[Path, ...],
        offline: bool,
        lock: Path,
        update_lock: bool,
        install: tuple[str, ...],
        render_all: bool,
        data: tuple[Path, ...],
        **others: Any,
    ) -> Any:
        from buildkit.flows.images import ImagesRequest  # noqa: PLC0415  (heavy: YAML)

        request = ImagesRequest(
            manifests=manifests,
            remotes=remotes,
            offline=offline,
            lock=lock,
            update_lock=update_lock,
            installs=install,
            render_all=render_all,
            data=data,
        )
        return command(request=request, **others)

    return with_request


# Where the bases that a tree names on other hosts come from.
remote_options = together(
    option("--remotes", multiple=True, type=FOLDER, help="Folder of remote bases, searched before any fetch."),
    option("--offline", is_flag=True, help="No network at all: what would need one is unknown."),
    option(
        "--lock",
        type=click.Path(dir_okay=False, path_type=Path),
        default=Path("kfkit.lock"),
        show_default=True,
        help="Commit or sha256 of each fetched remote base.",
    ),
    option("--update-lock", is_flag=True, help="Write the lock file anew."),
)

# What is read: a release and the bases it names on other hosts.
tree_options = together(
    # Eager: a kfkit.toml that lies in it must not be read.
    click.argument("manifests", metavar="MANIFESTS", is_eager=True),
    remote_options,
    option(
        "--install",
        multiple=True,
        help="Kustomization that counts as the default install; may be repeated.  [default: example]",
    ),
    option("--all", "render_all", is_flag=True, help="Render each kustomization by itself, covered ones too."),
    option("--data", multiple=True, type=FILE, help="More knowledge of projects, beside the built-in file."),
    _as_request,
)


def platform_option(default: str | None) -> Decorator:
    """`--platform`; without a default the policy decides."""
    return option(
        "--platform",
        "platforms",
        multiple=True,
        default=(default,) if default else (),
        show_default=default is not None,
        help="Required platforms; repeat it or separate them by commas."
        + ("" if default else "  [default: the policy's, else linux/amd64,linux/arm64]"),
    )


# Who is asked about an image, and how deep.
registry_options = together(
    option("--registries-conf", type=FILE, help="containers-registries.conf (v2): mirrors, locations, insecure."),
    option(
        "--depth",
        type=click.Choice(["descriptor", "config"]),
        default="config",
        show_default=True,
        help="`descriptor` reads no child configs: fewer requests, no mislabelled or suspect verdicts.",
    ),
)


def read_today(_ctx: click.Context, _param: click.Parameter, value: datetime | None) -> date:
    """The day to report: --today, else SOURCE_DATE_EPOCH (reproducible-builds.org), else now; in UTC."""
    if value is not None:
        return value.date()
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter("SOURCE_DATE_EPOCH is no number of seconds since 1970.") from None


today_option = option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=read_today,
    help="The date of the report.  [default: SOURCE_DATE_EPOCH, else now]",
)


def output_options(*formats: str) -> Decorator:
    """--format, --report, --timings, --config; the first format is the default."""
    return together(
        option(
            "--format",
            "output_format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="What goes to standard output.",
        ),
        option(
            "--report",
            "reports",
            multiple=True,
            metavar="FORMAT=FILE",
            callback=lambda _ctx, _param, values: tuple(parse_report(value, formats) for value in values),
            help="Write one more format to a file; may be repeated.",
        ),
        option("--timings", is_flag=True, help="Print what each stage took."),
        option(
            "--config",
            type=FILE,
            is_eager=True,
            expose_value=False,
            callback=apply_settings,
            help="Defaults for these options.  [default: kfkit.toml of the current directory]",
        ),
    )


def parse_report(text: str, formats: tuple[str, ...]) -> tuple[str, Path]:
    """Read FORMAT=FILE; that FILE can be written is checked before hours of work, not after."""
    name, _, file = text.partition("=")
    if name not in formats or not file:
        raise click.BadParameter(f"'{text}' is not FORMAT=FILE with a FORMAT of {', '.join(formats)}.")
    path = Path(file)
    folder = path.parent
    if path.is_dir():
        raise click.BadParameter(f"'{file}' is a folder, not a file.")
    if not folder.is_dir():
        raise click.BadParameter(f"there is no folder '{folder}' to write '{path.name}' in.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise click.BadParameter(f"'{file}' cannot be written: no permission.")
    return name, path

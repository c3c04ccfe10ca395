"""Options that `kfkit charts generate` and `kfkit charts check` share: which charts, as one `charts: ChartsRequest`."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from buildkit.cli.options import FILE, option, remote_options, together
from buildkit.edges.files import lies_inside
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def _as_request(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the options to the command as one `charts: ChartsRequest`."""

    @wraps(command)
    def with_request(  # noqa: PLR0917
        names: tuple[str, ...],
        manifests: str | None,
        specs: Path,
        version: str,
        audit: Path | None,
        remotes: tuple[Path, ...],
        offline: bool,
        lock: Path,
        update_lock: bool,
        **others: Any,
    ) -> Any:
        from buildkit.flows.charts import ChartsRequest  # noqa: PLC0415  (heavy: YAML)
        from buildkit.flows.options import RemoteOptions  # noqa: PLC0415

        request = ChartsRequest(
            manifests=manifests or _manifests_of_settings(click.get_current_context()),
            names=names,
            specs=specs,
            remotes=RemoteOptions(remotes=remotes, offline=offline, lock=lock, update_lock=update_lock),
            version=version,
            audit=audit,
        )
        return command(charts=request, **others)

    return with_request


def _manifests_of_settings(context: click.Context) -> str:
    """The tree that kfkit.toml names: that file is read after --manifests, so that none in a tree is read."""
    found = (context.default_map or {}).get("manifests")
    if not found:
        raise click.MissingParameter(ctx=context, param_hint="'--manifests'", param_type="option")
    named = context.get_parameter_source("config") in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}
    if not named and lies_inside(str(found)):
        raise UsageError(
            f"kfkit.toml lies inside {found}, which it names as `manifests`: it does not count",
            hint="give --manifests, or --config kfkit.toml",
        )
    return str(found)


charts_options = together(
    click.argument("names", metavar="[NAME]...", nargs=-1),
    option(
        "--manifests",
        metavar="MANIFESTS",
        # Eager: a kfkit.toml that lies in it must not be read.
        is_eager=True,
        help="The release: a folder or github.com/OWNER/REPO@REF.  [required]",
    ),
    option(
        "--specs",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("helm-charts"),
        show_default=True,
        help="Folder of specifications, <name>/spec.yaml each; all are taken unless some are named.",
    ),
    option("--version", default="", help="Version of the charts.  [default: the component's own in the release]"),
    option("--audit", type=FILE, help="JSON report of `kfkit audit`: which platforms the charts' images have."),
    remote_options,
    _as_request,
)

"""Options that `kfkit build plan` and `kfkit build run` share: what is to be built, as one `request: PlanRequest`."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buildkit.cli.options import option, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.builds.plan import CacheKind

catalogue_option = option(
    "--catalogue",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What is built from what; `kubeflow` is the built-in one.  [default: builds.yaml, if it is there, else "
    "kubeflow]",
)

source_option = option(
    "--source",
    "sources",
    multiple=True,
    metavar="OWNER/REPO=DIR",
    # Eager: a kfkit.toml that lies in one of these must not be read.
    is_eager=True,
    help="Checkout that stands for a repository, or for one branch of it (OWNER/REPO@BRANCH=DIR); may be repeated.",
)


def _as_request(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the options to the command as one `request: PlanRequest`."""

    @wraps(command)
    def with_request(  # noqa: PLR0917
        components: tuple[str, ...],
        catalogue: Path | None,
        version: str,
        tags: tuple[str, ...],
        platforms: tuple[str, ...],
        registry: str | None,
        sources: tuple[str, ...],
        resolve: bool,
        cache: CacheKind,
        cache_dir: Path | None,
        sbom: bool,
        changed_since: str | None,
        **others: Any,
    ) -> Any:
        from buildkit.flows.build_plan import PlanRequest  # noqa: PLC0415  (heavy: YAML)
        from buildkit.flows.inspect import parse_platforms  # noqa: PLC0415

        request = PlanRequest(
            version=version,
            components=components,
            catalogue=catalogue,
            tags=tags,
            platforms=parse_platforms(platforms) if platforms else (),
            registry=registry,
            sources=sources,
            cache=cache,
            cache_folder=cache_dir,
            sbom=sbom,
            resolve=resolve,
            changed_since=changed_since,
        )
        return command(request=request, **others)

    return with_request


plan_options = together(
    click.argument("components", metavar="[COMPONENT]...", nargs=-1),
    catalogue_option,
    option("--version", required=True, help="What is built: the tag, and {version} in the catalogue."),
    option("--tag", "tags", multiple=True, help="One more tag; may be repeated."),
    option(
        "--platform",
        "platforms",
        multiple=True,
        help="Only these platforms; repeat it or separate them by commas.  [default: all of each component]",
    ),
    option("--registry", metavar="HOST[/PREFIX]", help="Push there instead of the catalogue's registries."),
    source_option,
    option("--resolve", is_flag=True, help="Ask which commit each remote ref is, and build that one."),
    option(
        "--cache",
        type=click.Choice(["none", "registry", "gha", "local"]),
        default="none",
        show_default=True,
        help="Where layers are kept between builds, one cache for each component and platform.",
    ),
    option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), help="The folder of --cache local."),
    option("--sbom", is_flag=True, help="Attach a software bill of materials; the builder pulls a scanner for it."),
    option(
        "--changed-since",
        metavar="REV",
        help="Only components whose files changed since this git revision, uncommitted changes included.",
    ),
    _as_request,
)

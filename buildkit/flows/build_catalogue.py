"""`kfkit build catalogue`: catalogue -> components, and each checkout that is at hand -> what is not as it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.builds.drift import CatalogueCheck, Checked, Seen, find_drift, find_unnamed
from buildkit.builds.selection import select
from buildkit.dockerfile.errors import DockerfileError
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.edges.checkouts import find_dockerfiles, read_dockerfile
from buildkit.edges.files import is_folder, real_path
from buildkit.edges.git import resolve_revision
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_sources import check_used, checkout_of, parse_checkouts, read_catalogue, source_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.component import Component, Source
    from buildkit.builds.drift import Drift
    from buildkit.dockerfile.dockerfile import Dockerfile
    from buildkit.flows.watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueRequest:
    """Attributes: as of `PlanRequest`."""

    components: tuple[str, ...] = ()
    catalogue: Path | None = None
    sources: tuple[str, ...] = ()


def check_catalogue(request: CatalogueRequest, watch: Watch) -> CatalogueCheck:
    """Read the catalogue and hold it against the sources that are at hand: checkouts, and folders of its own.

    Where components are named, Dockerfiles that no component names are not looked for.

    Raises:
        UsageError: wrong arguments, or a wrong catalogue.
        UndeterminedError: a checkout cannot be read.
    """
    checkouts = parse_checkouts(request.sources)
    with watch.stage("catalogue"):
        catalogue = read_catalogue(request.catalogue, checkouts, watch)
    check_used(checkouts, catalogue)
    chosen = select(catalogue, request.components)
    sources: dict[str, Source] = {one.source.name: one.source for one in chosen}
    checked: list[Checked] = []
    drift: list[Drift] = []
    with watch.stage("sources"):
        for name, source in sources.items():
            folder = source_folder(source, checkout_of(source, checkouts, catalogue), catalogue)
            if folder is None:
                continue
            inside = [one for one in chosen if one.source.name == name]
            seen = _see(inside, folder)
            drift += find_drift(inside, seen)
            if not request.components:
                ignored = [one for one in catalogue.ignored if one.source.name == name]
                drift += find_unnamed(inside, ignored, seen, name, catalogue.file)
            checked.append(Checked(source=name, folder=folder, revision=_revision(folder), dockerfiles=len(seen.found)))
    return CatalogueCheck(
        catalogue=catalogue.file,
        components=chosen,
        checked=tuple(checked),
        unchecked=tuple(name for name in sources if name not in {one.source for one in checked}),
        drift=tuple(drift),
    )


def _see(components: Sequence[Component], folder: str) -> Seen:
    root = Path(folder)
    found = find_dockerfiles(root) if is_folder(root) else ()
    named = sorted({one.dockerfile for one in components})
    read = {path: dockerfile for path in named if (dockerfile := _read(root, path)) is not None}
    contexts = {one.context for one in components}
    return Seen(dockerfiles=read, folders=frozenset(one for one in contexts if _is_folder(root, one)), found=found)


def _is_folder(root: Path, path: str) -> bool:
    real = real_path(root / path)
    return is_folder(real) and real.is_relative_to(real_path(root))


def _read(root: Path, path: str) -> Dockerfile | str | None:
    """A Dockerfile, the reason why it cannot be read, or None where there is none."""
    try:
        text = read_dockerfile(root, path)
        return None if text is None else parse_dockerfile(text, path)
    except DockerfileError as error:
        return f"line {error.line}: {error.reason}"
    except UndeterminedError as error:
        return str(error)


def _revision(folder: str) -> str | None:
    try:
        return resolve_revision(Path(folder), "HEAD") if is_folder(folder) else None
    except UsageError:
        return None

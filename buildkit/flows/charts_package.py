"""`kfkit charts package`: charts' folders to archives, the same bytes each time; all are made before one is written."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.charts.packages import Package, Packages, PackageState
from buildkit.edges.files import read_limited
from buildkit.edges.helm_package import MOST_ARCHIVE, Packaged, package, save
from buildkit.edges.tools import HELM, find_program
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.flows.watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageRequest:
    """What is packaged.

    Attributes:
        folders: of the charts; none for all in `charts`.
        charts: a folder of charts.
        output: where the archives go.
        epoch: the time of every file in them, in seconds since 1970.
        check: only look whether they are there as they would be written.
    """

    folders: tuple[Path, ...]
    charts: Path
    output: Path
    epoch: int
    check: bool = False


def package_charts(request: PackageRequest, watch: Watch) -> Packages:
    """Package every chart.

    Raises:
        UsageError: no chart, one that helm does not package, two of one name and version, or no place for them.
        UndeterminedError: there is no helm that will do, or it did not get to an end.
    """
    folders = request.folders or charts_in(request.charts)
    program = find_program(HELM)
    made: dict[str, tuple[Path, Packaged]] = {}
    with watch.stage("package"):
        for number, folder in enumerate(folders, start=1):
            one = package(program, folder, epoch=request.epoch)
            if one.file in made:
                raise UsageError(f"{folder}: {one.file} is made of {made[one.file][0]} already")
            made[one.file] = (folder, one)
            watch.count("charts packaged", number, len(folders))
    with watch.stage("write"):
        packages = [_place(one, request) for _, one in made.values()]
    return Packages(epoch=request.epoch, packages=tuple(sorted(packages, key=lambda one: (one.chart, one.version))))


def charts_in(folder: Path) -> Sequence[Path]:
    """Folders of charts in a folder, by name.

    Raises:
        UsageError: there are none.
    """
    found = sorted(file.parent for file in folder.glob("*/Chart.yaml"))
    if not found:
        raise UsageError(
            f"{folder}: no chart in it: no folder with a Chart.yaml",
            hint="`kfkit charts generate` makes them; or name folders of charts",
        )
    return found


def _place(one: Packaged, request: PackageRequest) -> Package:
    path = request.output / one.file
    there = read_limited(path, MOST_ARCHIVE) if path.is_file() else None
    state: PackageState = "unchanged"
    if request.check and there != one.data:
        state = "missing" if there is None else "differs"
    elif there != one.data:
        save(one, request.output)
        state = "written"
    return Package(
        chart=one.name,
        version=one.version,
        file=str(path),
        bytes=len(one.data),
        sha256=sha256(one.data).hexdigest(),
        state=state,
    )

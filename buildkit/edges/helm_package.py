"""Packaged charts: helm decides what goes into one, and whether it is a chart; the bytes are ours.

Helm 3 writes the time of day into an archive, and subcharts come in any order from Helm 4 as well (its loader ranges
over a map). Written anew in one order and with one time, a chart is the same bytes whenever, wherever and by whichever
helm it is packaged.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from buildkit.edges.charts import archive_files
from buildkit.edges.files import read_limited, write_whole
from buildkit.edges.helm_run import ask, staged
from buildkit.edges.process import MIB, Limits
from buildkit.errors import UndeterminedError, UsageError
from buildkit.model.documents import DocumentError, parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from buildkit.edges.tools import Program

LIMITS: Final = Limits(seconds=120, output=MIB, memory=4096 * MIB)
MOST_ARCHIVE: Final = 100 * MIB
_MOST_TEXT: Final = 200
_LATEST: Final = 1 << 33  # the year 2242; an archive may say anything, infinity too


@dataclass(frozen=True, kw_only=True, slots=True)
class Packaged:
    """A chart as an archive: its name and version as its Chart.yaml says, and when its newest file is from."""

    name: str
    version: str
    data: bytes
    epoch: int

    @property
    def file(self) -> str:
        """What helm calls its archive."""
        return f"{self.name}-{self.version}.tgz"


def package(program: Program, chart: Path, *, epoch: int) -> Packaged:
    """Package a chart's folder as `helm package` does, the same bytes each time.

    Args:
        program: helm.
        chart: its folder.
        epoch: the time of every file in the archive, in seconds since 1970.

    Raises:
        UsageError: no chart, or one that helm does not package.
        UndeterminedError: helm did not get to an end.
    """
    with staged(chart) as stage:
        target = stage.scratch / "packages"
        target.mkdir()
        arguments = ["package", f"--destination={target}", "--", str(stage.chart)]
        done = ask(program, arguments, home=stage.home, limits=LIMITS, names=stage.names)
        if done.why is not None:
            failure = UsageError if done.lasting else UndeterminedError
            raise failure(f"{chart}: cannot be packaged: {done.why}")
        made = sorted(target.iterdir())
        if len(made) != 1:
            raise UndeterminedError(f"{chart}: helm made {len(made)} archives of it")
        files = archive_files(made[0].name, read_limited(made[0], MOST_ARCHIVE))
    return opened(str(chart), write_archive(str(chart), files, epoch))


def save(packaged: Packaged, folder: Path) -> Path:
    """Put an archive into a folder, which is made where it is missing; one of that name is replaced.

    Raises:
        UsageError: it cannot be written there.
    """
    path = folder / packaged.file
    try:
        write_whole(path, packaged.data, mode=0o644)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def write_archive(chart: str, files: Iterable[tuple[str, bytes]], epoch: int) -> bytes:
    """Files as one archive, Chart.yaml first as helm has it, the others by name.

    Raises:
        UsageError: two files of one name.
    """
    ordered = sorted(files, key=lambda file: (file[0].count("/") != 1 or not file[0].endswith("/Chart.yaml"), file[0]))
    for (one, _), (other, _) in pairwise(ordered):
        if one == other:
            raise UsageError(f"{chart}: two files would be {one[:_MOST_TEXT]} in its archive")
    packed = io.BytesIO()
    # An empty name and time of gzip's own, and no size of a buffer, which tarfile would pad to.
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as target,
    ):
        for name, content in ordered:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o644, epoch
            target.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def read_package(path: Path) -> Packaged:
    """Read an archive that the user named.

    Raises:
        UsageError: it is missing, or no packaged chart.
    """
    return opened(str(path), read_limited(path, MOST_ARCHIVE))


def opened(source: str, data: bytes) -> Packaged:
    """An archive with what its own Chart.yaml says.

    Raises:
        UsageError: no packaged chart.
    """
    try:
        files = archive_files(source, data)
    except UndeterminedError as error:
        why = str(error).removeprefix(f"{source}: ")
        raise UsageError(f"{source}: no packaged chart: {why}") from error
    about = [content for name, content in files if name.count("/") == 1 and name.endswith("/Chart.yaml")]
    if len(about) != 1:
        raise UsageError(f"{source}: no packaged chart: {len(about)} files NAME/Chart.yaml in it, not one")
    name, version = (_field(source, about[0], key) for key in ("name", "version"))
    return Packaged(name=name, version=version, data=data, epoch=_newest(data))


def _field(source: str, about: bytes, key: str) -> str:
    try:
        value = parse_value(about.decode("utf-8-sig"))
    except (UnicodeDecodeError, DocumentError) as error:
        raise UsageError(f"{source}: its Chart.yaml cannot be read: {error}") from error
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found or "/" in found:
        raise UsageError(f"{source}: its Chart.yaml has no {key}")
    return found


def _newest(data: bytes) -> int:
    """Time of the newest file; the archive was read to its end before."""
    with tarfile.open(fileobj=gzip.GzipFile(fileobj=io.BytesIO(data)), mode="r|") as source:
        return max((int(one.mtime) for one in source if 0 <= one.mtime < _LATEST), default=0)

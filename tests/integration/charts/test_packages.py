"""`kfkit charts package` with both helms."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from buildkit.edges import helm_package
from buildkit.edges.tools import Program
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.charts_package import PackageRequest, package_charts
from buildkit.flows.watch import Watch
from tests.integration.charts.packaging import DAY, packaged, write


def members(data: Path) -> list[tuple[str, int, int]]:
    with tarfile.open(data) as source:
        return [(one.name, int(one.mtime), one.mode) for one in source]


def test_an_archive_is_the_same_bytes_whenever_and_wherever(program: Program, tmp_path: Path) -> None:
    one, other = write(tmp_path / "a"), write(tmp_path / "deep" / "folder" / "b")
    os.utime(other / "values.yaml", (1, 1))
    first = helm_package.package(program, one, epoch=DAY)
    assert first == helm_package.package(program, other, epoch=DAY)
    assert (first.file, first.epoch) == ("demo-1.0.0.tgz", DAY)
    assert first.data != helm_package.package(program, one, epoch=DAY + 60).data


def test_subcharts_come_in_one_order(program: Program, tmp_path: Path) -> None:
    chart = write(tmp_path / "demo")
    for name in "abcdefgh":
        write(chart / "charts" / name, name)
    made = {helm_package.package(program, chart, epoch=DAY).data for _ in range(4)}
    assert len(made) == 1


def test_what_helm_ignores_is_left_out_and_chart_yaml_comes_first(chart: Path) -> None:
    (one,) = packaged(chart)
    found = members(Path(one.file))
    assert [name for name, _, _ in found] == [
        *("demo/Chart.yaml", "demo/.helmignore", "demo/templates/config.yaml", "demo/values.yaml"),
    ]
    assert {(time, mode) for _, time, mode in found} == {(DAY, 0o644)}


def test_helm_takes_the_archive(program: Program, archive: Path, tmp_path: Path) -> None:
    for words in (("lint", "--strict"), ("template", "x"), ("show", "chart")):
        argv = [str(program.path), *words, str(archive)]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_packaging_again_leaves_what_is_there_and_check_writes_nothing(chart: Path) -> None:
    assert [one.state for one in packaged(chart, check=True)] == ["missing"]
    (one,) = packaged(chart)
    assert (one.state, Path(one.file).stat().st_mode & 0o777) == ("written", 0o644)
    assert [one.state for one in packaged(chart)] == ["unchanged"]
    (chart / "values.yaml").write_text("color: blue\n")
    assert [one.state for one in packaged(chart, check=True)] == ["differs"]
    assert [one.state for one in packaged(chart)] == ["written"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"Chart.yaml": "apiVersion: v2\nname: demo\nversion: one\n"}, "cannot be packaged: .*version"),
        ({"Chart.yaml": "apiVersion: v2\nname: ../demo\nversion: 1.0.0\n"}, "cannot be packaged: .*name"),
        ({"Chart.yaml": "[\n"}, "cannot be packaged: "),
        ({"values.schema.json": "{"}, "no JSON that can be read"),
    ],
)
def test_what_is_no_chart_is_not_packaged(tmp_path: Path, files: dict[str, str], why: str) -> None:
    chart = write(tmp_path / "charts" / "bad", **files)
    with pytest.raises((UsageError, UndeterminedError), match=why):
        packaged(chart)
    assert not (tmp_path / "packages").exists()


def test_nothing_is_written_where_one_chart_cannot_be_packaged_or_two_are_one(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "good"), write(tmp_path / "bad", version="one")
    request = PackageRequest(folders=(good, bad), charts=Path("none"), output=tmp_path / "packages", epoch=DAY)
    with pytest.raises(UsageError, match="cannot be packaged"):
        package_charts(request, Watch())
    request = PackageRequest(folders=(good, good), charts=Path("none"), output=tmp_path / "packages", epoch=DAY)
    with pytest.raises(UsageError, match=r"demo-1\.0\.0\.tgz is made of .*good already"):
        package_charts(request, Watch())
    assert not (tmp_path / "packages").exists()

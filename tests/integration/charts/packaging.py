"""A small chart, and the flows of `charts package` and `charts publish` as tests call them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from buildkit.charts.packages import Package, Publication, Published
from buildkit.flows.charts_package import PackageRequest, package_charts
from buildkit.flows.charts_publish import PublishRequest, open_client, publish_charts
from buildkit.flows.watch import Watch

DAY = 1767225600
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: NAME\nversion: VERSION\nappVersion: 1.2.3\n",
    "values.yaml": "color: red\n",
    "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {c: {{ .Values.color }}}\n",
    ".helmignore": "*.md\n",
    "NOTES.md": "not packed\n",
}


def write(folder: Path, name: str = "demo", version: str = "1.0.0", **more: str) -> Path:
    for path, text in {**CHART, **more}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("NAME", name).replace("VERSION", version))
    return folder


def packaged(chart: Path, *, check: bool = False) -> tuple[Package, ...]:
    output = chart.parent.parent / "packages"
    request = PackageRequest(folders=(chart,), charts=Path("none"), output=output, epoch=DAY, check=check)
    return package_charts(request, Watch()).packages


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Publishes archives to one place."""

    registry: str

    def publish(self, *archives: Path, conf: Path | None = None, **options: bool) -> Publication:
        request = PublishRequest(archives=archives, packages=Path("none"), registry=self.registry, **options)
        return publish_charts(request, open_client(conf), Watch())

    def one(self, archive: Path, conf: Path | None = None, **options: bool) -> Published:
        (one,) = self.publish(archive, conf=conf, **options).charts
        return one

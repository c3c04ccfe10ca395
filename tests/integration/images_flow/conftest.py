"""Small trees written inline, rendered by the real kustomize, compared whole."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.flows.images import ImagesRequest, ImagesResult, collect_images
from buildkit.flows.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: main
        image: {image}
"""


def deployment(image: str, name: str = "web") -> str:
    return DEPLOYMENT.format(image=image).replace("name: web", f"name: {name}")


@dataclass
class Workbench:
    """A folder with a tree in it, and what a run over it said."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    def write(self, files: Mapping[str, str], under: str = "tree") -> Path:
        for name, text in files.items():
            path = self.folder / under / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return self.folder / under

    def images(self, **options: Any) -> ImagesResult:
        options = {"manifests": str(self.tree), "offline": True, "lock": self.folder / "kfkit.lock", **options}
        return collect_images(ImagesRequest(**options), Watch(tell=self.said.append))

    def places(self, **options: Any) -> dict[str, list[str]]:
        """Image name -> `file:line` of each use."""
        return {image.name: [f"{use.file}:{use.line}" for use in image.uses] for image in self.images(**options).images}


def statuses(result: ImagesResult) -> dict[str, str]:
    return {one.path: one.status for one in result.kustomizations}


def why(bench: Workbench, folder: str, **options: object) -> str:
    """The reason that a kustomization's record gives."""
    return {one.path: one.why for one in bench.images(**options).kustomizations}[folder] or ""


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)

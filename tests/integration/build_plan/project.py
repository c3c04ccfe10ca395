"""Repositories with catalogues, written by tests, and `kfkit build plan` run in them as a user would."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.support.kfkit import Run, run_kfkit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CATALOGUE = """\
components:
  - name: web
    image: registry.example/web
    source: {directory: src}
    context: web
    dockerfile: build/web.Dockerfile
  - name: api.v2
    image: registry.example/api
    source: {directory: src}
    context: api
    dockerfile: api/Dockerfile
    args: {TEXT: 'a "b" ${c} %{d} $e', COMMIT: "{revision}"}
  - name: all
    image: registry.example/all
    source: {directory: src}
    dockerfile: Dockerfile
"""
FILES = {
    "builds.yaml": CATALOGUE,
    "src/web/main": "web\n",
    "src/api/main": "api\n",
    "src/api/Dockerfile": "ARG TEXT\nFROM scratch\nARG COMMIT\nCOPY main /\n",
    "src/build/web.Dockerfile": "FROM scratch\nCOPY main /\n",
    "src/Dockerfile": "FROM scratch\nCOPY . /\n",
    "src/.dockerignore": "docs\n*.md\n",
    "src/docs/a.txt": "a\n",
    "README.md": "x\n",
}


REMOTE = """\
sources:
  katib: {repository: kubeflow/katib, ref: "v{version}"}
  n1: {repository: kubeflow/notebooks, branch: v1}
  n2: {repository: kubeflow/notebooks, branch: v2}
components:
  - {name: ui, image: ghcr.io/k/ui, source: katib, context: web, dockerfile: web/Dockerfile}
  - {name: out, image: ghcr.io/k/out, source: katib, context: web, dockerfile: build/web.Dockerfile}
  - {name: one, image: ghcr.io/k/one, source: n1}
  - {name: two, image: ghcr.io/k/two, source: n2}
"""


def git(folder: Path, *arguments: str) -> str:
    argv = ["git", *arguments]
    return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit(folder: Path, files: Mapping[str, str] | None = None) -> str:
    write(folder, files or {})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")
    return git(folder, "rev-parse", "HEAD")


def kfkit(folder: Path, *arguments: str) -> Run:
    return run_kfkit("build", "plan", *arguments, work=folder)


def names(run: Run) -> list[str]:
    return [one["component"] for one in run.document()["builds"]]


def labels(run: Run, number: int = 0) -> dict[str, str]:
    return dict(run.document()["builds"][number]["labels"])

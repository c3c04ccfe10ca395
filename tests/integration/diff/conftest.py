"""Trees, charts and repositories written by a test, and `kfkit diff` run on them as a user would."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.kfkit import Run, environment, run_kfkit
from tests.support.tools import tool

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
        image: nginx:1.27
        envFrom:
        - configMapRef: {name: conf}
"""
# A base two folders above its overlay, as Kubeflow's are.
TREE = {
    "base/kustomization.yaml": """\
        resources: [deployment.yaml]
        commonLabels: {app: web}
        configMapGenerator:
        - name: conf
          literals: [mode=fast]
        """,
    "base/deployment.yaml": DEPLOYMENT,
    "overlays/mine/kustomization.yaml": "resources: [../../base]\nnamespace: mine\n",
    "overlays/yours/kustomization.yaml": "resources: [../../base]\nnamespace: yours\n",
    "other/kustomization.yaml": "resources: [service.yaml]\n",
    "other/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: other}\nspec: {ports: [{port: 80}]}\n",
}


@dataclass
class Bench:
    """A folder for operands, and one for what kfkit keeps."""

    folder: Path

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def write(self, files: Mapping[str, str], under: str) -> Path:
        for name, text in files.items():
            path = self.folder / under / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return self.folder / under

    def diff(self, *arguments: str | Path) -> Run:
        return run_kfkit("diff", *arguments, "--offline", work=self.work)

    def document(self, *arguments: str | Path) -> dict[str, Any]:
        return self.diff(*arguments, "--format", "json").document()

    def piped(self, text: str, *arguments: str | Path) -> Run:
        """Run with a text on standard input."""
        self.work.mkdir(exist_ok=True)
        run = subprocess.run(
            [sys.executable, "-m", "buildkit.cli", "diff", *map(str, arguments)],
            cwd=self.work,
            env=environment(self.work),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(code=run.returncode, out=run.stdout, err=run.stderr)

    def git(self, *arguments: str) -> None:
        self.work.mkdir(exist_ok=True)
        settings = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
        subprocess.run(
            [tool("git"), *settings, *arguments],
            cwd=self.folder / "repository",
            env=environment(self.work),
            check=True,
            capture_output=True,
        )

    def repository(self, files: Mapping[str, str], under: str = "manifests") -> Path:
        """A git repository with one commit, `one`, that holds a tree in a folder."""
        tree = self.write(files, f"repository/{under}")
        self.git("init", "--quiet")
        self.commit("one")
        return tree

    def commit(self, name: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)
        self.git("tag", name)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)

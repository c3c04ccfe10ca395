"""Small trees written inline, overlaid by the command as a user runs it, rendered by the real kustomize."""

from __future__ import annotations

import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.kfkit import Run, run_kfkit
from tests.support.tools import tool

if TYPE_CHECKING:
    from collections.abc import Mapping


def deployment(image: str, name: str = "web", more: str = "") -> str:
    """Give a Deployment with one container; `more` is YAML of its pod spec."""
    head = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: ns}}\nspec:\n  template:\n"
    return (
        head
        + f"    spec:\n      containers:\n      - {{name: main, image: '{image}'}}\n{textwrap.indent(more, ' ' * 6)}"
    )


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder with a tree; its install is `example`."""

    folder: Path

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def output(self) -> Path:
        return self.folder / "ours"

    def write(self, files: Mapping[str, str], under: str = "tree/example") -> None:
        """Write files; where no kustomization is among them, one that takes in all of them."""
        if not any(name.endswith("kustomization.yaml") for name in files):
            rows = "".join(f"- {name}\n" for name in files)
            files = {**files, "kustomization.yaml": f"resources:\n{rows}"}
        for name, text in files.items():
            path = self.folder / under / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def overlay(self, *arguments: str | Path, output: Path | None = None) -> Run:
        """Run `kfkit overlay` on the tree."""
        whole = ("overlay", self.tree, "--output", output or self.output, *arguments)
        return run_kfkit(*whole, work=self.folder / "work")

    def document(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        """Run the same for its JSON."""
        run = self.overlay(*arguments, "--format", "json")
        assert run.code == code, run.err + run.out
        return run.document()

    def build(self, folder: Path | None = None) -> str:
        """Render the overlay with the real kustomize, as a user would."""
        done = subprocess.run(
            [tool("kustomize"), "build", folder or self.output],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def contents(self) -> dict[str, str]:
        """Give every file of the whole bench but for caches."""
        files = [
            one for one in self.folder.rglob("*") if one.is_file() and "work" not in one.parts[len(self.folder.parts) :]
        ]
        return {one.relative_to(self.folder).as_posix(): one.read_text() for one in sorted(files)}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)

"""Where tests build: a folder with a catalogue, a registry to push to, and what a run says in short."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buildkit.edges.registry.client import open_registry
from buildkit.model.reference import parse_reference
from tests.support.binfmt import foreign_architecture, own_architecture
from tests.support.kfkit import Run, environment, run_kfkit

SAMPLE_HOST = "registry.quarry.example"
NATIVE, FOREIGN = f"linux/{own_architecture()}", f"linux/{foreign_architecture()}"


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a test builds: its folder, the registry it pushes to, and the settings that lead to the base images."""

    work: Path
    host: str
    conf: Path

    @property
    def prefix(self) -> str:
        """What stands between the host and a component in a tag."""
        return self.host.partition("/")[2]

    def component(self, name: str, dockerfile: str, *, more: str = "", **files: str) -> None:
        """Add a component to the catalogue, built of this Dockerfile and these files."""
        folder = self.work / name
        folder.mkdir()
        (folder / "Dockerfile").write_text(dockerfile)
        for file, text in files.items():
            (folder / file).write_text(text)
        catalogue = self.work / "builds.yaml"
        head = catalogue.read_text() if catalogue.exists() else "components:\n"
        catalogue.write_text(
            f"{head}  - name: {name}\n    image: {SAMPLE_HOST}/{name}\n    source: {{directory: {name}}}\n{more}"
        )

    def options(self, version: str = "1.0") -> tuple[str, ...]:
        return ("--version", version, "--registry", self.host, "--registries-conf", str(self.conf), "--format", "json")

    def run(self, *arguments: str, version: str = "1.0", env: Mapping[str, str] | None = None) -> Run:
        return run_kfkit("build", "run", *arguments, *self.options(version), work=self.work, env=env)

    def merge(self, *arguments: str) -> Run:
        return run_kfkit(
            "build", "merge", *arguments, "--registries-conf", self.conf, "--format", "json", work=self.work
        )

    def start(self, *arguments: str, version: str = "1.0") -> subprocess.Popen[str]:
        """Run it beside the test; its messages are read line by line."""
        argv = [sys.executable, "-m", "buildkit.cli", "build", "run", *arguments, *self.options(version)]
        return subprocess.Popen(
            argv, cwd=self.work, env=environment(self.work), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def digest(self, name: str) -> str | None:
        """What a tag stands for (`console:1.0`), None where there is none."""
        return open_registry().resolve(parse_reference(f"{self.host}/{name}"))


def states(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (component["component"], platform["platform"]): platform["state"]
        for component in document["components"]
        for platform in component["platforms"]
    }


def tags(document: dict[str, Any]) -> dict[str, str]:
    """State of each tag, by its name without the host."""
    return {
        tag["tag"].partition("/")[2]: tag["state"] for component in document["components"] for tag in component["tags"]
    }


def problems(document: dict[str, Any]) -> str:
    """All that speaks against it, in one text."""
    found = []
    for component in document["components"]:
        found += [component.get("problem", ""), component.get("unknown", "")]
        for platform in component["platforms"]:
            found += [platform.get("problem", ""), platform.get("hint", ""), *platform["lines"]]
    return "\n".join(filter(None, found))


def written(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document

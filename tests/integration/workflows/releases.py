"""A repository that calls `build-multiarch.yml`, and where it pushes to: a real registry; an engine starts it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from buildkit.edges.registry.client import open_registry
from buildkit.model.reference import parse_reference
from tests.integration.workflows.conftest import git
from tests.support.binfmt import foreign_architecture, own_architecture
from tests.support.tools import ROOT
from tests.support.workflow import run_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.integration.workflows.conftest import Surroundings
    from tests.support.workflow import Action, JobRun, WorkflowRun

WORKFLOW = ROOT / ".github" / "workflows" / "build-multiarch.yml"
CALLER, HOST = "someone/console", "registry.quarry.example"
NATIVE, FOREIGN = f"linux/{own_architecture()}", f"linux/{foreign_architecture()}"
BASE = f"FROM {HOST}/build/base:1\n"
TOKEN = "a-token-of-the-callers"
_WHO = ("-c", "user.name=x", "-c", "user.email=x@example.com")
# `tool` is built on `app`; `lone` has one platform, so that its build is whole on one runner.
CATALOGUE = f"""components:
  - name: app
    image: {HOST}/app
    source: {{directory: app}}
    smoke: [/bin/sh, /check]
  - name: tool
    image: {HOST}/tool
    source: {{directory: tool}}
    args: {{APP: "{{registry}}/app:{{version}}"}}
    needs: [app]
    smoke: [/bin/cat, /machine]
  - name: lone
    image: {HOST}/lone
    source: {{directory: lone}}
    platforms: [{NATIVE}]
    smoke: [/bin/cat, /machine]
"""
FILES = {
    "builds.yaml": CATALOGUE,
    "app/Dockerfile": f"{BASE}COPY check /check\n",
    "app/check": "exit 0\n",
    "tool/Dockerfile": "ARG APP\nFROM ${APP}\nRUN uname -m > /machine\n",
    "lone/Dockerfile": f"{BASE}RUN uname -m > /machine\n",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where releases go: the registry, and what leads kfkit to it, to the base images and to the engine."""

    surroundings: Surroundings
    registry: str
    env: Mapping[str, str]


class Releases:
    """Runs of the workflow for a caller's repository, into a folder of the registry."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.prefix = f"{place.registry}/{folder.name}"
        self.secrets = {"registry-token": TOKEN}
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
        self.write(FILES)

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)
        git(self.folder, "add", "--all")
        git(self.folder, *_WHO, "commit", "--quiet", "-m", "write")

    def run(
        self, version: str = "1.0", *, actions: Mapping[str, Action] | None = None, native: bool = False, **inputs: Any
    ) -> WorkflowRun:
        """Run it; unless `native`, the foreign platform is emulated here, which `--native-only` would refuse."""
        surroundings = self.place.surroundings
        host = surroundings.host(today="2026-11-30", callers={CALLER: self.folder}, belongs_to=CALLER)
        host = replace(
            host,
            env={**host.env, **self.place.env},
            secrets=self.secrets,
            actions={**host.actions, **(actions or {})},
        )
        path = WORKFLOW
        if not native:
            path = surroundings.work / "emulated.yml"
            path.write_text(WORKFLOW.read_text().replace("options+=(--native-only)", ":"))
        asked = {"version": version, "registry": self.prefix}
        asked |= {name.replace("_", "-"): value for name, value in inputs.items()}
        return run_workflow(path, host, event="workflow_call", inputs=asked)

    def digest(self, name: str) -> str | None:
        """What a tag stands for (`app:1.0`), None where there is none."""
        return open_registry().resolve(parse_reference(f"{self.prefix}/{name}"))


def report(run: WorkflowRun, name: str) -> dict[str, Any]:
    """A report of the merge job, as it is kept."""
    (found,) = [path for path in run.artifacts.rglob(name) if path.parent.name.count("-") == 3]
    document: dict[str, Any] = json.loads(found.read_text())
    return document


def built(run: WorkflowRun, components: str, platform: str) -> JobRun:
    return run.job("build", components=components, platform=platform)

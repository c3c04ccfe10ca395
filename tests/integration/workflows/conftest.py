"""A runner's surroundings on this machine: a registry, GitHub's issues, a remote for pushes, kubeflow's repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from examples.images import IMAGES
from tests.support.github_api import Tracker, run_github
from tests.support.kfkit import environment, share_renders
from tests.support.mirror import fill, hosts_of, write_registries_conf
from tests.support.registry_process import run_registry
from tests.support.tools import ROOT, missing, tool
from tests.support.workflow import Host
from tests.support.workflow_actions import ACTIONS

OURS = "kubeflow/kubeflow-buildkit"
UPSTREAM = "kubeflow/community-distribution"
COMMIT = "c0ffee" + "0" * 34
NOBODY = "127.0.0.1:9"  # nothing listens on the discard port


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@dataclass(kw_only=True)
class Surroundings:
    """`repository` is checked out, `pushed` is its remote, `upstream` what kfkit clones as kubeflow's."""

    work: Path
    github: Tracker
    conf: Path
    dead_conf: Path
    renders: Path
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def repository(self) -> Path:
        return self.work / "repository"

    @property
    def pushed(self) -> Path:
        return self.work / "pushed.git"

    @property
    def upstream(self) -> Path:
        return self.work / "github" / UPSTREAM

    def host(
        self, *, today: str, registries: bool = True, callers: Mapping[str, Path] | None = None, belongs_to: str = OURS
    ) -> Host:
        """Give a fresh runner: its own home, no cache but renders, on a day, with registries that answer or not."""
        number = len(list((self.work / "homes").iterdir()))
        home = self.work / "homes" / str(number)
        home.mkdir()
        clones = f'[url "file://{self.work}/github/"]\n\tinsteadOf = https://github.com/\n'
        env = environment(home) | {
            "KFKIT_REGISTRIES_CONF": str(self.conf if registries else self.dead_conf),
            "KFKIT_TODAY": today,
            "MAKEFLAGS": "",
        }
        share_renders(Path(env["XDG_CACHE_HOME"]), self.renders)
        Path(env["HOME"]).mkdir()
        Path(env["HOME"], ".gitconfig").write_text(clones)
        return Host(
            folder=self.work / "runs",
            repositories={OURS: (self.repository, str(self.pushed))}
            | {name: (folder, str(self.work / "none")) for name, folder in (callers or {}).items()},
            repository=belongs_to,
            own=(OURS, COMMIT),
            env={name: value for name, value in env.items() if not name.startswith(("GITHUB_", "PYTHONPATH"))},
            actions=ACTIONS,
            api=self.github.address,
            tokens=self.tokens,
        )


@pytest.fixture(scope="session")
def surroundings(tmp_path_factory: pytest.TempPathFactory, renders: Path) -> Iterator[Surroundings]:
    work = tmp_path_factory.mktemp("workflows")
    tokens: dict[str, dict[str, str]] = {}
    tool("kustomize")
    with run_registry(work / "registry") as registry, run_github(OURS, tokens) as github:
        fill(registry.host, IMAGES)
        for name, host in (("registries.conf", registry.host), ("dead.conf", NOBODY)):
            write_registries_conf(work / name, host, hosts_of(IMAGES))
        for folder in ("homes", "runs"):
            (work / folder).mkdir()
        made = Surroundings(
            work=work,
            github=github,
            conf=work / "registries.conf",
            dead_conf=work / "dead.conf",
            renders=renders,
            tokens=tokens,
        )
        copy_repository(made.repository)
        git(work, "init", "--quiet", "--bare", str(made.pushed))
        yield made


def copy_repository(target: Path) -> None:
    """Our own files as they are now; what `make` has installed here is installed there too.

    What maintainers decided (`audits/`) is about Kubeflow, not about the sample, and stays here. The copies are older
    than every stamp, so that `make` finds nothing to do: it must not install out of a test.
    """
    for stamp in (".venv/runtime.stamp", ".tools/bin/kustomize"):
        if not (ROOT / stamp).exists():
            missing(f"{stamp} is not there: run `make test`")
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and not name.startswith("audits/") and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
            shutil.copymode(ROOT / name, target / name)
            os.utime(target / name, (1, 1))
    (target / "audits").mkdir()
    for name in (".venv", ".tools"):
        (target / name).symlink_to(ROOT / name)

"""Run the command as a user would: a process of its own, with caches of its own and no way out to the internet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of kfkit."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        """Read the JSON that the run printed."""
        if not self.out:
            raise RuntimeError(f"kfkit ended with {self.code} and printed nothing:\n{self.err}")
        document: dict[str, Any] = json.loads(self.out)
        return document


def run_kfkit(*arguments: str | Path, work: Path, seconds: float = 600, env: Mapping[str, str] | None = None) -> Run:
    """Run kfkit in `work`, which holds its caches too; `env` on top of `environment`."""
    work.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "buildkit.cli", *map(str, arguments)]
    done = subprocess.run(
        argv,
        cwd=work,
        env=environment(work) | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Run(code=done.returncode, out=done.stdout, err=done.stderr)


def environment(work: Path) -> dict[str, str]:
    """Give an environment without the settings, credentials and caches of who runs this."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KFKIT_", "DOCKER_", "GIT_"))}
    kept.pop("REGISTRY_AUTH_FILE", None)
    return kept | {
        "HOME": str(work / "home"),
        "XDG_CACHE_HOME": str(work / "cache"),
        "XDG_CONFIG_HOME": str(work / "config"),
        "DOCKER_CONFIG": str(work / "docker"),
        "PATH": os.pathsep.join([str(ROOT / ".tools" / "bin"), kept.get("PATH", os.defpath)]),
        "PYTHONPATH": str(ROOT),
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
        "NO_PROXY": "127.0.0.1",
    }


def share_renders(cache: Path, renders: Path) -> None:
    """Let runs whose XDG_CACHE_HOME is `cache` share the render cache of other tests, and nothing else."""
    (cache / "kfkit").mkdir(parents=True)
    (cache / "kfkit" / "renders").symlink_to(renders, target_is_directory=True)

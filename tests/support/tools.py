"""Real programs and real releases for tests. In CI what is missing fails; elsewhere the test says what it lacks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
_RELEASES = Path(os.environ.get("KFKIT_RELEASES") or ROOT.parent / "shared" / "manifests").resolve()


def missing(what: str) -> NoReturn:
    """End the test: a failure in CI, where everything has to be there, else a skip that names the remedy."""
    import pytest  # noqa: PLC0415  # `make demo` uses the rest of this module where only the package is installed

    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def tool(name: str, remedy: str = "run `make tools`") -> str:
    """Absolute path of a program, the pinned one of `make tools` first; a daemon's may lie in /usr/sbin."""
    path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        missing(f"{name} is not installed: {remedy}")
    return found


def release(name: str) -> Path:
    """Folder of a release tree (`26.03`, `v1.11.0`) under KFKIT_RELEASES, default `../shared/manifests`."""
    folder = _RELEASES / name
    if not folder.is_dir():
        missing(f"release {name} is not in {_RELEASES}: set KFKIT_RELEASES, or run `make releases`")
    return folder


def remotes() -> Path:
    """Folder with the remote bases of the releases: `kustomize-remotes` beside them."""
    folder = _RELEASES.parent / "kustomize-remotes"
    if not folder.is_dir():
        missing(f"no remote bases in {folder}: set KFKIT_RELEASES, or run `make releases`")
    return folder

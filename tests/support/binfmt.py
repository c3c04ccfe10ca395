"""Programs of the other architecture on this machine: what there is to run them with, and what they are called.

What is registered stays: it is the machine's, not a test's.
"""

from __future__ import annotations

import platform
import subprocess
from typing import Final

from tests.support.tools import ROOT, missing

_OWN: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def own_architecture() -> str:
    """Go's name of this machine's architecture."""
    return _OWN[platform.machine()]


def foreign_architecture() -> str:
    """The other one of the two."""
    return "arm64" if own_architecture() == "amd64" else "amd64"


def provide_emulation() -> None:
    """Let foreign programs run here, as `make emulators` does; what that takes and is not there, is missing."""
    done = subprocess.run([ROOT / "tools" / "emulators"], capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"programs for {foreign_architecture()} do not run here: {done.stderr.strip()}")

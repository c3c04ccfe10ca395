"""binfmt_misc with qemu for the other architecture, so that foreign programs run in any container. Needs root.

Registered as Debian's qemu-user-static does, with the flag F: the interpreter is opened now, so that containers need
none of their own. What is registered already is left as it is, and stays: it is the machine's, not a test's.
"""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Final

from tests.support.tools import missing, tool

BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")
_MASK: Final = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
# By Go's name: qemu's name, and the first bytes of an ELF program.
_MAGIC: Final = {
    "amd64": ("x86_64", r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"),
    "arm64": ("aarch64", r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"),
}
_OWN: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def own_architecture() -> str:
    """Go's name of this machine's architecture."""
    return _OWN[platform.machine()]


def foreign_architecture() -> str:
    """The other one of the two."""
    return "arm64" if own_architecture() == "amd64" else "amd64"


def provide_emulation() -> None:
    """Register qemu for the foreign architecture unless somebody has; what that takes and is not there, is missing."""
    name, magic = _MAGIC[foreign_architecture()]
    entry = BINFMT / f"qemu-{name}"
    if entry.exists() and entry.read_text().startswith("enabled"):
        return
    if os.geteuid():
        missing(f"programs for {foreign_architecture()} do not run here, and only root can register qemu")
    if not (BINFMT / "register").exists():
        done = subprocess.run(["mount", "-t", "binfmt_misc", "none", str(BINFMT)], capture_output=True, check=False)
        if done.returncode:
            missing(f"binfmt_misc cannot be mounted: {done.stderr.decode(errors='replace').strip()}")
    if entry.exists():
        entry.write_text("1")
        return
    # By this name qemu understands the flag P, by which a program hears the name that it was called by.
    named = Path(f"/usr/libexec/qemu-binfmt/{name}-binfmt-P")
    interpreter = named if named.exists() else tool(f"qemu-{name}-static", "run `make system` (qemu-user-static)")
    flags = "POF" if named.exists() else "OF"
    try:
        (BINFMT / "register").write_text(f":qemu-{name}:M::{magic}:{_MASK}:{interpreter}:{flags}")
    except OSError as error:
        if not entry.exists():  # another test run was faster
            missing(f"qemu-{name} cannot be registered: {error.strerror}")

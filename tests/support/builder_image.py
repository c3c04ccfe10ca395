"""BuildKit as an image, as moby/buildkit publishes one: of the programs that this machine has, pulled from nowhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from examples.bases import push_files
from tests.support.binfmt import own_architecture
from tests.support.tools import ROOT, tool
from tools.provide import provide_go

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = "build/buildkit:test"


def push_builder(host: str, scratch: Path) -> str:
    """Push it to a registry; gives its name. `scratch` is a folder for what is compiled."""
    runc = Path(tool("runc")).resolve()
    files = {
        "usr/bin/buildkitd": Path(tool("buildkitd")),
        "usr/bin/buildctl": _compile_buildctl(scratch),
        "usr/bin/buildkit-runc": runc,
        **{str(path).lstrip("/"): path for path in _libraries(runc)},
        "tmp/empty": Path(os.devnull),  # BuildKit tries there which platforms' programs run
    }
    settings = {
        "Entrypoint": ["buildkitd"],
        "Env": ["PATH=/usr/bin", "BUILDKIT_SETUP_CGROUPV2_ROOT=1"],
        "Volumes": {"/var/lib/buildkit": {}},
    }
    push_files(host, _NAME, platform=f"linux/{own_architecture()}", files=files, settings=settings)
    return f"{host}/{_NAME}"


def _libraries(program: Path) -> Iterator[Path]:
    """What the loader takes for a program, and the loader; none for a static one."""
    done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    yield from (Path(found) for found in re.findall(r"(/\S+) \(0x", done.stdout))


def _compile_buildctl(scratch: Path) -> Path:
    target = scratch / "buildctl"
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    command = [provide_go(), "build", "-trimpath", "-o", str(target), "."]
    folder = ROOT / "tests" / "support" / "buildctl"
    subprocess.run(command, cwd=folder, env={**os.environ, **settings}, check=True)
    return target


_RUNTIME: Final = """#!{python}
import json, os, sys
words = sys.argv[1:]
paths = [(words[n + 1] + "/config.json", "process") for n, word in enumerate(words) if word == "--bundle"]
paths += [(words[n + 1], "") for n, word in enumerate(words) if word == "--process"]
for path, key in paths:
    document = json.load(open(path))
    process = document[key] if key else document
    for name, kept in process.get("capabilities", {{}}).items():
        process["capabilities"][name] = [one for one in kept if one not in {lacking!r}]
    json.dump(document, open(path, "w"))
os.execv({runc!r}, [{runc!r}, *words])
"""
_CAPABILITIES: Final = {24: "CAP_SYS_RESOURCE"}  # those that machines like ours are known to keep back


def engine_settings(scratch: Path) -> dict[str, object]:
    """Settings for an engine that runs privileged containers where this machine itself lacks a capability.

    An engine grants all that the kernel knows, and fails where it has not got them itself: its runtime leaves them out.
    """
    found = re.search(r"^CapBnd:\t([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    bounding = int(found[1], 16) if found else -1
    lacking = [name for bit, name in _CAPABILITIES.items() if not bounding >> bit & 1]
    if not lacking:
        return {}
    script = scratch / "runtime"
    script.write_text(_RUNTIME.format(python=sys.executable, lacking=lacking, runc=str(Path(tool("runc")).resolve())))
    script.chmod(0o755)
    return {"runtimes": {"lesser": {"path": str(script)}}, "default-runtime": "lesser"}

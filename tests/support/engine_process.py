"""A real Docker engine (Debian's docker.io) of its own: its data, its socket, its containerd, gone when the block ends.

Without a bridge and without iptables: what is started there has no network, and nothing of the machine's is changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.tools import missing, tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
_REMEDY: Final = "run `make system` (Debian: docker.io)"


@contextmanager
def run_engine(log: Path, settings: Mapping[str, object] | None = None) -> Iterator[str]:
    """Start an engine; gives its DOCKER_HOST. Root alone can. `settings` are those of daemon.json."""
    dockerd = tool("dockerd", _REMEDY)
    tool("containerd", _REMEDY)
    if os.geteuid():
        missing("a Docker engine of its own needs root")
    # Not in pytest's folder: a socket's path has 108 bytes.
    folder = Path(tempfile.mkdtemp(prefix="kfkit-engine-"))
    host = f"unix://{folder / 'docker.sock'}"
    (folder / "daemon.json").write_text(json.dumps(settings or {}))
    command = [
        dockerd,
        f"--config-file={folder / 'daemon.json'}",
        f"--data-root={folder / 'data'}",
        f"--exec-root={folder / 'exec'}",
        f"--pidfile={folder / 'pid'}",
        f"--host={host}",
        "--iptables=false",
        "--ip6tables=false",
        "--bridge=none",
        "--storage-driver=vfs",
    ]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env={"PATH": f"{Path(dockerd).parent}:/usr/sbin:/usr/bin:/sbin:/bin"},
            start_new_session=True,
        )
    try:
        _await(folder / "docker.sock", process, log)
        yield host
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _await(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if socket.exists() and "API listen on" in log.read_text(errors="replace"):
            return
        time.sleep(0.05)
    raise RuntimeError(f"dockerd did not start: {log.read_text(errors='replace')[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """As the engine wants it: it takes its containers and its containerd with it."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

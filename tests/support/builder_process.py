"""A real BuildKit node (buildkitd with runc) of its own, on a socket or a port; needs root, gone with its block."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.edges.buildkitd import configuration
from buildkit.edges.registries_conf import RegistriesConf, read_registries_conf
from tests.support.tools import missing, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node that runs: `endpoint` as buildx takes it."""

    endpoint: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """What a node does that dies: it answers nobody any more."""
        self.process.kill()
        self.process.wait()


@contextmanager
def run_node(work: Path, conf: Path | None = None, *, tcp: bool = False, root: Path | None = None) -> Iterator[Node]:
    """Start a node, its log in `work`; `conf` is a registries.conf with mirrors, `root` the folder of its state."""
    if os.geteuid():
        missing("a BuildKit node of its own needs root")
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kfkit-node-") as folder:  # a socket's path has 108 bytes
        endpoint = f"tcp://127.0.0.1:{_free_port()}" if tcp else f"unix://{folder}/buildkitd.sock"
        config, log = Path(folder, "buildkitd.toml"), work / "buildkitd.log"
        known = read_registries_conf(conf) if conf else RegistriesConf()
        config.write_text(configuration(endpoint, root or Path(folder, "root"), Path(tool("runc")), known))
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [tool("buildkitd"), "--config", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait(process, endpoint, log)
            yield Node(endpoint=endpoint, process=process, log=log)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            process.kill()
            process.wait()
            _end_steps(folder)
            _unmount(folder)


def _end_steps(folder: str) -> None:
    """RUN steps outlive a buildkitd that is killed: processes in a mount namespace of its, on a root in its folder."""
    own = Path("/proc/self/ns/mnt").readlink()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            if (process / "ns" / "mnt").readlink() != own and f"={folder}/" in (process / "mountinfo").read_text():
                os.kill(int(process.name), signal.SIGKILL)


def _unmount(folder: str) -> None:
    """What a killed buildkitd leaves mounted keeps its folder from being removed."""
    mounted = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for path in reversed([one for one in mounted if one.startswith(f"{folder}/")]):
        subprocess.run(["umount", "-l", path], check=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(endpoint):
            return
        time.sleep(0.05)
    raise RuntimeError(f"buildkitd did not start: {log.read_text(errors='replace')[-2000:]}")


def _answers(endpoint: str) -> bool:
    scheme, _, address = endpoint.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(address) == 0
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0

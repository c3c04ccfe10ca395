"""A real registry (distribution v3) as a process of its own on a free loopback port, gone when the block ends."""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.tools import tool

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 20.0
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")
# Indexes may name children that are not there: one of the shapes to be told apart.
_CONFIG = """version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage:
  {storage}
  delete: {enabled: true}
  cache: {blobdescriptor: inmemory}
http: {addr: "127.0.0.1:{port}"}
validation: {manifests: {indexes: {platforms: none}}}
"""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """`host` is `127.0.0.1:PORT`; `log` what it wrote."""

    host: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.host.rpartition(":")[2])


@contextmanager
def run_registry(directory: Path, *, storage: Path | None = None, port: int = 0) -> Iterator[Registry]:
    """Start a registry, its log under `directory`; stop it at the end.

    Its images are kept in memory, or in the folder `storage`, where they outlive it; `port` is a free one unless given.
    """
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "config.yml"
    kept = f"filesystem: {{rootdirectory: {storage}}}" if storage else "inmemory: {}"
    config.write_text(_CONFIG.replace("{storage}", kept).replace("{port}", str(port)))
    log = directory / "registry.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [tool("registry"), "serve", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            # Seldom collecting garbage halves its share of a small machine.
            env={"GOGC": "400", "PATH": "/usr/bin:/bin"},
        )
    try:
        yield Registry(host=_wait_for_host(process, log), log=log)
    finally:
        process.kill()
        process.wait()


def _wait_for_host(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        match = _LISTENING.search(log.read_text(errors="replace"))
        if match:
            return match[1]
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"registry did not start: {log.read_text(errors='replace')[-2000:]}")

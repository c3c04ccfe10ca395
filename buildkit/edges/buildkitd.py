"""Our own builder: a buildkitd of this machine with runc, for root on Linux where no engine can serve.

It listens on a socket that only root can open, keeps its cache below the user's cache folder, and lives as long as the
run. Two runs at once never share a cache: the second begins with an empty one. RUN steps get the machine's network (no
CNI is needed) and whatever root may do inside runc's sandbox: build what you trust, as with any builder.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.process import background
from buildkit.edges.registries_conf import RegistriesConf
from buildkit.edges.tools import BUILDKITD, RUNC, find_program
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

# BuildKit drops what a step prints after 2 MiB, or 200 KiB a second: the lines that say why it failed come last.
STEP_LOGS: Final = {
    "BUILDKIT_STEP_LOG_MAX_SIZE": str(32 * 1024 * 1024),
    "BUILDKIT_STEP_LOG_MAX_SPEED": str(8 * 1024 * 1024),
}
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 15.0  # it takes the steps down that it runs, and what it has mounted for them
_MOST_LOG: Final = 2000
_LONGEST_FOLDER: Final = 60  # of bytes, before the 38 of our own names
_SHORT_FOLDER: Final = "/tmp"  # noqa: S108  # a folder of ours alone is made in it


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalBuilder:
    """A buildkitd that runs: `endpoint` for buildx, its version, and whether its cache is the one kept."""

    endpoint: str
    version: str
    cached: bool


def can_run() -> bool:
    """Whether this process may start one: root on Linux."""
    return sys.platform == "linux" and os.geteuid() == 0


@contextmanager
def run_buildkitd(cache: Path, conf: RegistriesConf | None = None) -> Iterator[LocalBuilder]:
    """Start one, its cache in `cache`; it pulls from the mirrors that `conf` gives whole hosts.

    Raises:
        UndeterminedError: buildkitd or runc is missing, or it does not start.
        UsageError: the folder cannot be written.
    """
    program, runc = find_program(BUILDKITD), find_program(RUNC)
    with ExitStack() as stack:
        work = Path(stack.enter_context(_work_folder()))
        lock = _lock(cache)
        if lock is not None:
            stack.callback(os.close, lock)
        root = cache if lock is not None else work / "root"
        endpoint, log = f"unix://{work / 'buildkitd.sock'}", work / "log"
        config = work / "buildkitd.toml"
        config.write_text(configuration(endpoint, root, runc.path, conf or RegistriesConf()), encoding="utf-8")
        # It inherits the lock: should this process be killed, the cache stays taken as long as the other one lives.
        argv = [str(program.path), "--config", str(config)]
        child = stack.enter_context(
            background(argv, log=log, env=STEP_LOGS, keep_open=() if lock is None else (lock,), grace=_STOP_SECONDS)
        )
        _wait(child, work / "buildkitd.sock", log)
        yield LocalBuilder(endpoint=endpoint, version=program.version, cached=lock is not None)


def configuration(endpoint: str, root: Path, runc: Path, conf: RegistriesConf) -> str:
    """The text of buildkitd.toml (moby/buildkit docs/buildkitd.toml.md).

    Raises:
        UsageError: a path that is no Unicode text, which TOML cannot hold.
    """
    lines = [
        f"root = {_quoted(str(root))}",
        "[grpc]",
        f"  address = [{_quoted(endpoint)}]",
        "[worker.oci]",
        f'  enabled = true\n  gc = true\n  binary = {_quoted(str(runc))}\n  networkMode = "host"',
        "[worker.containerd]\n  enabled = false",
    ]
    mirrors, insecure = conf.mirrors(), conf.insecure_hosts()
    for host in sorted({*mirrors, *insecure}):
        lines.append(f"[registry.{_quoted(host)}]")
        lines += [f"  mirrors = [{', '.join(map(_quoted, mirrors[host]))}]"] if host in mirrors else []
        # Both: HTTPS whoever vouches for it, and HTTP where there is none (moby/buildkit `util/resolver/resolver.go`).
        lines += ["  insecure = true\n  http = true"] if host in insecure else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML string: JSON's, but for DEL, and without JSON's pairs of surrogates, which TOML refuses."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{text!r}: the builder takes no path that is not UTF-8") from error
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _work_folder() -> tempfile.TemporaryDirectory[str]:
    """A short one: BuildKit takes a path of 104 bytes for a socket, whatever TMPDIR says."""
    long = len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER
    return tempfile.TemporaryDirectory(
        prefix="kfkit-builder-", dir=_SHORT_FOLDER if long else None, ignore_cleanup_errors=True
    )


def _lock(folder: Path) -> int | None:
    """Take the cache; None where another run has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / "kfkit.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"{folder}: the builder's cache cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if isinstance(error, BlockingIOError):
            return None
        raise UsageError(f"{folder}: the builder's cache cannot be locked: {error.strerror}") from error
    return lock


def _wait(child: Popen[bytes], path: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                time.sleep(0.02)
            else:
                return
    said = log.read_text(encoding="utf-8", errors="replace")[-_MOST_LOG:].strip()
    raise UndeterminedError(
        f"buildkitd did not start: {said or 'it says nothing'}",
        hint="builds need user namespaces, cgroups and overlay or plain folders of the kernel; "
        "a container needs --privileged for it",
    )

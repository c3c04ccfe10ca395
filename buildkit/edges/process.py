"""Running other programs: the one place that starts a process.

An argument list, never a shell; a time limit and an output limit for every run; each program leads its own process
group, so that a time-out, an output limit or Ctrl-C takes its children down too (kustomize starts git, git starts ssh).
Credentials in URLs are masked in everything that is kept for messages.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MIB = 1024 * 1024
_CHUNK = 256 * 1024
_STDERR_TAIL = 2000
_GRACE_SECONDS = 2.0
# What an inherited environment must not change: another repository's GIT_DIR (git sets it in hooks), plugin folders.
_SCRUBBED = re.compile(r"(GIT|KUSTOMIZE|HELM)_[A-Z0-9_]*")
# Git's own transport and proxy switches are what the user means.
_KEPT = frozenset({"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_COMMAND"})
_USERINFO = re.compile(r"(?<=://)[^\s/@]+@")
_SECRET = re.compile(r"(?i)\b(authorization:\s*(?:basic|bearer)|(?:access_|private_)?token=|password=)\s*[^\s&]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a program may use: wall time in seconds, bytes of standard output, bytes of data (Linux only)."""

    seconds: float = 300.0
    output: int = 64 * MIB
    memory: int | None = None


DEFAULT_LIMITS = Limits()
Heard = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """A finished program. `stdout` is empty where it went to a file; `stderr` is text with credentials masked."""

    argv: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: str


class ProgramError(UndeterminedError):
    """A program that is missing, failed, or went over a limit.

    `code` is None where it did not end by itself; `late`: its time was up.
    """

    def __init__(  # noqa: PLR0913  # one keyword per fact of a failure
        self,
        argv: Sequence[str],
        code: int | None,
        problem: str,
        *,
        stderr: str = "",
        hint: str = "",
        late: bool = False,
    ) -> None:
        self.argv = tuple(redact(argument) for argument in argv)
        self.code = code
        self.problem = problem
        self.stderr = stderr
        self.late = late
        tail = stderr[-_STDERR_TAIL:].strip()
        super().__init__(f"{Path(self.argv[0]).name} {problem}" + (f": {tail}" if tail else ""), hint=hint)


def redact(text: str) -> str:
    """Mask credentials: the userinfo of URLs, authorization headers, tokens in queries."""
    return _SECRET.sub(r"\1 ***", _USERINFO.sub("***@", text))


def quote(argv: Sequence[str]) -> str:
    """A command line to show a person, credentials masked."""
    return redact(shlex.join(argv))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment a program gets: ours, without what silently changes results, messages in English."""
    kept = {key: value for key, value in os.environ.items() if key in _KEPT or not _SCRUBBED.fullmatch(key)}
    return {**kept, "LC_ALL": "C.UTF-8", **(extra or {})}


def run(  # noqa: PLR0913  # one keyword per fact of a run
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    stdin: bytes = b"",
    stdout: Path | None = None,
    env: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    check: bool = True,
    heard: Heard | None = None,
) -> Completed:
    """Run a program to its end.

    Args:
        argv: the program (a name on PATH or a path) and its arguments.
        cwd: where it runs.
        stdin: what it reads.
        stdout: a file for its standard output, instead of `Completed.stdout`; left incomplete on an error.
        env: variables on top of `environment()`.
        limits: when it is stopped.
        check: whether a non-zero code is an error.
        heard: what to do with each piece of standard error as it comes, besides keeping its beginning.

    Raises:
        ProgramError: missing, over a limit, or (with `check`) a non-zero code.
    """
    program = shutil.which(argv[0])
    if program is None:
        raise ProgramError(argv, None, "was not found", hint="install it, or run `make tools`")
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(stdout.open("wb")) if stdout else None
        child = stack.enter_context(_started([program, *argv[1:]], cwd, environment(env)))
        _limit_memory(child, limits)
        pump = _Pump(child, sink, limits, heard)
        problem = pump.move(stdin)
        if problem:
            _kill_group(child)
        code = child.wait()
    if _STATE.stopping.is_set():
        raise ProgramError(argv, None, "was interrupted")
    stderr = redact(pump.err.decode("utf-8", "replace"))
    if problem or (check and code):
        words = problem or f"failed with exit {code}"
        raise ProgramError(argv, None if problem else code, words, stderr=stderr, late=pump.late)
    return Completed(argv=tuple(argv), code=code, stdout=bytes(pump.out), stderr=stderr)


@contextlib.contextmanager
def background(
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
    grace: float = _GRACE_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program beside what the block does, all its output in `log`; the end of the block ends it.

    Args:
        argv: the program and its arguments.
        log: a file that its output is added to.
        env: variables on top of `environment()`.
        keep_open: descriptors that it inherits, such as a lock that has to last as long as it does.
        grace: seconds that it has to end when it is asked to.

    Raises:
        ProgramError: it is missing or could not be started.
    """
    program = shutil.which(argv[0])
    if program is None:
        raise ProgramError(argv, None, "was not found", hint="install it, or run `make tools`")
    with log.open("ab") as sink:
        try:
            child = subprocess.Popen(
                [program, *argv[1:]],
                env=environment(env),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                process_group=0,
                pass_fds=tuple(keep_open),
            )
        except OSError as error:
            raise ProgramError(argv, None, f"could not be started ({error.strerror})") from error
    try:
        yield child
    finally:
        _kill_group(child, grace)
        child.wait()


@dataclass
class _Running:
    """Children of every thread: Ctrl-C reaches the main thread only."""

    children: set[subprocess.Popen[bytes]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)


_STATE = _Running()


@contextlib.contextmanager
def worker_pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that run programs: left by an exception (Ctrl-C), their programs are stopped and the queue is dropped."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    except BaseException:
        _STATE.stopping.set()
        try:
            with _STATE.lock:
                children = tuple(_STATE.children)
            for child in children:
                _kill_group(child)
            pool.shutdown(cancel_futures=True)
        finally:
            _STATE.stopping.clear()
        raise
    pool.shutdown()


@contextlib.contextmanager
def _started(argv: list[str], cwd: Path | None, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with _STATE.lock:
        if _STATE.stopping.is_set():
            raise ProgramError(argv, None, "was interrupted")
        try:
            child = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
            )
        except OSError as error:
            raise ProgramError(argv, None, f"could not be started ({error.strerror})") from error
        _STATE.children.add(child)
    try:
        yield child
    except BaseException:
        _kill_group(child)
        raise
    finally:
        with _STATE.lock:
            _STATE.children.discard(child)
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        child.wait()


def _kill_group(child: subprocess.Popen[bytes], grace: float = _GRACE_SECONDS) -> None:
    """Ask the whole group to end, then make it: git removes its lock files when asked."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace)
            # The leader is gone; what is left of its group gets no further grace.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            return


def _limit_memory(child: subprocess.Popen[bytes], limits: Limits) -> None:
    """Cap the data segment. Set from outside: code between fork and exec is not safe in a program with threads."""
    if limits.memory is None or sys.platform != "linux":
        return
    import resource  # noqa: PLC0415  # POSIX only, and only where it is used

    with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
        resource.prlimit(child.pid, resource.RLIMIT_DATA, (limits.memory, limits.memory))


class _Feed:
    """Bytes for a program's standard input, written as it takes them."""

    def __init__(self, stream: IO[bytes], data: bytes) -> None:
        self.stream, self.rest = stream, memoryview(data)

    def step(self) -> bool:
        """Write some; False when there is nothing more to write, or nobody who reads."""
        try:
            self.rest = self.rest[os.write(self.stream.fileno(), self.rest[:_CHUNK]) :]
        except BrokenPipeError:
            return False
        return len(self.rest) > 0


class _Pump:
    """Bytes between us and a program, until both its outputs end or a limit is hit."""

    def __init__(
        self, child: subprocess.Popen[bytes], sink: IO[bytes] | None, limits: Limits, heard: Heard | None
    ) -> None:
        if child.stdin is None or child.stdout is None or child.stderr is None:
            raise AssertionError  # pipes were asked for
        self.child, self.stdin, self.stdout, self.stderr = child, child.stdin, child.stdout, child.stderr
        self.sink, self.limits, self.heard = sink, limits, heard
        self.out, self.err = bytearray(), bytearray()
        self.written = 0
        self.late = False
        self.deadline = time.monotonic() + limits.seconds

    def move(self, data: bytes) -> str:
        """Feed `data`, read everything; returns the limit that was hit, or nothing."""
        with selectors.DefaultSelector() as selector:
            _register_input(selector, self.stdin, data)
            selector.register(self.stdout, selectors.EVENT_READ)
            selector.register(self.stderr, selectors.EVENT_READ)
            while selector.get_map():
                left = self.deadline - time.monotonic()
                if left <= 0:
                    return self._late()
                for key, _ in selector.select(min(left, 1.0)):
                    if not self._step(key):
                        selector.unregister(key.fileobj)
                if self.written > self.limits.output:
                    return f"wrote more than {self.limits.output // MIB} MiB and was stopped"
        try:
            self.child.wait(max(0.0, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return self._late()
        return ""

    def _late(self) -> str:
        self.late = True
        return f"took longer than {self.limits.seconds:g} s and was stopped"

    def _step(self, key: selectors.SelectorKey) -> bool:
        """Move what is ready; False when this stream is done."""
        if isinstance(key.data, _Feed):
            more = key.data.step()
            if not more:
                self.stdin.close()
            return more
        chunk = os.read(key.fd, _CHUNK)
        if key.fileobj is self.stderr:
            self.err += chunk[: max(0, MIB - len(self.err))]
            if self.heard and chunk:
                self.heard(chunk)
            return bool(chunk)
        self.written += len(chunk)
        if self.sink:
            self.sink.write(chunk)
        else:
            self.out += chunk
        return bool(chunk)


def _register_input(selector: selectors.BaseSelector, stream: IO[bytes], data: bytes) -> None:
    if data:
        os.set_blocking(stream.fileno(), False)
        selector.register(stream, selectors.EVENT_WRITE, _Feed(stream, data))
    else:
        stream.close()

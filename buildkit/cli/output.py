"""Where results go: documents to standard output or files, progress and notes to standard error."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import RLock

import click

from buildkit.errors import UsageError
from buildkit.flows.watch import Watch

Writer = Callable[[], bytes]
_COLOUR = re.compile(rb"\x1b\[\d*m")
# Opened anew by name, a redirected stream would be replaced, or overwritten from its start.
_STREAMS = {"/dev/stdout": 1, "/dev/fd/1": 1, "/dev/stderr": 2, "/dev/fd/2": 2}


def use_colour(stream: object = None) -> bool:
    """Colour only on a terminal, and never with NO_COLOR (https://no-color.org) or TERM=dumb."""
    target = stream or sys.stdout
    terminal = bool(getattr(target, "isatty", lambda: False)())
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def emit(writers: Mapping[str, Writer], output_format: str, reports: Iterable[tuple[str, Path]] = ()) -> None:
    """Files first (each whole or not at all, without colour), then `output_format` on standard output."""
    for name, path in reports:
        write_atomically(path, _COLOUR.sub(b"", writers[name]()))
    content = writers[output_format]()
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError(f"standard output: cannot be written: {error.strerror}") from error


def write_atomically(path: Path, content: bytes, *, make_folder: bool = False) -> None:
    """Write beside the target, then rename; a link stays and what it leads to is replaced.

    Devices, pipes and the standard streams (also where they are redirected to a file) are written as they are.
    """
    try:
        if str(path) in _STREAMS:
            with open(_STREAMS[str(path)], "wb", closefd=False) as stream:
                stream.write(content)
            return
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        path = path.resolve()
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.close()
                temporary.chmod(0o666 & ~_umask())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "Is its folder there?" if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint=hint) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def plain(text: str) -> str:
    """Lines without what could steer a terminal: names of hostile trees and files stand in messages too."""
    from buildkit.report.text import printable  # noqa: PLC0415  (not needed for --help)

    return "\n".join(map(printable, text.split("\n")))


def make_watch() -> Watch:
    """Notes as lines; progress as one line redrawn on a terminal, as a line every 10 s elsewhere."""
    meter = Meter()
    return Watch(tell=meter.tell, count=meter.count)


class Meter:
    """Shows `stage: done of total` on stderr; a terminal's line is redrawn at most ten times a second.

    Several threads may call it.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.next = time.monotonic() + (0.0 if self.terminal else 10.0)
        self.shown = False

    def tell(self, text: str) -> None:
        with self.lock:
            self.clear()
            click.echo(plain(text), err=True)

    def count(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total:
            self.clear()
        elif now >= self.next:
            with self.lock:
                self.next = now + (0.1 if self.terminal else 10.0)
                self.shown = self.terminal
                said = f"{plain(stage)}: {done} of {total}"
                click.echo(f"\r\x1b[K{said}" if self.terminal else said, err=True, nl=not self.terminal, color=True)

    def clear(self) -> None:
        with self.lock:
            if not self.shown:
                return
            click.echo("\r\x1b[K", err=True, nl=False, color=True)
            self.shown = False


def print_timings(watch: Watch) -> None:
    """One line a stage on stderr: seconds of wall time."""
    for stage, seconds in watch.seconds.items():
        click.echo(f"timing {stage}: {seconds:.3f} s", err=True)

"""How a run tells what it is doing: progress and notes for people, time per stage for `--timings`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Tell = Callable[[str], None]
Count = Callable[[str, int, int], None]


def _silent_tell(_text: str) -> None: ...


def _silent_count(_stage: str, _done: int, _total: int) -> None: ...


@dataclass(kw_only=True)
class Watch:
    """Attributes: `tell` prints one line to stderr, `count` shows progress of a stage, `seconds` holds wall time."""

    tell: Tell = _silent_tell
    count: Count = _silent_count
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

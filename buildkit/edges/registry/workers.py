"""Threads for many small requests. They are daemons: Ctrl-C ends the run at once, whatever they wait for."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Result = TypeVar("Result")


class Task(Generic[Result]):
    """A call that whoever comes first carries out, once."""

    __slots__ = ("_call", "_claim", "_done", "_error", "_result")

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self._claim = Lock()
        self._done = Event()
        self._result: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Carry the call out unless somebody has begun."""
        if not self._claim.acquire(blocking=False):
            return
        try:
            self._result.append(self._call())
        except BaseException as error:  # noqa: BLE001  # raised again where the result is asked for
            self._error = error
        self._done.set()

    def result(self) -> Result:
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result[0]


class Workers:
    """At most `most` threads, started as work comes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._queue: SimpleQueue[Task[object] | None] = SimpleQueue()
        self._threads = 0
        self._lock = Lock()

    def start(self, call: Callable[[], Result]) -> Task[Result]:
        """Queue a call; its task gives the result."""
        task = Task(call)
        # First the task: the thread begins with it at once, while the next threads are still being started.
        self._queue.put(task)  # type: ignore[arg-type]  # Task is used covariantly
        with self._lock:
            if self._threads < self._most:
                self._threads += 1
                Thread(target=self._work, daemon=True).start()
        return task

    def together(self, calls: Sequence[Callable[[], Result]]) -> list[Result]:
        """Carry out calls side by side from inside a call.

        The caller does itself what no idle thread has begun, so that threads waiting for each other cannot all stall.
        """
        tasks = [self.start(call) for call in calls[1:]]
        first = [Task(calls[0])] if calls else []
        for task in first + tasks:
            task.run()
        return [task.result() for task in first + tasks]

    def close(self) -> None:
        for _ in range(self._threads):
            self._queue.put(None)

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            task.run()

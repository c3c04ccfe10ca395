"""Starting images on an engine, through the Docker SDK: pull by digest, run the smoke command, remove both again.

What is started is not trusted: no network, no capabilities, no new privileges, no mounts, limits on memory, processes,
time and output; its user is the image's. Containers have names that begin with `kfkit-verify-`, by which those of a
run that was killed can be found; one that is interrupted removes its own, and the images that it pulled.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from buildkit.edges.container_calls import LateError, create, last_lines, open_client, program_of, pull, said, within
from buildkit.edges.container_traces import Traces, quietly
from buildkit.edges.engine import ask_engine
from buildkit.edges.registry.workers import Workers
from buildkit.model.execution import Ended, Execution, judge_end, not_executed, wrong_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.engine import Engine
    from buildkit.model.execution import Smoke, Way
    from buildkit.model.program import Program

NAMES: Final = "kfkit-verify-"
_AT_ONCE: Final = 4
_BAD_REQUEST: Final = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class SmokeLimits:
    """Seconds for a smoke command, and for pulling its image."""

    run: float = 60.0
    pull: float = 600.0


def open_containers(limits: SmokeLimits, *, seconds: float = 5.0) -> Containers:
    """The engine of DOCKER_HOST or of the current Docker context, to start images on.

    Raises:
        UndeterminedError: none answers within `seconds`.
    """
    return Containers(ask_engine(seconds=seconds), limits)


class Containers:
    """Starts images, several at a time."""

    def __init__(self, engine: Engine, limits: SmokeLimits) -> None:
        self._engine = engine
        self._limits = limits
        self._traces = Traces()
        self._turns: dict[str, threading.Lock] = {}

    def start(self, smokes: Sequence[Smoke], done: Callable[[int], None]) -> tuple[Execution, ...]:
        """What became of each, in their order. Ctrl-C removes what is running."""
        workers = Workers(_AT_ONCE)
        self._turns.update((_image(smoke), threading.Lock()) for smoke in smokes)
        tasks = [workers.start(partial(self._start, smoke)) for smoke in smokes]
        found: list[Execution] = []
        try:
            for task in tasks:
                found.append(task.result())
                done(len(found))
        except BaseException:
            self._traces.end(open_client)
            raise
        workers.close()
        return tuple(found)

    def _start(self, smoke: Smoke) -> Execution:
        system = self._engine.platform.partition("/")[0]
        if smoke.platform.os != system:
            return not_executed(f"the engine runs {system} containers, not {smoke.platform.os}")
        image = _image(smoke)
        try:
            with self._turns[image], contextlib.closing(open_client()) as client:
                return self._with_image(client, smoke, image)
        except LateError as error:
            return not_executed(str(error))
        except Exception as error:  # noqa: BLE001  # the SDK lets through what lies below it: requests, urllib3, JSON
            reason = said(error)
            return not_executed(reason if reason.startswith("the engine") else f"the engine: {reason}")

    def _with_image(self, client: Any, smoke: Smoke, image: str) -> Execution:
        """Pull where the image is not there, and then remove it again."""
        import docker  # noqa: PLC0415

        try:
            client.inspect_image(image)
        except docker.errors.ImageNotFound:
            self._traces.begin_image(image)
        else:
            return self._run(client, smoke, image)
        try:
            late = f"the engine took more than {self._limits.pull:.0f} s to pull it"
            within(self._limits.pull, late, partial(pull, client, smoke))
            return self._run(client, smoke, image)
        finally:
            self._traces.remove_image(client, image)

    def _run(self, client: Any, smoke: Smoke, image: str) -> Execution:
        name = f"{NAMES}{os.urandom(6).hex()}"
        if not self._traces.begin_container(name):
            return not_executed("interrupted")
        try:
            create(client, smoke, image, name)
            program = program_of(client, name)
            if program and not program.serves(smoke.platform):
                return wrong_code(program, smoke.platform)
            return self._watch(client, smoke, name, program)
        finally:
            self._traces.remove_container(client, name)

    def _watch(self, client: Any, smoke: Smoke, name: str, program: Program | None) -> Execution:
        import docker  # noqa: PLC0415

        way: Way = "native" if self._is_native(smoke, program) else "emulated"
        known = program is not None
        try:
            client.start(name)
        except docker.errors.APIError as error:
            ended = Ended(refused=said(error), ours=error.status_code != _BAD_REQUEST)
            return judge_end(ended, smoke.platform, way, known=known)
        seconds = self._limits.run
        try:
            answer = within(seconds, f"no end within {seconds:.0f} s", partial(client.wait, name))
        except LateError as error:
            quietly(partial(client.kill, name))
            ended = Ended(late=str(error), log=last_lines(client, name))
            return judge_end(ended, smoke.platform, way, known=known)
        starved = bool(client.inspect_container(name).get("State", {}).get("OOMKilled"))
        ended = Ended(code=int(answer["StatusCode"]), starved=starved, log=last_lines(client, name))
        return judge_end(ended, smoke.platform, way, known=known)

    def _is_native(self, smoke: Smoke, program: Program | None) -> bool:
        """Whether the engine's own processor runs it: 32-bit code of its family counts too."""
        own = self._engine.platform.partition("/")[2]
        return smoke.platform.architecture == own or (program is not None and program.is_kin(own))


def _image(smoke: Smoke) -> str:
    return f"{smoke.repository}@{smoke.digest}"

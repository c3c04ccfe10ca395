"""Starting images on an engine, through the Docker SDK: pull by digest, run the smoke command, remove both again.

What is started is not trusted: no network, no capabilities, no new privileges, no mounts, limits on memory, processes,
time and output; its user is the image's. Containers have names that begin with `kfkit-verify-`, by which those of a
run that was killed can be found; one that is interrupted removes its own, and the images that it pulled.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from buildkit.edges.container_files import read_head
from buildkit.edges.container_traces import Traces, quietly
from buildkit.edges.engine import ask_engine, reason_of
from buildkit.edges.process import redact
from buildkit.edges.registry.workers import Workers
from buildkit.model.execution import Ended, Execution, judge_end, not_executed, wrong_code
from buildkit.model.program import find_program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.engine import Engine
    from buildkit.model.execution import Smoke, Way
    from buildkit.model.program import Program

NAMES: Final = "kfkit-verify-"
_AT_ONCE: Final = 4
_TALK_SECONDS: Final = 30  # each answer of the engine, but to pulling and waiting
_LINES: Final = 20
_MOST_TEXT: Final = 500
_MEMORY: Final = "1g"
_PROCESSES: Final = 512
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


class _LateError(Exception):
    """Something that the engine was asked for took too long."""


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
            self._traces.end(_client)
            raise
        workers.close()
        return tuple(found)

    def _start(self, smoke: Smoke) -> Execution:
        system = self._engine.platform.partition("/")[0]
        if smoke.platform.os != system:
            return not_executed(f"the engine runs {system} containers, not {smoke.platform.os}")
        image = _image(smoke)
        client = _client()
        try:
            with self._turns[image]:
                return self._with_image(client, smoke, image)
        except _LateError as error:
            return not_executed(str(error))
        except Exception as error:  # noqa: BLE001  # the SDK lets through what lies below it: requests, urllib3, JSON
            return not_executed(_said(error))
        finally:
            client.close()

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
            _within(self._limits.pull, late, partial(_pull, client, smoke))
            return self._run(client, smoke, image)
        finally:
            self._traces.remove_image(client, image)

    def _run(self, client: Any, smoke: Smoke, image: str) -> Execution:
        name = f"{NAMES}{os.urandom(6).hex()}"
        if not self._traces.begin_container(name):
            return not_executed("interrupted")
        try:
            _create(client, smoke, image, name)
            program = _program(client, name)
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
            ended = Ended(refused=_said(error), ours=error.status_code != _BAD_REQUEST)
            return judge_end(ended, smoke.platform, way, known=known)
        seconds = self._limits.run
        try:
            answer = _within(seconds, f"no end within {seconds:.0f} s", partial(client.wait, name))
        except _LateError as error:
            quietly(partial(client.kill, name))
            ended = Ended(late=str(error), log=_log(client, name))
            return judge_end(ended, smoke.platform, way, known=known)
        state = client.inspect_container(name).get("State", {})
        ended = Ended(code=int(answer["StatusCode"]), starved=bool(state.get("OOMKilled")), log=_log(client, name))
        return judge_end(ended, smoke.platform, way, known=known)

    def _is_native(self, smoke: Smoke, program: Program | None) -> bool:
        """Whether the engine's own processor runs it: 32-bit code of its family counts too."""
        own = self._engine.platform.partition("/")[2]
        return smoke.platform.architecture == own or (program is not None and program.is_kin(own))


def _image(smoke: Smoke) -> str:
    return f"{smoke.repository}@{smoke.digest}"


def _client() -> Any:
    import docker  # noqa: PLC0415  # 0.3 s, and only --run needs it

    return docker.from_env(version="auto", timeout=_TALK_SECONDS).api


def _pull(client: Any, smoke: Smoke) -> None:
    for event in client.pull(
        smoke.repository, tag=smoke.digest, platform=str(smoke.platform), stream=True, decode=True
    ):
        if "error" in event:
            raise RuntimeError(f"the engine cannot pull it: {event['error']}")


def _create(client: Any, smoke: Smoke, image: str, name: str) -> None:
    """A container that can do nothing but run and print."""
    from docker.types import LogConfig  # noqa: PLC0415

    host = client.create_host_config(
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=_MEMORY,
        memswap_limit=_MEMORY,
        pids_limit=_PROCESSES,
        log_config=LogConfig(type="json-file", config={"max-size": "1m", "max-file": "1"}),
    )
    first, *rest = smoke.command
    client.create_container(
        image,
        name=name,
        entrypoint=[first] if first else None,
        command=rest or None,
        host_config=host,
        platform=str(smoke.platform),
        use_config_proxy=False,
    )


def _program(client: Any, name: str) -> Program | None:
    """The program that the container will execute."""
    facts = client.inspect_container(name)
    settings = facts.get("Config") or {}
    variables = dict(one.partition("=")[::2] for one in settings.get("Env") or ())
    words = [facts.get("Path") or "", *(facts.get("Args") or ())]
    return find_program(
        words,
        partial(read_head, client, name),
        path=variables.get("PATH", ""),
        folder=settings.get("WorkingDir") or "/",
    )


def _log(client: Any, name: str) -> tuple[str, ...]:
    """The last lines, masked and cut."""
    try:
        data: bytes = client.logs(name, tail=_LINES)
    except Exception:  # noqa: BLE001  # a log that cannot be read hides nothing else
        return ()
    lines = data.decode("utf-8", "replace").splitlines()[-_LINES:]
    return tuple(redact(line)[:_MOST_TEXT] for line in lines)


def _within(seconds: float, late: str, call: Callable[[], Any]) -> Any:
    """Result of a call that the SDK does not limit.

    Raises:
        _LateError: with `late`, when it takes longer.
    """
    results: list[Any] = []
    errors: list[BaseException] = []

    def carry_out() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001  # raised again below
            errors.append(error)

    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise _LateError(late)
    return results[0]


def _said(error: BaseException) -> str:
    """What the engine, or the system below it, says."""
    explanation = getattr(error, "explanation", None)
    text = explanation if isinstance(explanation, str) and explanation else reason_of(error)
    # What each layer of the engine put before it says nothing about the image.
    inner = text.rpartition("unable to start container process: ")[2].removesuffix(": unknown")
    return redact(" ".join(inner.split()))[:_MOST_TEXT]

"""What is asked of an engine to start one image, through the Docker SDK; that is imported only here: it takes 0.3 s."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from buildkit.edges.container_files import read_head
from buildkit.edges.engine import reason_of
from buildkit.edges.process import redact
from buildkit.model.program import find_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.model.execution import Smoke
    from buildkit.model.program import Program

_TALK_SECONDS: Final = 30  # each answer of the engine, but to pulling and waiting
_LINES: Final = 20
_MOST_TEXT: Final = 500
_MEMORY: Final = "1g"
_PROCESSES: Final = 512


class LateError(Exception):
    """Something that the engine was asked for took too long."""


def open_client() -> Any:
    import docker  # noqa: PLC0415  # 0.3 s, and only --run needs it

    return docker.from_env(version="auto", timeout=_TALK_SECONDS).api


def pull(client: Any, smoke: Smoke) -> None:
    for event in client.pull(
        smoke.repository, tag=smoke.digest, platform=str(smoke.platform), stream=True, decode=True
    ):
        if "error" in event:
            raise RuntimeError(f"the engine cannot pull it: {event['error']}")


def create(client: Any, smoke: Smoke, image: str, name: str) -> None:
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


def program_of(client: Any, name: str) -> Program | None:
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


def last_lines(client: Any, name: str) -> tuple[str, ...]:
    """The last lines, masked and cut."""
    try:
        data: bytes = client.logs(name, tail=_LINES)
    except Exception:  # noqa: BLE001  # a log that cannot be read hides nothing else
        return ()
    lines = data.decode("utf-8", "replace").splitlines()[-_LINES:]
    return tuple(redact(line)[:_MOST_TEXT] for line in lines)


def within(seconds: float, late: str, call: Callable[[], Any]) -> Any:
    """Result of a call that the SDK does not limit.

    Raises:
        LateError: with `late`, when it takes longer.
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
        raise LateError(late)
    return results[0]


def said(error: BaseException) -> str:
    """What the engine, or the system below it, says."""
    explanation = getattr(error, "explanation", None)
    text = explanation if isinstance(explanation, str) and explanation else reason_of(error)
    # What each layer of the engine put before it says nothing about the image.
    inner = text.rpartition("unable to start container process: ")[2].removesuffix(": unknown")
    return redact(" ".join(inner.split()))[:_MOST_TEXT]

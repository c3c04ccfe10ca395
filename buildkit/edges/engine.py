"""The Docker engine, through the Docker SDK, which is imported only when it is asked: that takes 0.3 s.

The SDK limits each read, not the whole talk, and a name may take long to resolve: the answer is awaited for a limited
time only, in a thread that does not keep the process alive.
"""

from __future__ import annotations

import math
import os
import socket
import threading
from dataclasses import dataclass

from buildkit.edges.process import redact
from buildkit.errors import KfkitError, UndeterminedError

_MOST_TEXT = 200
_API = "1.44"


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """An engine that answered: its version, the platform it runs on (`linux/amd64`), and where it is."""

    version: str
    platform: str
    endpoint: str


def ask_engine(*, seconds: float) -> Engine:
    """The engine of DOCKER_HOST or of the current Docker context.

    Raises:
        UndeterminedError: none answers within `seconds`.
    """
    answers: list[Engine | KfkitError] = []
    imported = threading.Event()
    thread = threading.Thread(target=_ask, args=(answers, imported, seconds), daemon=True)
    thread.start()
    imported.wait()
    thread.join(seconds)
    answer = answers[0] if answers else UndeterminedError(f"no answer within {seconds:g} s")
    if isinstance(answer, KfkitError):
        raise answer
    return answer


def _ask(answers: list[Engine | KfkitError], imported: threading.Event, seconds: float) -> None:
    try:
        import docker  # noqa: PLC0415  # slow, and most commands do without
    finally:
        imported.set()
    endpoint = ""
    try:
        endpoint = os.environ.get("DOCKER_HOST") or docker.context.ContextAPI.get_current_context().Host or ""
        _knock(endpoint, seconds)
        # Follows DOCKER_HOST, then the current context; with a version it asks nothing until it is asked.
        client = docker.from_env(version=_API, timeout=math.ceil(seconds))
        try:
            facts = client.version(api_version=False)
        finally:
            client.close()
        platform = f"{facts.get('Os', '?')}/{facts.get('Arch', '?')}"
        answers.append(Engine(version=str(facts.get("Version", "?")), platform=platform, endpoint=redact(endpoint)))
    except Exception as error:  # noqa: BLE001  # the SDK lets through what lies below it: requests, urllib3, ssh, JSON
        answers.append(UndeterminedError(redact(": ".join(part for part in (endpoint, reason_of(error)) if part))))


def _knock(endpoint: str, seconds: float) -> None:
    """Whether someone listens on a socket file: the SDK leaves its own socket open where nobody does."""
    if endpoint.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(seconds)
            probe.connect(endpoint.removeprefix("unix://"))


def reason_of(error: BaseException) -> str:
    """What the system said, where the chain of causes ends in that; else the outermost text, cut short."""
    cause: BaseException | None = error
    while cause is not None:
        for one in (cause, *cause.args):
            for inner in (one, *getattr(one, "args", ())):
                if isinstance(inner, OSError) and inner.strerror:
                    return inner.strerror
        cause = cause.__cause__ or cause.__context__
    return str(error)[:_MOST_TEXT]

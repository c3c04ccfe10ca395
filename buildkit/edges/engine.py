"""The Docker engine, through the Docker SDK, which is imported only when it is asked: that takes 0.3 s.

The SDK limits each read, not the whole talk, and a name may take long to resolve: the answer is awaited for a limited
time only, in a thread that does not keep the process alive.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from buildkit.edges.process import redact
from buildkit.errors import KfkitError, UndeterminedError

_MOST_TEXT = 200


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
    try:
        client = docker.from_env(timeout=math.ceil(seconds))  # follows DOCKER_HOST, then the current context
        try:
            facts = client.version()
            endpoint = redact(str(client.api.base_url)).replace("http+docker://localhost", "local socket")
        finally:
            client.close()
        platform = f"{facts.get('Os', '?')}/{facts.get('Arch', '?')}"
        answers.append(Engine(version=str(facts.get("Version", "?")), platform=platform, endpoint=endpoint))
    except Exception as error:  # noqa: BLE001  # the SDK lets through what lies below it: requests, urllib3, ssh, JSON
        answers.append(UndeterminedError(redact(_reason(error))))


def _reason(error: BaseException) -> str:
    """What the system said, where the chain of causes ends in that; else the outermost text, cut short."""
    cause: BaseException | None = error
    while cause is not None:
        for one in (cause, *cause.args):
            for inner in (one, *getattr(one, "args", ())):
                if isinstance(inner, OSError) and inner.strerror:
                    return inner.strerror
        cause = cause.__cause__ or cause.__context__
    return str(error)[:_MOST_TEXT]

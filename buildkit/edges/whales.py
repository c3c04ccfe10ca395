"""Builders in an engine or a cluster, made through python-on-whales.

It takes 0.3 s to import: only what makes such a builder does. Those of a BuildKit that runs, and the end of any, are
`edges/buildx.py`'s.

It calls buildx as a plugin of the docker command; where buildx stands alone, it has to be told that it is one, by the
variable that the docker command would set (docker/cli `cli-plugins/manager`).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from buildkit.edges.process import redact
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.edges.buildx import Buildx

_PLUGIN: Final = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"
_MOST_TEXT: Final = 1000


def create_builder(
    buildx: Buildx,
    name: str,
    *,
    driver: str,
    platforms: tuple[str, ...] = (),
    options: Mapping[str, str] | None = None,
) -> None:
    """Make a builder; nothing is started, and no default builder is changed.

    Raises:
        UndeterminedError: buildx refuses it.
    """
    from python_on_whales import DockerClient  # noqa: PLC0415
    from python_on_whales.exceptions import DockerException  # noqa: PLC0415

    with _environment(buildx):
        try:
            DockerClient(client_call=[buildx.command[0]]).buildx.create(
                name=name,
                driver=driver,
                platforms=list(platforms) or None,
                driver_options=dict(options or {}),
            )
        except DockerException as error:
            raise UndeterminedError(f"builder {name} could not be made: {_said(error.stderr)}") from error
        except ValueError as error:  # it looks for what it made, and does not find it
            raise UndeterminedError(f"builder {name} was made and is not there: {_said(str(error))}") from error


@contextmanager
def _environment(buildx: Buildx) -> Iterator[None]:
    """What the library's calls inherit: they take no environment of their own. Not for several threads."""
    alone = len(buildx.command) == 1
    wanted = {**buildx.env, **({_PLUGIN: "docker"} if alone else {})}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _said(stderr: str | None) -> str:
    return redact((stderr or "no reason given").strip()[-_MOST_TEXT:])

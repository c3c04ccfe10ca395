"""Buildx: builds, indexes and tags, each call with a time limit.

Through the process edge, not python-on-whales: that one has no time limit on a call, prints no progress that can be
read by a program, returns nothing of a build that pushes, and drops the bytes of an index (`imagetools.create` with
`dry_run`), from which its digest follows. What it does well, builders in an engine or a cluster, it does for us:
`edges/whales.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Final

import msgspec

from buildkit.edges.process import MIB, Limits, run
from buildkit.edges.tools import find_buildx
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildkit.edges.process import Heard

_LIMITS: Final = Limits(seconds=300, output=16 * MIB)
_OUTPUT: Final = 16 * MIB
# The provenance of a build would make its metadata file as large as the build has steps; the registry has it anyway.
_ENVIRONMENT: Final = {"BUILDX_METADATA_PROVENANCE": "disabled", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Buildx:
    """How buildx is called: `docker buildx`, or the program by itself; `env` says where it keeps its builders."""

    command: tuple[str, ...]
    version: str
    env: Mapping[str, str] = field(default_factory=dict)


class _Metadata(msgspec.Struct):
    digest: str = msgspec.field(default="", name="containerimage.digest")


def open_buildx(env: Mapping[str, str] | None = None) -> Buildx:
    """Raises UndeterminedError where there is none, or only an old one."""
    command, version = find_buildx()
    return Buildx(command=command, version=version, env=dict(env or {}))


def open_buildx_soon() -> Callable[[], Buildx]:
    """Begin to look for it, beside what else a run begins with; what is returned waits for it, and raises as above."""
    future: Future[Buildx] = Future()

    def look() -> None:
        try:
            future.set_result(open_buildx())
        except BaseException as error:  # noqa: BLE001  # whoever asks gets it
            future.set_exception(error)

    Thread(target=look, daemon=True).start()
    return future.result


def build(  # noqa: PLR0913  # one keyword per fact of a build
    buildx: Buildx, arguments: Sequence[str], *, metadata: Path, seconds: float, heard: Heard, epoch: int | None = None
) -> str:
    """Build one platform and push it by digest; returns the digest of what was pushed.

    Args:
        buildx: the program.
        arguments: of `buildx build`, without progress and metadata.
        metadata: where buildx tells the digest; a file that does not exist yet.
        seconds: the time limit.
        heard: takes the progress, `--progress rawjson`.
        epoch: SOURCE_DATE_EPOCH for the build.

    Raises:
        ProgramError: the build fails or takes too long.
        UndeterminedError: buildx tells no digest.
    """
    argv = [*buildx.command, "build", "--progress", "rawjson", "--metadata-file", str(metadata), *arguments]
    env = {**_ENVIRONMENT, **buildx.env, **({"SOURCE_DATE_EPOCH": str(epoch)} if epoch is not None else {})}
    run(argv, env=env, limits=Limits(seconds=seconds, output=_OUTPUT), heard=heard)
    try:
        digest = msgspec.json.decode(metadata.read_bytes(), type=_Metadata).digest
    except (OSError, msgspec.MsgspecError) as error:
        raise UndeterminedError(f"buildx built, but its metadata file cannot be read: {error}") from error
    if not digest:
        raise UndeterminedError("buildx built, but tells no digest of what it pushed")
    return digest


def compose_index(
    buildx: Buildx, builder: str, sources: Sequence[str], annotations: Sequence[tuple[str, str]]
) -> tuple[str, bytes]:
    """The index of these sources, nothing pushed: its digest and its bytes, attestations kept.

    Raises:
        ProgramError: the registry lacks one of them, or does not answer.
    """
    argv = [*_imagetools(buildx, builder, annotations), "--dry-run", *sources]
    body = run(argv, env=buildx.env, limits=_LIMITS).stdout.removesuffix(b"\n")
    return f"sha256:{hashlib.sha256(body).hexdigest()}", body


def push_index(
    buildx: Buildx, builder: str, target: str, sources: Sequence[str], annotations: Sequence[tuple[str, str]] = ()
) -> None:
    """Push the index of these sources as `target`: a tag, or `repository@digest` of what `compose_index` gave.

    A single source that is an index already is pushed as it is, byte by byte.

    Raises:
        ProgramError: the registry refuses it, or does not answer.
    """
    argv = [*_imagetools(buildx, builder, annotations), "--progress", "plain", "--tag", target, *sources]
    run(argv, env=buildx.env, limits=_LIMITS)


def create_remote(buildx: Buildx, name: str, endpoint: str) -> None:
    """Make a builder of a BuildKit that runs; it is not asked whether it does.

    Not through python-on-whales as the other builders: this is the way without a container to wait for, and importing
    it would be a third of the second that `kfkit build run` may cost over the builds themselves.

    Raises:
        ProgramError: buildx refuses it.
    """
    run([*buildx.command, "create", "--name", name, "--driver", "remote", endpoint], env=buildx.env, limits=_LIMITS)


def start_builder(buildx: Buildx, name: str) -> None:
    """Start a builder that is made: pull its image, wait until it answers.

    Raises:
        ProgramError: it does not start in time.
    """
    run([*buildx.command, "inspect", "--bootstrap", name], env=buildx.env, limits=_LIMITS)


def remove_builder(buildx: Buildx, name: str) -> None:
    """Remove a builder; what it holds in its cache goes with it.

    Not through python-on-whales: a cluster that does not answer would be waited for without end.

    Raises:
        ProgramError: buildx refuses it, or takes too long.
    """
    run([*buildx.command, "rm", name], env=buildx.env, limits=_LIMITS)


def _imagetools(buildx: Buildx, builder: str, annotations: Sequence[tuple[str, str]]) -> list[str]:
    argv = [*buildx.command, "imagetools", "create"]
    argv += ["--builder", builder] if builder else []
    for name, value in annotations:
        argv += ["--annotation", f"index:{name}={value}"]
    return argv

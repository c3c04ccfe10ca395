"""Whether the node of each target can run what its Dockerfile runs: an emulator is missed only where it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.builders import native_platform
from buildkit.edges.files import read_text_file
from buildkit.errors import UndeterminedError, UsageError
from buildkit.model.platform import parse_platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.flows.build_board import Target

_LIMIT: Final = 4 * 1024 * 1024
_MOST_TEXT: Final = 80


def check_emulators(targets: Sequence[Target]) -> None:
    """Refuse what can only fail, before anything is built.

    Raises:
        UndeterminedError: a RUN step needs an emulator that its node does not have.
    """
    needed = [found for target in targets if target.node.runs is False for found in [_needs(target)] if found]
    if needed:
        platforms = sorted({target.platform.platform for target in targets if target.node.runs is False})
        raise UndeterminedError(
            "; ".join(needed),
            hint=f"Register an emulator for {', '.join(platforms)} (as root: `make emulators`; or "
            "`docker run --privileged --rm tonistiigi/binfmt --install all`), or name a native node: "
            "--node PLATFORM=ENDPOINT.",
        )


def _needs(target: Target) -> str:
    """The first RUN step that executes on the platform of the target; empty where none does, or nobody can tell."""
    # Only where an emulator is missing: a run that has all it takes need not wait for these.
    from buildkit.dockerfile.errors import DockerfileError  # noqa: PLC0415
    from buildkit.dockerfile.foreign import foreign_runs  # noqa: PLC0415
    from buildkit.dockerfile.parse import parse_dockerfile  # noqa: PLC0415

    path = Path(target.build.dockerfile)
    if not path.is_file():
        return ""  # in a git repository that BuildKit fetches: the build will tell
    try:
        dockerfile = parse_dockerfile(read_text_file(path, _LIMIT), str(path))
        runs = foreign_runs(
            dockerfile,
            target=target.build.target,
            args=dict(target.build.args),
            build_platform=native_platform(),
            target_platform=parse_platform(target.platform.platform),
        )
    except (UsageError, DockerfileError):
        return ""  # BuildKit says it better
    if not runs:
        return ""
    first = runs[0]
    said = f"{path}:{first.line}: `{first.text[:_MOST_TEXT]}` runs on {first.platform}"
    return f"{said}, which {target.node.endpoint} cannot: {target.node.reason}"

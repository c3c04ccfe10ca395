"""The RUNs of a build that need an emulator, or a node of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.dockerfile.arguments import Setting
from buildkit.dockerfile.stages import ForeignRun, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.dockerfile.dockerfile import Dockerfile
    from buildkit.model.platform import Platform


def foreign_runs(
    dockerfile: Dockerfile,
    *,
    target: str | None = None,
    args: Mapping[str, str],
    build_platform: Platform,
    target_platform: Platform,
) -> tuple[ForeignRun, ...]:
    """The RUNs that the target needs and that execute on another platform than the building machine's.

    That is mostly the target's; a stage with a `--platform` of its own may be of a third one.

    Raises:
        DockerfileError: as `resolve` does.
    """
    setting = Setting(target=target, args=args, build_platform=build_platform, target_platform=target_platform)
    return tuple(
        ForeignRun(line=one.line, text=one.text, platform=stage.platform)
        for stage in resolve(dockerfile, setting).needed
        if stage.platform.family != build_platform.family
        for one in stage.instructions
        if one.keyword == "RUN"
    )

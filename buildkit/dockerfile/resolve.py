"""What one build of a Dockerfile needs: stages, the platform of each, images from registries, RUNs that are foreign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.dockerfile.arguments import Setting
from buildkit.dockerfile.stages import BaseImage, ForeignRun, resolve
from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.dockerfile.dockerfile import Dockerfile, Stage


def stages_needed(
    dockerfile: Dockerfile, target: str | None = None, args: Mapping[str, str] | None = None
) -> tuple[Stage, ...]:
    """The stages that the target is built from, itself included, in the order of the file.

    Raises:
        DockerfileError: as `resolve` does.
    """
    # Stage names rarely depend on a platform.
    here = Platform(os="linux", architecture="amd64")
    setting = Setting(target=target, args=args or {}, build_platform=here, target_platform=here)
    return tuple(stage.stage for stage in resolve(dockerfile, setting).needed)


def base_images(
    dockerfile: Dockerfile,
    *,
    target: str | None = None,
    args: Mapping[str, str],
    build_platform: Platform,
    target_platform: Platform,
) -> tuple[BaseImage, ...]:
    """The images that the target takes from registries, in the order of the stages.

    Raises:
        DockerfileError: as `resolve` does.
    """
    setting = Setting(target=target, args=args, build_platform=build_platform, target_platform=target_platform)
    return tuple(image for stage in resolve(dockerfile, setting).needed for image in stage.images)


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

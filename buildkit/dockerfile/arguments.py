"""The arguments that every build has, and those before the first FROM: what FROM lines see, and stages on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.dockerfile.errors import DockerfileError, SyntaxProblem
from buildkit.dockerfile.expand import Manner, expand
from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from buildkit.dockerfile.dockerfile import Dockerfile

AUTOMATIC: Final = (
    *("BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"),
    *("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One build of a Dockerfile.

    Attributes:
        target: name of the stage that is built; None for the last one.
        args: build arguments (`--build-arg`).
        build_platform: of the machine that builds.
        target_platform: of the image.
    """

    target: str | None = None
    args: Mapping[str, str]
    build_platform: Platform
    target_platform: Platform


def global_arguments(dockerfile: Dockerfile, setting: Setting) -> dict[str, str]:
    """Values that FROM lines see; a stage sees one when it declares it without a value.

    Raises:
        DockerfileError: a default that cannot be expanded.
    """
    values = {name: setting.args.get(name, value) for name, value in automatic(dockerfile, setting).items()}
    for instruction in dockerfile.arguments:
        for pair in instruction.pairs:
            if pair.name in setting.args:
                values[pair.name] = setting.args[pair.name]
            elif pair.value is not None:
                try:
                    values[pair.name] = expand(pair.value, values.get, Manner(escape=dockerfile.escape)).text
                except SyntaxProblem as problem:
                    raise DockerfileError(dockerfile.name, instruction.line, str(problem)) from None
    return values


def automatic(dockerfile: Dockerfile, setting: Setting) -> Mapping[str, str]:
    """Values that every build gives by itself."""
    values: dict[str, str] = {}
    for name, platform in (("BUILD", setting.build_platform), ("TARGET", setting.target_platform)):
        values[f"{name}PLATFORM"] = str(platform)
        values[f"{name}OS"] = platform.os
        values[f"{name}OSVERSION"] = ""
        values[f"{name}ARCH"] = platform.architecture
        values[f"{name}VARIANT"] = platform.variant
    values["TARGETSTAGE"] = setting.target or dockerfile.stages[-1].name or "default"
    return values

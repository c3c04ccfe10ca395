"""`fixed-platform`, `build-platform`, `base-image-name`, `refuses-platform`, and defaults for what builds are given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Edit, Found, clip
from buildkit.builds.lint.rules.mending import without_default

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Scene, Step
    from buildkit.dockerfile.stages import ResolvedStage

REFUSES: Final = "refuses-platform"
_FLAG: Final = re.compile(r"--platform=[^\s\"'\\]+[ \t]+")


def check_final_stage(scene: Scene) -> Iterator[Found]:
    """The image must be of the platform that it is built for."""
    target, wanted = scene.written.target, scene.setting.target_platform
    if target.platform.family == wanted.family:
        return
    root = target
    while root.base is not None:
        root = scene.written.stages[root.base]
    written = root.stage.platform or ""
    follows_builder = "BUILD" in written
    through = "" if root is target else f", based on this one by line {target.stage.line},"
    is_what = "follows the machine that builds" if follows_builder else f"is for {target.platform} on every platform"
    yield Found(
        rule="build-platform" if follows_builder else "fixed-platform",
        line=root.stage.line,
        subject=written,
        message=f"the final stage{through} {is_what}: --platform={clip(written)}",
        fix="Drop `--platform` from the stage that the image is made of: it then follows the target.",
        platform=str(wanted),
        edits=_without_platform(scene, root),
    )


def _without_platform(scene: Scene, root: ResolvedStage) -> tuple[Edit, ...]:
    """Dropping the flag is certain where nothing but the image is made of the stage."""
    target = scene.written.target
    index = root.stage.index
    if any(index in one.needs for one in scene.written.stages if one is not target):
        return ()
    if root is not target and (target.base != index or index in _copied_from(scene, target)):
        return ()
    start = root.stage.start
    match = _FLAG.search(start.text)
    if match is None:
        return ()
    begin, last = start.offset_at(match.start()), start.offset_at(match.end() - 1)
    return (Edit(start=begin, end=last + 1, new=""),) if last + 1 - begin == len(match[0]) else ()


def _copied_from(scene: Scene, stage: ResolvedStage) -> set[int]:
    names = {one.stage.name: one.stage.index for one in scene.written.stages if one.stage.name}
    flags = (one.flag("from") for one in stage.instructions if one.keyword == "COPY")
    return {names.get(flag.lower(), int(flag[:9]) if flag.isdecimal() else -1) for flag in flags if flag}


def check_base_names(scene: Scene) -> Iterator[Found]:
    """Images whose very name says another architecture."""
    for stage in scene.written.needed:
        for image in stage.images:
            name = image.name or ""
            named = architectures(name)
            if named and not named & {image.platform.architecture, scene.setting.target_platform.architecture}:
                yield Found(
                    rule="base-image-name",
                    line=image.line,
                    subject=clip(name),
                    message=f"takes an image whose name says {min(named)}: {clip(name)}",
                    fix="Use the repository or tag that serves every platform.",
                    platform=str(image.platform),
                )


def check_refusals(step: Step) -> Iterator[Found]:
    """Scripts that end with an error on this platform, by a condition that is known."""
    for place in step.refusals:
        yield Found(
            rule=REFUSES,
            line=step.line_at(place),
            subject="exit",
            message="the script ends here with an error",
            fix="Give the platform a branch of its own; where there is nothing for it, it is not one to build for.",
            platform=str(step.stage.platform),
        )


def check_overrides(scene: Scene) -> Iterator[Found]:
    """A default hides what the build is given: `ARG TARGETARCH=amd64` is amd64 on every platform."""
    for one in scene.overrides:
        name, value = one.pair.name, one.pair.value or ""
        used = re.search(rf"\$\{{?{name}\b", scene.dockerfile.text)
        if value.strip("\"'") == one.value or "$" in value or not used:
            continue
        yield Found(
            rule="fixed-argument",
            line=one.instruction.line_at(one.pair.at),
            subject=name,
            message=f"ARG {name}={clip(value)} hides the {name} that every build is given",
            fix=f"Declare it without a default: `ARG {name}`.",
            platform=str(scene.setting.target_platform),
            edits=without_default(one),
        )


def check_unread(step: Step) -> Iterator[Found]:
    """A script that could not be followed and that names another architecture: somebody has to look."""
    script = step.script
    if step.unread is None or script is None:
        return
    named = architectures(script.text)
    if named and not named & step.native:
        yield Found(
            rule="unread-script",
            line=script.line,
            subject=step.unread,
            message=f"names {min(named)}, and could not be read as shell text: {step.unread}",
            fix="Look at it yourself; simpler shell text can be followed.",
            platform=str(step.stage.platform),
            level="warning",
        )

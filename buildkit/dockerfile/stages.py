"""Stages of a Dockerfile in one build: what each begins from, its platform, and what it takes from where.

As BuildKit does it (frontend/dockerfile/dockerfile2llb, `convert.go`): a stage follows `--platform`, else the target;
one that is based on another stage has that one's platform, and `scratch` always the target's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildkit.dockerfile.arguments import Setting, global_arguments
from buildkit.dockerfile.checks import mount_source
from buildkit.dockerfile.dockerfile import Instruction, Stage
from buildkit.dockerfile.errors import DockerfileError, SyntaxProblem
from buildkit.dockerfile.expand import Manner, expand
from buildkit.model.platform import Platform, PlatformError, parse_platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.dockerfile.dockerfile import Dockerfile

SCRATCH: Final = "scratch"
_UNSET: Final = "\0"
_DIGITS: Final = 9  # of a stage's number: longer ones are none
Use = Literal["from", "copy", "mount"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseImage:
    """An image that a build takes from a registry.

    Attributes:
        line: of the instruction that names it.
        written: as it is written there.
        name: with variables put in; None where one has no value.
        platform: the one that is pulled.
        use: FROM, `COPY --from` or `RUN --mount=from=`.
        stage: index of the stage.
    """

    line: int
    written: str
    name: str | None
    platform: Platform
    use: Use
    stage: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignRun:
    """A RUN that executes programs of another platform than the building machine's."""

    line: int
    text: str
    platform: Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedStage:
    """A stage in one build.

    Attributes:
        base: index of the stage that it begins from; None for an image or nothing.
        image: the base image; None for a stage or `scratch`.
        platform: what its RUNs execute on.
        needs: indices of stages, its base among them, sorted.
        images: all that it takes from registries, its base image first.
        instructions: those of the stage, behind what its base holds back for it by ONBUILD.
    """

    stage: Stage
    base: int | None
    image: BaseImage | None
    platform: Platform
    needs: tuple[int, ...]
    images: tuple[BaseImage, ...]
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """All stages in one build, the arguments that are global in it, and the stages that the target needs, in order."""

    stages: tuple[ResolvedStage, ...]
    arguments: Mapping[str, str]
    target: ResolvedStage
    needed: tuple[ResolvedStage, ...]


def resolve(dockerfile: Dockerfile, setting: Setting) -> Resolved:
    """Find out what a build needs.

    Raises:
        DockerfileError: BuildKit would not build it: no such platform or target, a stage that comes too late.
    """
    arguments = global_arguments(dockerfile, setting)
    by_name = {stage.name: stage.index for stage in dockerfile.stages if stage.name}
    resolver = _Resolver(dockerfile, setting, arguments, by_name)
    for stage in dockerfile.stages:
        resolver.add(stage)
    stages = tuple(resolver.stages)
    target = stages[_target(dockerfile, setting.target, by_name)]
    needed = _reachable(stages, target.stage.index)
    for index in sorted(resolver.too_late.keys() & needed):
        raise resolver.too_late[index]
    return Resolved(
        stages=stages,
        arguments=arguments,
        target=target,
        needed=tuple(stage for stage in stages if stage.stage.index in needed),
    )


def _target(dockerfile: Dockerfile, name: str | None, by_name: Mapping[str, int]) -> int:
    if name is None:
        return len(dockerfile.stages) - 1
    if name.lower() not in by_name:
        raise DockerfileError(dockerfile.name, 1, f"target stage {name[:80]!r} could not be found")
    return by_name[name.lower()]


def _reachable(stages: tuple[ResolvedStage, ...], index: int) -> set[int]:
    found: set[int] = set()
    left = [index]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += stages[one].needs
    return found


class _Resolver:
    """Resolves stages in the order of the file: what one needs came before it."""

    def __init__(
        self, dockerfile: Dockerfile, setting: Setting, arguments: Mapping[str, str], by_name: Mapping[str, int]
    ) -> None:
        self.stages: list[ResolvedStage] = []
        # What BuildKit says only of stages that it builds.
        self.too_late: dict[int, DockerfileError] = {}
        self._dockerfile = dockerfile
        self._setting = setting
        self._arguments = arguments
        self._by_name = by_name
        self._earlier: dict[str, int] = {}

    def add(self, stage: Stage) -> None:
        written = self._expanded(stage, stage.base)
        # BuildKit looks for a stage in lower case only; an image's name has no upper case, so nothing is mistaken.
        base = self._earlier.get(written.lower())
        platform = self._platform(stage, base, written)
        image = None
        if base is None and written != SCRATCH:
            image = BaseImage(
                line=stage.line,
                written=stage.base,
                name=None if _UNSET in written else written,
                platform=platform,
                use="from",
                stage=stage.index,
            )
        instructions = (*self._held_back(base), *stage.instructions)
        needs = set() if base is None else {base}
        images = [] if image is None else [image]
        for line, source, use in _sources(instructions):
            found = self._stage_of(source, use, line, stage.index)
            if found is not None:
                needs.add(found)
            elif source != SCRATCH:
                images.append(
                    BaseImage(
                        line=line,
                        written=source,
                        name=source,
                        platform=self._setting.target_platform,
                        use=use,
                        stage=stage.index,
                    )
                )
        self.stages.append(
            ResolvedStage(
                stage=stage,
                base=base,
                image=image,
                platform=platform,
                needs=tuple(sorted(needs)),
                images=tuple(images),
                instructions=instructions,
            )
        )
        if stage.name:
            self._earlier[stage.name] = stage.index

    def _expanded(self, stage: Stage, text: str) -> str:
        manner = Manner(escape=self._dockerfile.escape, unset=_UNSET)
        try:
            expanded = expand(text, self._arguments.get, manner).text
        except SyntaxProblem as problem:
            raise self._wrong(stage.line, str(problem)) from None
        if not expanded:
            raise self._wrong(stage.line, f"base name ({text[:80]}) should not be blank")
        return expanded

    def _platform(self, stage: Stage, base: int | None, written: str) -> Platform:
        own = self._own_platform(stage)
        if base is not None:
            return self.stages[base].platform
        return own if own and written != SCRATCH else self._setting.target_platform

    def _own_platform(self, stage: Stage) -> Platform | None:
        if stage.platform is None:
            return None
        try:
            manner = Manner(escape=self._dockerfile.escape)
            text = expand(stage.platform, self._arguments.get, manner).text
        except SyntaxProblem as problem:
            raise self._wrong(stage.line, f"--platform: {problem}") from None
        if not text:
            raise self._wrong(stage.line, f"empty platform value from expression {stage.platform[:80]}")
        try:
            return parse_platform(_in_full(text, self._setting.build_platform))
        except PlatformError as error:
            raise self._wrong(stage.line, f"--platform: {error}") from None

    def _held_back(self, base: int | None) -> Iterator[Instruction]:
        for one in () if base is None else self._dockerfile.stages[base].instructions:
            if one.keyword == "ONBUILD" and one.trigger is not None:
                yield one.trigger

    def _stage_of(self, source: str, use: Use, line: int, current: int) -> int | None:
        """The stage of that name, or for COPY that number; itself where it is too late, None where it is an image."""
        if use == "copy" and source.isdecimal() and source.isascii():
            found: int | None = int(source[:_DIGITS])
        else:
            found = self._by_name.get(source.lower())
        if found is None or found < current:
            return found
        if found == current or found >= len(self._dockerfile.stages):
            raise self._wrong(line, f"stage {source[:80]!r} cannot be taken from here")
        reason = f"stage {source[:80]!r} needs to be defined before what takes files from it"
        self.too_late.setdefault(current, self._wrong(line, reason))
        return current

    def _wrong(self, line: int, reason: str) -> DockerfileError:
        return DockerfileError(self._dockerfile.name, line, reason)


def _sources(instructions: tuple[Instruction, ...]) -> Iterator[tuple[int, str, Use]]:
    """What instructions take files from, beside the context."""
    for one in instructions:
        if one.keyword == "COPY" and (source := one.flag("from")):
            yield one.line, source, "copy"
        elif one.keyword == "RUN":
            for mount in one.flag_values("mount"):
                if source := mount_source(mount):
                    yield one.line, source, "mount"


def _in_full(text: str, build: Platform) -> str:
    """A platform of which only the architecture or the system is named, as containerd completes it."""
    if "/" in text:
        return text
    if text.lower() in {"linux", "windows", "darwin", "freebsd"}:
        return f"{text}/{build.architecture}"
    return f"linux/{text}"

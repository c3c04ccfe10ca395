"""One build of a Dockerfile, followed: what each instruction that the target needs does on its platform."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures, shape
from buildkit.builds.lint.script import Script, script_of
from buildkit.builds.lint.shell.call import Call
from buildkit.builds.lint.shell.commands import run_simple, run_words
from buildkit.builds.lint.shell.machine import Machine
from buildkit.builds.lint.shell.parser import parse_shell
from buildkit.builds.lint.shell.tree import Sequence, ShellError
from buildkit.builds.lint.values import UNKNOWN, Binding, Value
from buildkit.dockerfile.arguments import AUTOMATIC, Setting, automatic
from buildkit.dockerfile.dockerfile import Dockerfile, Instruction, Pair
from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.expand import Manner, expand
from buildkit.dockerfile.stages import Resolved, ResolvedStage, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildkit.model.platform import Platform

_PLACES: Final = frozenset({"ADD", "COPY"})
# What any rule looks for in a script, beside the names of architectures.
_TELLING: Final = re.compile(
    r"[$`]|\b(?:go|pip[0-9.]*|uv|curl|wget|g?cc|g\+\+|clang|make|mv|cp|ln|install|exit)\b|-m(?:avx|sse|fma|bmi|popcnt)"
)
_MOST_STEPS: Final = 20_000  # of all scripts of a file
_LONGEST_PUT_IN: Final = 1 << 12  # thousands of variables, each longer than the last, are read in full otherwise
_STARTS: Final = frozenset({"CMD", "ENTRYPOINT"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One instruction of one build.

    Attributes:
        native: architectures that a program may be for here: the stage's and the target's.
        words: of COPY and ADD: the sources and the destination, variables put in.
        pairs: of ENV: names and values.
        script: of RUN, where it is shell text.
        calls: what a RUN does, and the image when it starts; `refusals` places in its script that end it with an error.
        unread: why a RUN was not followed.
        folder: where it works; None where that is not known.
        declared: automatic arguments that it sees.
        named: whether anything in it names an architecture.
        siblings: shapes of what the stage names for a native one.
    """

    stage: ResolvedStage
    instruction: Instruction
    native: frozenset[str]
    words: tuple[Value, ...] = ()
    pairs: tuple[tuple[str, Value], ...] = ()
    script: Script | None = None
    calls: tuple[Call, ...] = ()
    refusals: tuple[int, ...] = ()
    unread: str | None = None
    folder: str | None = None
    declared: frozenset[str] = frozenset()
    named: bool = False
    siblings: frozenset[str] = frozenset()

    def line_at(self, place: int) -> int:
        """The line of the file where something of a script or of an instruction's text stands."""
        return self.script.line_at(place) if self.script else self.instruction.line_at(place)

    def offset_at(self, place: int) -> int | None:
        """The character of the file."""
        return self.script.offset_at(place) if self.script else self.instruction.offset_at(place)


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """A default for an argument that every build has: `ARG TARGETARCH=amd64`; `value` is what it would have been."""

    instruction: Instruction
    pair: Pair
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One build, followed as if what hides everything behind it were mended.

    Attributes:
        written: stages as the file has them.
        resolved: the same, but for the stages that the image is made of: they are of the target's platform.
        steps: in order, stage by stage.
        overrides: defaults that were passed over.
    """

    dockerfile: Dockerfile
    setting: Setting
    written: Resolved
    resolved: Resolved
    steps: tuple[Step, ...]
    overrides: tuple[Override, ...]


def follow(dockerfile: Dockerfile, setting: Setting, *, runs: bool = True) -> Scene:
    """Follow a build; its scripts only where `runs` says so.

    Raises:
        DockerfileError: BuildKit would not build it.
    """
    given = replace(setting, args={**automatic(dockerfile, setting), **setting.args})
    written = resolve(dockerfile, given)
    resolved = _following(written, setting.target_platform)
    walk = _Walk(dockerfile, setting, resolved, runs=runs)
    steps = tuple(step for stage in resolved.needed for step in walk.stage(stage))
    return Scene(
        dockerfile=dockerfile,
        setting=setting,
        written=written,
        resolved=resolved,
        steps=steps,
        overrides=tuple(walk.overrides),
    )


def _following(written: Resolved, target: Platform) -> Resolved:
    """The stages; those that begin from what the image begins from, for the target's platform."""
    if written.target.platform.family == target.family:
        return written
    roots: list[int] = []
    for one in written.stages:
        roots.append(one.stage.index if one.base is None else roots[one.base])
    root = roots[written.target.stage.index]
    stages = tuple(replace(one, platform=target) if roots[one.stage.index] == root else one for one in written.stages)
    needed = {one.stage.index for one in written.needed}
    return replace(
        written,
        stages=stages,
        target=stages[written.target.stage.index],
        needed=tuple(one for one in stages if one.stage.index in needed),
    )


class _Walk:
    def __init__(self, dockerfile: Dockerfile, setting: Setting, resolved: Resolved, *, runs: bool) -> None:
        self._runs = runs
        self._steps = 0
        self._dockerfile = dockerfile
        self._setting = setting
        self._resolved = resolved
        self._left: dict[int, tuple[dict[str, Binding], tuple[str, ...] | None]] = {}
        self._variables: dict[str, Binding] = {}
        self._shell: tuple[str, ...] | None = None
        self._automatic = automatic(dockerfile, setting)
        self.overrides: list[Override] = []
        self._globals = self._global_bindings()

    def stage(self, stage: ResolvedStage) -> list[Step]:
        variables, self._shell = self._left.get(-1 if stage.base is None else stage.base, ({}, None))
        self._variables = dict(variables)
        native = frozenset({stage.platform.architecture, self._setting.target_platform.architecture})
        is_target = stage is self._resolved.target
        steps = []
        for instruction in stage.instructions:
            one = instruction
            if one.keyword == "ONBUILD" and is_target and one.trigger is not None:
                one = one.trigger  # what it does to those that build on the image
            step = self._step(stage, one, native)
            if step is not None:
                steps.append(step)
        self._left[stage.stage.index] = (self._variables, self._shell)
        texts = [{text for text in _texts(step) if architectures(text)} for step in steps]
        siblings = frozenset(shape(text) for one in texts for text in one if architectures(text) & native)
        return [
            replace(step, named=True, siblings=siblings, native=_runnable(native)) if one else step
            for step, one in zip(steps, texts, strict=True)
        ]

    def _step(self, stage: ResolvedStage, one: Instruction, native: frozenset[str]) -> Step | None:
        declared = frozenset(name for name in AUTOMATIC if name in self._variables)
        bare = partial(Step, stage=stage, instruction=one, native=native, folder=self._folder(), declared=declared)
        if one.keyword == "ARG":
            for pair in one.pairs:
                self._declare(one, pair)
            return None
        if one.keyword == "ENV":
            return self._environment(bare, one)
        if one.keyword == "WORKDIR":
            self._enter(one)
            return None
        if one.keyword == "SHELL":
            self._shell = one.words
            return None
        if one.keyword in _PLACES:
            places = word_places(one)
            return bare(words=tuple(map(self._value, one.words, places)))
        starts = one.keyword in _STARTS and stage is self._resolved.target
        return self._run(stage, bare, one) if self._runs and (one.keyword == "RUN" or starts) else None

    def _folder(self) -> str | None:
        here = self._variables.get("PWD")
        return here.texts[0] if here and here.texts and UNKNOWN not in here.texts[0] else None

    def _enter(self, one: Instruction) -> None:
        text = self._value(one.arguments, one.at).texts[0]
        here = self._folder()
        folder = text if text.startswith("/") else UNKNOWN if here is None else f"{here.rstrip('/')}/{text}"
        self._variables["PWD"] = Binding(name="PWD", texts=(folder,), origin="ENV", line=one.line)

    def _environment(self, bare: Callable[..., Step], one: Instruction) -> Step:
        values = [(pair, self._value(pair.value or "", pair.at)) for pair in one.pairs]
        for pair, value in values:
            self._variables[pair.name] = _binding(pair.name, value, "ENV", one.line_at(pair.at))
        return bare(pairs=tuple((pair.name, value) for pair, value in values))

    def _declare(self, one: Instruction, pair: Pair) -> None:
        line = one.line_at(pair.at)
        if pair.value is not None and not self._overrides(one, pair):
            value = self._value(pair.value, pair.at)
            self._variables[pair.name] = _binding(pair.name, value, "ARG", line)
            return
        given = self._globals.get(pair.name)
        if given is not None:
            self._variables[pair.name] = given
        elif pair.name not in self._variables:
            self._variables[pair.name] = Binding(name=pair.name, texts=(), origin="ARG", line=line)

    def _overrides(self, one: Instruction, pair: Pair) -> bool:
        """Note a default that hides what the build is given; from here on it is not there."""
        if pair.name not in AUTOMATIC:
            return False
        self.overrides.append(Override(instruction=one, pair=pair, value=self._automatic[pair.name]))
        return True

    def _global_bindings(self) -> dict[str, Binding]:
        bindings = {
            name: Binding(name=name, texts=(value,), origin="automatic", line=0)
            for name, value in self._resolved.arguments.items()
            if name in AUTOMATIC
        }
        self._variables = bindings
        for instruction in self._dockerfile.arguments:
            for pair in instruction.pairs:
                if pair.value is not None and not self._overrides(instruction, pair):
                    value = self._value(pair.value, pair.at)
                    bindings[pair.name] = _binding(pair.name, value, "ARG", instruction.line_at(pair.at))
        return bindings

    def _value(self, text: str, at: int) -> Value:
        return value_of(text, self._variables, self._dockerfile.escape, at=at)

    def _run(self, stage: ResolvedStage, bare: Callable[..., Step], one: Instruction) -> Step | None:
        native = frozenset({stage.platform.architecture, self._setting.target_platform.architecture})
        variables = dict(self._variables)
        if one.exec:
            machine = Machine(stage.platform, native, variables, lambda _: one.line, run_simple)
            run_words(machine, one.words)
            return bare(calls=tuple(machine.calls))
        script = script_of(one, self._shell)
        if script is None or not (_TELLING.search(script.text) or architectures(script.text)):
            return None
        machine = Machine(stage.platform, native, variables, script.line_at, run_simple)
        try:
            if self._steps > _MOST_STEPS:
                raise ShellError("more scripts than are followed")  # noqa: TRY301
            machine.run(_parsed(script.text))
            self._steps += machine.steps
        except ShellError as problem:
            return bare(script=script, unread=str(problem))
        return bare(script=script, calls=tuple(machine.calls), refusals=tuple(machine.refusals))


def _runnable(native: frozenset[str]) -> frozenset[str]:
    """Every amd64 machine runs programs for 386 too; machines for arm64 need not for arm."""
    return native | {"386"} if "amd64" in native else native


def word_places(instruction: Instruction) -> list[int]:
    """Where the words of an instruction begin in its text; of a list those whose quotes hold nothing special."""
    places: list[int] = []
    position = instruction.at
    for word in instruction.words:
        found = instruction.text.find(f'"{word}"' if instruction.exec else word, position)
        places.append(found if found >= 0 else position)
        position = found + len(word) if found >= 0 else position
    return places


def value_of(text: str, variables: dict[str, Binding], escape: str, *, at: int = 0) -> Value:
    """A word of an instruction with variables put in; one that is too much to put in is unknown."""

    def lookup(name: str) -> str | None:
        binding = variables.get(name)
        return binding.texts[0] if binding is not None and binding.texts else None

    try:
        expanded = expand(text, lookup, Manner(escape=escape, unset=UNKNOWN))
        if not expanded.used and not expanded.missing:
            return Value(texts=(expanded.text,), literal=expanded.text, at=at)
        if len(expanded.text) > _LONGEST_PUT_IN:
            return Value(texts=(UNKNOWN,), at=at)
        literal = expand(text, lambda _: None, Manner(escape=escape)).text
    except SyntaxProblem:
        return Value(texts=(UNKNOWN,), at=at)
    names = (*expanded.used, *expanded.missing)
    return Value(
        texts=(expanded.text,),
        literal=literal,
        sources=tuple(variables[name] for name in names if name in variables),
        at=at,
        undeclared=tuple(name for name in expanded.missing if name in AUTOMATIC and name not in variables),
    )


def _binding(name: str, value: Value, origin: str, line: int) -> Binding:
    return Binding(
        name=name,
        texts=value.texts,
        origin="ENV" if origin == "ENV" else "ARG",
        line=line,
        literal=value.literal,
        sources=value.sources,
    )


@lru_cache(maxsize=512)
def _parsed(text: str) -> Sequence:
    return parse_shell(text)


def _texts(step: Step) -> Iterator[str]:
    """Everything that a step's words and values may be."""
    for value in step.words:
        yield from value.texts
    for _, value in step.pairs:
        yield from value.texts
    for one in step.instruction.heredocs:
        yield one.content
    for call in step.calls:
        for value in (*call.words, *(value for _, value in call.assigned), *([call.data] if call.data else [])):
            yield from value.texts

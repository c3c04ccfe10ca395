"""Text -> Dockerfile: stages and instructions with their lines, refused where BuildKit would refuse them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.dockerfile.checks import check_instruction, stage_name
from buildkit.dockerfile.dockerfile import Dockerfile, Instruction, Stage
from buildkit.dockerfile.errors import DockerfileError, SyntaxProblem
from buildkit.dockerfile.heredoc import delimiters
from buildkit.dockerfile.instruction import HEREDOCS, read_instruction
from buildkit.dockerfile.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.dockerfile.source import Logical

MOST_INSTRUCTIONS: Final = 10_000
MOST_STAGES: Final = 500


def parse_dockerfile(text: str, name: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile; `name` is what messages call it.

    Raises:
        DockerfileError: BuildKit would not build it, or it is too large to be one; with the line.
    """
    source = Source(text, name)
    arguments: list[Instruction] = []
    started: list[Instruction] = []
    bodies: list[list[Instruction]] = []
    for number, instruction in enumerate(_instructions(source)):
        if number == MOST_INSTRUCTIONS:
            raise DockerfileError(name, instruction.line, f"more than {MOST_INSTRUCTIONS} instructions")
        if instruction.keyword == "FROM":
            if len(started) == MOST_STAGES:
                raise DockerfileError(name, instruction.line, f"more than {MOST_STAGES} stages")
            started.append(instruction)
            bodies.append([])
        elif started:
            bodies[-1].append(instruction)
        elif instruction.keyword == "ARG":
            arguments.append(instruction)
        else:
            raise DockerfileError(name, instruction.line, "no build stage in current context: FROM comes first")
    if not started:
        raise DockerfileError(name, max(source.line, 1), "no FROM: there are no stages to build")
    return Dockerfile(
        name=name,
        text=text,
        escape=source.escape,
        directives=tuple(source.directives),
        arguments=tuple(arguments),
        stages=tuple(
            _stage(index, start, body) for index, (start, body) in enumerate(zip(started, bodies, strict=True))
        ),
        comments=tuple(source.comments),
    )


def _instructions(source: Source) -> Iterator[Instruction]:
    for logical in source.instructions():
        try:
            instruction = read_instruction(logical, source.escape)
            instruction = _with_heredocs(instruction, logical, source)
            check_instruction(instruction)
            if instruction.trigger is not None:
                instruction = replace(instruction, trigger=_sound(instruction.trigger))
        except SyntaxProblem as problem:
            raise DockerfileError(source.name, logical.line, str(problem)) from None
        yield instruction


def _sound(trigger: Instruction) -> Instruction | None:
    """What ONBUILD holds back; None where it will fail: BuildKit looks at it only when something is built on it."""
    try:
        check_instruction(trigger)
    except SyntaxProblem:
        return None
    return trigger


def _with_heredocs(instruction: Instruction, logical: Logical, source: Source) -> Instruction:
    """The instruction with the here-documents that follow it; ONBUILD's are those of what it holds back."""
    holder = instruction.trigger or instruction
    if holder.keyword not in HEREDOCS or holder.exec:
        return instruction
    heredocs = tuple(source.read_heredoc(one, logical) for one in delimiters(logical.text))
    if not heredocs:
        return instruction
    if instruction.trigger is None:
        return replace(instruction, heredocs=heredocs, end_line=source.line)
    trigger = replace(instruction.trigger, heredocs=heredocs, end_line=source.line)
    return replace(instruction, trigger=trigger, heredocs=heredocs, end_line=source.line)


def _stage(index: int, start: Instruction, body: list[Instruction]) -> Stage:
    return Stage(
        index=index,
        name=stage_name(start.words),
        base=start.words[0],
        platform=start.flag("platform") or None,
        start=start,
        instructions=tuple(body),
    )

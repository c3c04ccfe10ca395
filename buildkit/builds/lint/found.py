"""What a rule finds in one build, and which line has to change for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildkit.builds.lint.architectures import architectures, shape
from buildkit.builds.lint.values import UNKNOWN, foreign, written_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.builds.lint.scene import Step
    from buildkit.builds.lint.values import Binding, Value

# Stands in a message for the line where something is used: another build may use it in another one too.
USE: Final = "\x01"
_CLIP: Final = 160
FIX_ARGUMENT: Final = "Take it from `ARG TARGETARCH`, which every build is given, instead of from a default."


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Edit:
    """Characters of the file, from `start` up to `end`, replaced by `new`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One thing that breaks, in one build.

    Attributes:
        rule: its id.
        line: the one that has to change.
        subject: what makes it the same thing in another build of the file.
        message: what is wrong there, without a full stop; `USE` stands for `use`.
        fix: what to do, one sentence.
        platform: of the stage that it breaks in.
        use: the line where a variable is used that the line gives a value.
        edits: what mends it for sure.
    """

    rule: str
    line: int
    subject: str
    message: str
    fix: str
    platform: str
    use: int | None = None
    edits: tuple[Edit, ...] = ()
    level: Literal["error", "warning"] = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a rule says of a value that names another architecture: what a line `does` with it, for which one (`{}`)."""

    rule: str
    does: str
    fix: str


def report_foreign(step: Step, value: Value, report: Report, edits: Iterable[Edit] = ()) -> Iterator[Found]:
    """Yield what is to be said of a value that names another architecture than the stage's and the target's.

    Where an ARG or ENV brings the name, its line has to change; where a script's variable does, the assignment.
    Nothing where the same with a native name stands beside it: then every platform gets its own.
    """
    text = foreign(value, step.native)
    if text is None or shape(text) in step.siblings:
        return
    named = sorted(architectures(text))
    line = step.line_at(value.at)
    bearer = None if any(one in architectures(value.literal) for one in named) else _bearer(value, named)
    if bearer is not None and bearer.origin in {"ARG", "ENV"}:
        yield _argument(step, bearer, text, report, line)
        return
    undeclared = f"; {' and '.join(dict.fromkeys(value.undeclared))} is not declared in this stage"
    yield Found(
        rule=report.rule,
        line=line if bearer is None else bearer.line,
        subject=clip(text),
        message=f"{report.does.format(named[0])} on every platform: {clip(text)}"
        f"{undeclared if value.undeclared else ''}",
        fix=report.fix,
        platform=str(step.stage.platform),
        edits=tuple(edits),
    )


def _bearer(value: Value, named: list[str]) -> Binding | None:
    """The variable that brings the name: the nearest assignment, ARG or ENV that has it written down."""
    for name in named:
        for binding in written_by(value, name):
            if binding.origin != "automatic":
                return binding
    return None


def _argument(step: Step, binding: Binding, text: str, report: Report, line: int) -> Found:
    said = clip(next(iter(binding.texts), ""))
    named = min(architectures(binding.texts[0]))
    shown = "" if said == clip(text) else f": {clip(text)}"
    return Found(
        rule="fixed-argument",
        line=binding.line,
        subject=binding.name,
        message=f"{binding.origin} {binding.name}={said} is for {named} on every platform; with it {USE} "
        f"{report.does.format(named)}{shown}",
        fix=FIX_ARGUMENT,
        platform=str(step.stage.platform),
        use=line,
    )


def clip(text: str) -> str:
    """A text for a message: unknown parts as an ellipsis, on one line."""
    shown = " ".join(text.replace(UNKNOWN, "…").split())
    return shown if len(shown) <= _CLIP else shown[: _CLIP - 1] + "…"

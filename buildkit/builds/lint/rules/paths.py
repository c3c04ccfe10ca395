"""`fixed-path`: folders that a distribution names by the machine, in RUN, ENV and what is taken from a stage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Found, Report, report_foreign
from buildkit.builds.lint.rules.words import narrowed, needs_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Step
    from buildkit.builds.lint.shell.call import Call
    from buildkit.builds.lint.values import Value

_BETWEEN: Final = re.compile(r"[\s:'\",;]+")
# GNU triples (Debian's multiarch folders, CUDA's targets), Java homes, the loader.
_FOLDER: Final = re.compile(
    r"/[\w.]+-linux(?:-(?:gnu|musl)\w*)?(?:/|$)|/jvm/[\w.-]+-[a-z0-9_]+|/ld-(?:linux|musl)[\w.-]*"
)
_PATH: Final = Report(
    rule="fixed-path",
    does="names a folder of {} machines",
    fix="Ask for the folder (`gcc -print-multiarch`, `uname -m`), or link it to a name that is the same everywhere.",
)
_PROGRAM: Final = Report(
    rule="fixed-path",
    does="starts a program for {}",
    fix="Give the program a name that is the same on every platform.",
)
_OTHER_STAGE: Final = Report(
    rule="fixed-path",
    does="copies what another stage has for {}",
    fix="Use a folder that is the same on every platform, or put `${TARGETARCH}` into it.",
)


def check_paths(step: Step) -> Iterator[Found]:
    """Folders that only another architecture has."""
    for call in step.calls:
        if call.words:
            for value in _named(call):
                yield from _report(step, value)
    for _, value in step.pairs:
        yield from _report(step, value)
    if step.instruction.keyword in {"ADD", "COPY"}:
        yield from _copied(step)
    if step.instruction.keyword in {"CMD", "ENTRYPOINT"}:
        for call in step.calls:
            yield from report_foreign(step, call.words[0], _PROGRAM) if call.words else ()


def _named(call: Call) -> Iterator[Value]:
    """Values that a command takes for paths."""
    if needs_paths(call):
        yield from call.words[1:]
        yield from (value for _, value in call.assigned)
    elif any("ld.so.conf" in text for target in call.writes for text in target.texts):
        yield from call.words[1:]


def _copied(step: Step) -> Iterator[Found]:
    """What COPY takes from another stage, else where it puts it."""
    from_stage = step.instruction.flag("from") is not None
    found = [one for word in step.words[:-1] for one in report_foreign(step, word, _OTHER_STAGE)] if from_stage else []
    yield from found
    if not found and step.words:
        yield from _report(step, step.words[-1])


def _report(step: Step, value: Value) -> Iterator[Found]:
    folders = narrowed(value, _folders)
    if folders is not None:
        yield from report_foreign(step, folders, _PATH)


def _folders(text: str) -> list[str]:
    if "/" not in text or not architectures(text):
        return []
    return [one for one in _BETWEEN.split(text) if architectures(one) and _FOLDER.search(one)]

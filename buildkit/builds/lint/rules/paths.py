"""`fixed-path`: folders that a distribution names by the machine, in RUN, ENV and what is taken from a stage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Found, Report, report_foreign
from buildkit.builds.lint.rules.words import QUIET, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Step

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
_OTHER_STAGE: Final = Report(
    rule="fixed-path",
    does="copies what another stage has for {}",
    fix="Use a folder that is the same on every platform, or put `${TARGETARCH}` into it.",
)


def check_paths(step: Step) -> Iterator[Found]:
    """Folders that only another architecture has."""
    for call in step.calls:
        if call.name not in QUIET and call.words:
            for value in (*call.words[1:], *(value for _, value in call.assigned)):
                folders = narrowed(value, _folders)
                if folders is not None:
                    yield from report_foreign(step, folders, _PATH)
    for _, value in step.pairs:
        folders = narrowed(value, _folders)
        if folders is not None:
            yield from report_foreign(step, folders, _PATH)
    if step.instruction.keyword == "COPY" and step.instruction.flag("from") is not None:
        for word in step.words[:-1]:
            yield from report_foreign(step, word, _OTHER_STAGE)


def _folders(text: str) -> list[str]:
    if "/" not in text or not architectures(text):
        return []
    return [one for one in _BETWEEN.split(text) if architectures(one) and _FOLDER.search(one)]

"""`no-wheel`: Python packages that publish nothing to install on arm64, named by pip or by a requirements file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.context import Context
from buildkit.builds.lint.found import Found
from buildkit.builds.lint.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.builds.lint.scene import Scene, Step
    from buildkit.builds.lint.shell.call import Call

_PIP: Final = re.compile(r"pip[0-9.]*|uv")
_PYTHON: Final = re.compile(r"python[0-9.]*|uv")
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*([^;#@]*)([^#]*)")
_PINNED: Final = re.compile(r"===?\s*([0-9][0-9A-Za-z.+!-]*)\s*")
_BOUND: Final = re.compile(r"(<=|<|>=|>|==)\s*([0-9.]+)")
_FILES: Final = frozenset({"-r", "--requirement", "--requirements"})
_VALUED_OPTIONS: Final = """
    -c --constraint -i --index-url --extra-index-url -f --find-links -t --target --prefix --root
    --python-version --platform --only-binary --no-binary -e --editable
"""
_VALUED: Final = frozenset(_VALUED_OPTIONS.split())
_MOST_LINES: Final = 5000
_SEPARATORS: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A package that cannot be installed on arm64.

    Attributes:
        versions: which of it, as `<2.0`; all where it says none.
        reason: one sentence; `source` where that is followed; `checked` when it was so.
    """

    name: str
    versions: str
    reason: str
    source: str
    checked: date


def check_wheels(scene: Scene, wheels: Sequence[Wheel], context: Context) -> Iterator[Found]:
    """Packages without anything for arm64 that a stage of that platform installs."""
    known = {normal_name(one.name): one for one in wheels}
    copied: dict[int, list[tuple[str, str]]] = {}
    for step in scene.steps:
        index = step.stage.stage.index
        if index not in copied:
            copied[index] = [] if step.stage.base is None else list(copied.get(step.stage.base, []))
        if step.instruction.keyword in {"ADD", "COPY"} and step.instruction.flag("from") is None:
            copied[index] += _copies(step)
        if step.stage.platform.architecture == "arm64":
            for call in step.calls:
                yield from _installed(step, call, known, _Files(copied[index], context))


@dataclass(frozen=True, slots=True)
class _Files:
    """Files of an image that come from the context."""

    copied: Sequence[tuple[str, str]]
    context: Context

    def read(self, path: str) -> tuple[str, str] | None:
        """The path in the context and the text of a file of the image."""
        for source, target in reversed(self.copied):
            for one in _origins(path, source, target):
                text = self.context.text(one)
                if text is not None:
                    return one, text
        return None


def _origins(path: str, source: str, target: str) -> Iterator[str]:
    if path == target:
        yield source
    if posixpath.join(target, posixpath.basename(source)) == path:
        yield source
    inside = posixpath.relpath(path, target) if path.startswith(target.rstrip("/") + "/") else ""
    if inside:
        yield posixpath.normpath(posixpath.join(source, inside))


def _copies(step: Step) -> Iterator[tuple[str, str]]:
    target = _absolute(step.words[-1].texts[0], step.folder)
    for word in step.words[:-1]:
        if target is not None and UNKNOWN not in word.texts[0]:
            yield word.texts[0], target


def _absolute(path: str, folder: str | None) -> str | None:
    whole = posixpath.join(folder or "/", path)
    return None if UNKNOWN in whole else posixpath.normpath(whole)


def _installed(step: Step, call: Call, known: dict[str, Wheel], files: _Files) -> Iterator[Found]:
    words = list(call.words)
    if _PYTHON.fullmatch(call.name):
        texts = [word.text for word in words]
        start = texts.index("pip") if "pip" in texts else -1
        words = words[start:] if start >= 0 else []
    elif not _PIP.fullmatch(call.name):
        return
    texts = [word.text for word in words]
    if "install" not in texts:
        return
    here = call.environment.get("PWD")
    folder = here.texts[0] if here is not None and here.texts else step.folder
    awaited = ""
    for word in words[texts.index("install") + 1 :]:
        text = word.texts[0]
        line = step.line_at(word.at)
        if awaited in _FILES or text.startswith("--requirement="):
            path = _absolute(text.partition("=")[2] if text.startswith("--r") else text, folder)
            yield from _in_file(step, line, path, known, files)
        elif not awaited and not text.startswith("-"):
            for one in _wanted(text, known):
                yield _found(step, line, one, text)
        awaited = text if text in _FILES or text in _VALUED else ""


def _in_file(step: Step, line: int, path: str | None, known: dict[str, Wheel], files: _Files) -> Iterator[Found]:
    found = files.read(path) if path is not None else None
    if found is None:
        return
    name, content = found
    for number, text in enumerate(content.split("\n")[:_MOST_LINES], start=1):
        for one in _wanted(text.strip(), known):
            yield _found(step, line, one, f"{text.split('#')[0].strip()[:80]} ({name}:{number})")


def _wanted(requirement: str, known: dict[str, Wheel]) -> Iterable[Wheel]:
    match = _REQUIREMENT.match(requirement)
    one = known.get(normal_name(match[1])) if match else None
    if match is None or one is None or "platform_machine" in match[3]:
        return ()
    return (one,) if _concerns(one.versions, match[2].strip()) else ()


def _concerns(versions: str, wanted: str) -> bool:
    """Whether what is wanted can only be one of the versions."""
    if not versions:
        return True
    pinned = _PINNED.fullmatch(wanted)
    if pinned is None:
        return "<" not in versions  # a newer one, which can be installed, is what pip takes
    version = _numbers(pinned[1])
    return all(_holds(version, bound[1], _numbers(bound[2])) for bound in _BOUND.finditer(versions))


def _holds(version: tuple[int, ...], operator: str, bound: tuple[int, ...]) -> bool:
    return {
        "<": version < bound,
        "<=": version <= bound,
        ">": version > bound,
        ">=": version >= bound,
        "==": version == bound,
    }[operator]


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part[:9]) for part in re.findall(r"[0-9]+", version.partition("+")[0])[:4]]
    return tuple(numbers + [0] * (4 - len(numbers)))


def normal_name(name: str) -> str:
    """A package's name as PyPI compares it."""
    return _SEPARATORS.sub("-", name).lower()


def _found(step: Step, line: int, wheel: Wheel, said: str) -> Found:
    return Found(
        rule="no-wheel",
        line=line,
        subject=wheel.name,
        message=f"installs a Python package that cannot be installed on arm64: {said}; {wheel.reason}",
        fix=f"Use another package, or leave it out there; as of {wheel.checked}, see {wheel.source}.",
        platform=str(step.stage.platform),
    )

"""`foreign-binary`: what a stage makes for its own platform and another one's image gets."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import USE, Found, clip
from buildkit.builds.lint.rules.words import fetched_to
from buildkit.builds.lint.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Scene, Step
    from buildkit.builds.lint.shell.call import Call

FOREIGN: Final = "foreign-binary"
_MOVERS: Final = frozenset({"mv", "cp", "install", "ln"})
_COMPILERS: Final = frozenset({"gcc", "g++", "cc", "c++", "clang", "clang++"})
_ADDRESS: Final = re.compile(r"https?://\S+")
_MOST: Final = 200
_FIX: Final = (
    "Compile for the target: declare `ARG TARGETARCH` and set GOARCH (or the compiler's own option) from it; or drop "
    "`--platform` from the stage."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Artefact:
    """A file that a stage makes (`first` its first path), what for, and whether it was fetched and not compiled."""

    path: str
    first: str = ""
    architecture: str
    line: int
    fetched: bool = False


def check_artefacts(scene: Scene) -> Iterator[Found]:
    """Programs that are compiled or fetched in a stage of one platform and copied into one of another."""
    made: dict[int, list[_Artefact]] = {}
    for step in scene.steps:
        index = step.stage.stage.index
        if index not in made:
            made[index] = [] if step.stage.base is None else list(made.get(step.stage.base, []))
        here = made[index]
        for call in step.calls:
            if len(here) < _MOST:
                here += _made_by(step, call)
                here += _moved(call, here)
        if step.instruction.keyword == "COPY" and step.instruction.flag("from") is not None:
            yield from _taken(scene, step, made)


def _taken(scene: Scene, step: Step, made: dict[int, list[_Artefact]]) -> Iterator[Found]:
    wanted = step.stage.platform.architecture
    artefacts = made.get(_source_stage(scene, step.instruction.flag("from") or ""), [])
    told: set[tuple[int, str]] = set()
    for word in step.words[:-1]:
        source = posixpath.normpath(posixpath.join("/", word.texts[0]))
        for one in artefacts:
            within = one.path == source or one.path.startswith(source.rstrip("/") + "/")
            if one.architecture != wanted and within and (one.line, one.first) not in told:
                told.add((one.line, one.first))
                what = "a file fetched" if one.fetched else "a program compiled"
                yield Found(
                    rule=FOREIGN,
                    line=one.line,
                    subject=one.first,
                    message=f"{what} for the stage's own platform, {clip(one.first)}, gets into an image of another "
                    f"one: {USE} copies it",
                    fix=_FIX,
                    platform=str(step.stage.platform),
                    use=step.instruction.line,
                )


def _source_stage(scene: Scene, name: str) -> int:
    if name.isdecimal() and name.isascii():
        return int(name[:9])
    return next((one.stage.index for one in scene.resolved.stages if one.stage.name == name.lower()), -1)


def _made_by(step: Step, call: Call) -> Iterator[_Artefact]:
    own = step.stage.platform.architecture
    texts = [word.text for word in call.words]
    line = step.line_at(call.at)
    if call.name == "go":
        yield from _compiled_by_go(call, texts, own, line)
    elif call.name in _COMPILERS:
        yield from _at_path(call, _after(texts, "-o"), _Artefact(path="", architecture=own, line=line))
    elif call.name in {"curl", "wget"}:
        yield from _fetched(call, texts, own, line)


def _compiled_by_go(call: Call, texts: list[str | None], own: str, line: int) -> Iterator[_Artefact]:
    binding = call.environment.get("GOARCH")
    if binding is not None and binding.texts not in {("",), (own,)}:
        return  # for another platform by intent
    made = _Artefact(path="", architecture=own, line=line)
    if texts[1:2] == ["build"]:
        yield from _at_path(call, _after(texts, "-o"), made)
    elif texts[1:2] == ["install"]:
        for text in texts[2:]:
            if text and not text.startswith("-"):
                path = f"/go/bin/{posixpath.basename(text.partition('@')[0])}"
                yield replace(made, path=path, first=path)


def _fetched(call: Call, texts: list[str | None], own: str, line: int) -> Iterator[_Artefact]:
    address = next((match[0] for text in texts if text and (match := _ADDRESS.match(text))), "")
    if architectures(address) != {own}:
        return
    name = fetched_to(call) or posixpath.basename(address.partition("?")[0])
    yield from _at_path(call, name, _Artefact(path="", architecture=own, line=line, fetched=True))


def _at_path(call: Call, path: str | None, made: _Artefact) -> Iterator[_Artefact]:
    here = call.environment.get("PWD")
    folder = here.texts[0] if here is not None and here.texts else "/"
    whole = posixpath.normpath(posixpath.join(folder, path)) if path else UNKNOWN
    if UNKNOWN not in whole:
        yield replace(made, path=whole, first=made.first or whole)


def _moved(call: Call, made: list[_Artefact]) -> list[_Artefact]:
    """What `mv` and the like make of it: the same thing by another name."""
    texts = [word.text for word in call.words[1:] if word.text and not word.text.startswith("-")]
    if call.name not in _MOVERS or not made:
        return []
    names = {one.path: one for one in made}
    found: list[_Artefact] = []
    for text in texts[:-1]:
        for source in _at_path(call, text, made[0]):
            one = names.get(source.path)
            for target in _at_path(call, texts[-1], one) if one else ():
                inside = posixpath.join(target.path, posixpath.basename(source.path))
                found += [target, replace(target, path=inside)]
    return found


def _after(texts: list[str | None], option: str) -> str | None:
    """The value of an option, behind it or behind its `=`."""
    for index, text in enumerate(texts[:-1]):
        if text == option:
            return texts[index + 1]
    return next((text[len(option) + 1 :] for text in texts if text and text.startswith(f"{option}=")), None)

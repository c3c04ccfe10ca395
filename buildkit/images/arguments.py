"""Images in commands and arguments: `--image=X`, `--image X`, `-set image=X`, scripts behind `sh -c`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.images import names
from buildkit.images.candidates import Judge, Strength
from buildkit.images.hits import Hit, Text
from buildkit.images.names import Says
from buildkit.model.path import item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.model.image import How
    from buildkit.model.resource import Value

_ASSIGNED: Final = re.compile(r"-{0,2}([A-Za-z_][\w.-]*)=(.+)")
_FLAG: Final = re.compile(r"--?([A-Za-z][\w.-]*)")


def search(arguments: Sequence[Value], path: str, judge: Judge, how: How) -> Iterator[Hit | Text]:
    """Search one list of arguments, or one string that a shell will cut."""
    if isinstance(arguments, str):
        yield from _one(arguments, "", path, judge, how)
        return
    flag = ""
    for index, argument in enumerate(arguments):
        if not isinstance(argument, str):
            continue
        yield from _one(argument, flag, item(path, index), judge, how)
        match = _FLAG.fullmatch(argument)
        flag = match.group(1) if match else ""


def _one(argument: str, flag: str, path: str, judge: Judge, how: How) -> Iterator[Hit | Text]:
    if "\n" in argument or argument[:1] in {"{", "["}:
        yield Text(path=path, key="", text=argument, how=how)
    elif " " in argument.strip():
        for word, after in _words(argument):
            yield from _reference(word, after, path, judge, how)
    else:
        yield from _reference(argument, flag, path, judge, how)


def _words(command: str) -> Iterator[tuple[str, str]]:
    """Yield each word of a command line with the flag before it."""
    flag = ""
    for word in command.replace("'", " ").replace('"', " ").replace(";", " ").split():
        yield word, flag
        match = _FLAG.fullmatch(word)
        flag = match.group(1) if match else ""


def _reference(argument: str, flag: str, path: str, judge: Judge, how: How) -> Iterator[Hit]:
    match = _ASSIGNED.fullmatch(argument)
    name, value = (match.group(1), match.group(2)) if match else (flag, argument)
    for text in value.strip("\"'").split(","):
        inner, equals, rest = text.partition("=")
        said_name, said_text = (inner, rest) if equals else (name, text)
        candidate = judge.read(said_text)
        if candidate is None or (not match and not flag and not candidate.evident and not equals):
            continue
        said = names.says(said_name)
        least = {Says.IMAGE: Strength.BARE, Says.IMAGES: Strength.TAGGED, Says.MAYBE: Strength.FULL}.get(said)
        if candidate.evident or (least is not None and candidate.strength >= least):
            yield Hit(path=path, candidate=candidate, how=how, parts=((path, said_text),))

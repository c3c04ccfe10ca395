"""Images in texts that are no structure: ini, properties, templates and commented examples, line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.images import arguments, names, split
from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.hits import Hit, Scope, Text, inside
from buildkit.images.names import Says

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT: Final = re.compile(
    r"""^\s*(?:-\s+)?(?:export\s+|local\s+)?["']?([A-Za-z_][\w./-]*)["']?\s*(?::=|[:=])\s*(["']?)(.*?)\2\s*,?\s*(?:[#;].*)?$"""
)
_ITEM: Final = re.compile(r"""^\s*(?:-\s+)?(["']?)(\S+?)\1,?\s*(?:#.*)?$""")
_QUOTED: Final = re.compile(r"""["'`]([^\s"'`]+)["'`]""")
_COMMENT: Final = re.compile(r"^\s*(?:#|//|;)\s?")
_INDENT: Final = re.compile(r"\s*(?:-\s+)?")
_NEAR: Final = 6
_LONGEST: Final = 4096
_TEMPLATE: Final = "{{"


def search(text: Text, judge: Judge, *, templates_only: bool = False) -> Iterator[Hit]:
    """Search a text line by line; in a sample, comments too. `templates_only`: only lines that hold a directive."""
    rows = text.text.splitlines()
    named = ""
    for number, raw in enumerate(rows):
        if (
            len(raw) > _LONGEST
            or (templates_only and _TEMPLATE not in raw)
            or (_COMMENT.match(raw) and not text.sample)
        ):
            continue
        row = _COMMENT.sub("", raw) if text.sample else raw
        whole = list(_item(row, number, text, judge))
        match = None if whole else _ASSIGNMENT.match(row)
        if match is None:
            yield from whole or _command(row, number, text, judge)
            continue
        key, value = match.group(1), match.group(3)
        if key == "name":
            named = value
        key = named if key in {"value", "default"} else key
        if _TEMPLATE in value or value.startswith("["):
            yield from _literals(key, value, number, text, judge)
        else:
            yield from _assigned(key, value, number, text, judge)


def _assigned(key: str, value: str, number: int, text: Text, judge: Judge) -> Iterator[Hit]:
    candidate = judge.read(value)
    if candidate is None:
        return
    said = names.says(key)
    if candidate.versioned:
        if candidate.evident or (said is Says.MAYBE and candidate.strength >= Strength.FULL) or said >= Says.IMAGE:
            yield _hit(candidate, number, text, value)
    elif said is Says.IMAGE:
        around = _around(text, number)
        for whole in split.complete(key, value, Scope("", {**around, key: value}), judge):
            if whole.candidate.strength > Strength.BARE:
                yield _hit(whole.candidate, number, text, whole.parts[-1][1])


def _item(row: str, number: int, text: Text, judge: Judge) -> Iterator[Hit]:
    match = _ITEM.match(row)
    candidate = judge.read(match.group(2)) if match else None
    if candidate is not None and candidate.evident:
        yield _hit(candidate, number, text, candidate.text)


def _command(row: str, number: int, text: Text, judge: Judge) -> Iterator[Hit]:
    """A line of a script in an argument: `docker pull registry/x:1`, `run --image=x:1`."""
    if text.how != "argument":
        return
    for one in arguments.search(row, "", judge, text.how):
        if isinstance(one, Hit):
            yield _hit(one.candidate, number, text, one.candidate.text)


def _literals(key: str, value: str, number: int, text: Text, judge: Judge) -> Iterator[Hit]:
    """Literals in a template's directive or a list: `{{ or .Values.image "registry/x:1" }}`, `["a/x:1", "a/y:2"]`."""
    for match in _QUOTED.finditer(value):
        candidate = judge.read(match.group(1))
        if candidate is not None and (
            candidate.evident or (names.says(key) >= Says.IMAGE and candidate.strength >= Strength.FULL)
        ):
            yield _hit(candidate, number, text, candidate.text)


def _around(text: Text, number: int) -> dict[str, str]:
    """Assignments with the same indent within a few lines: a version may stand there."""
    rows = text.text.splitlines()
    indent = _width(rows[number])
    found: dict[str, str] = {}
    for row in rows[max(0, number - _NEAR) : number + _NEAR + 1]:
        bare = _COMMENT.sub("", row) if text.sample else row
        match = _ASSIGNMENT.match(bare)
        if match is not None and _width(row) == indent and match.group(3):
            found.setdefault(match.group(1), match.group(3))
    return found


def _width(row: str) -> int:
    match = _INDENT.match(row)
    return match.end() if match else 0


def _hit(candidate: Candidate, number: int, text: Text, raw: str) -> Hit:
    path = f"{inside(text.path)}line {number + 1}"
    return Hit(path=path, candidate=candidate, how=text.how, parts=((path, raw),), sample=text.sample)

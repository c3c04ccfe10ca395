"""Images in texts that are no structure: ini, properties, templates and commented examples, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.images import arguments, names, split
from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.hits import Hit, Scope, Text, inside
from buildkit.images.names import Says

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT: Final = re.compile(
    r"""^\s*(?:-\s+)?(?:export\s+|local\s+)?["']?([A-Za-z_][\w./-]*)["']?\s*(?::=|[:=])\s*(.*)$"""
)
_ITEM: Final = re.compile(r"""^\s*(?:-\s+)?(["']?)(\S+?)\1,?\s*(?:#.*)?$""")
_QUOTED: Final = re.compile(r"""["'`]([^\s"'`]+)["'`]""")
_COMMENT: Final = re.compile(r"^\s*(?:#|//|;)\s?")
_REST: Final = re.compile(r"\s*,?\s*(?:[#;]|$)")
_INDENT: Final = re.compile(r"\s*(?:-\s+)?")
_NEAR: Final = 6
_LONGEST: Final = 4096
_TEMPLATE: Final = "{{"


def search(text: Text, judge: Judge, *, templates_only: bool = False) -> Iterator[Hit]:
    """Search a text line by line; in a sample, comments too. `templates_only`: only lines that hold a directive."""
    reader = _Lines(text, judge, text.text.split("\n"))
    named = ""
    for number, raw in enumerate(reader.rows):
        if len(raw) > _LONGEST or (templates_only and _TEMPLATE not in raw):
            continue
        row = reader.bare(raw)
        whole = list(reader.item(row, number))
        assignment = None if whole else _assignment(row)
        if assignment is None:
            yield from whole or reader.command(row, number)
            continue
        key, value = assignment
        named = value if key == "name" else named
        yield from reader.assigned(named if key in {"value", "default"} else key, value, number)


def _assignment(row: str) -> tuple[str, str] | None:
    """Name and value of `name: value`, `export NAME="value"  # why`; in steps, as one pattern is cubic in blanks."""
    match = _ASSIGNMENT.match(row)
    if match is None:
        return None
    value = match.group(2)
    end = value.find(value[0], 1) if value[:1] in {'"', "'"} else -1
    if end > 0 and _REST.match(value, end + 1):
        return match.group(1), value[1:end]
    return match.group(1), re.split("[#;]", value, maxsplit=1)[0].rstrip().removesuffix(",").rstrip()


@dataclass(frozen=True, slots=True)
class _Lines:
    """The rows of one text."""

    text: Text
    judge: Judge
    rows: list[str]

    def bare(self, row: str) -> str:
        """What counts of a row: a comment does in a sample only."""
        return _COMMENT.sub("", row) if self.text.sample or not _COMMENT.match(row) else ""

    def item(self, row: str, number: int) -> Iterator[Hit]:
        match = _ITEM.match(row)
        candidate = self.judge.read(match.group(2)) if match else None
        if candidate is not None and candidate.evident:
            yield self._hit(candidate, number, candidate.text)

    def command(self, row: str, number: int) -> Iterator[Hit]:
        """A line of a script in an argument: `docker pull registry/x:1`, `run --image=x:1`."""
        if self.text.how == "argument":
            for one in arguments.search(row, "", self.judge, self.text.how):
                if isinstance(one, Hit):
                    yield self._hit(one.candidate, number, one.candidate.text)

    def assigned(self, key: str, value: str, number: int) -> Iterator[Hit]:
        if _TEMPLATE in value or value.startswith("["):
            yield from self._literals(key, value, number)
            return
        candidate, said = self.judge.read(value), names.says(key)
        if candidate is None:
            return
        if candidate.versioned:
            if candidate.evident or (said is Says.MAYBE and candidate.strength >= Strength.FULL) or said >= Says.IMAGE:
                yield self._hit(candidate, number, value)
        elif said is Says.IMAGE:
            scope = Scope("", {**self._around(number), key: value})
            for whole in split.complete(key, value, scope, self.judge):
                if whole.candidate.strength > Strength.BARE:
                    yield self._hit(whole.candidate, number, whole.parts[-1][1])

    def _literals(self, key: str, value: str, number: int) -> Iterator[Hit]:
        """Literals of a directive or a list: `{{ or .Values.image "registry/x:1" }}`, `["a/x:1", "a/y:2"]`."""
        for match in _QUOTED.finditer(value):
            candidate = self.judge.read(match.group(1))
            if candidate is not None and (
                candidate.evident or (names.says(key) >= Says.IMAGE and candidate.strength >= Strength.FULL)
            ):
                yield self._hit(candidate, number, candidate.text)

    def _around(self, number: int) -> dict[str, str]:
        """Assignments with the same indent within a few lines: a version may stand there."""
        indent = _width(self.rows[number])
        found: dict[str, str] = {}
        for row in self.rows[max(0, number - _NEAR) : number + _NEAR + 1]:
            assignment = _assignment(self.bare(row)) if len(row) <= _LONGEST else None
            if assignment is not None and _width(row) == indent and assignment[1]:
                found.setdefault(*assignment)
        return found

    def _hit(self, candidate: Candidate, number: int, raw: str) -> Hit:
        path = f"{inside(self.text.path)}line {number + 1}"
        return Hit(path=path, candidate=candidate, how=self.text.how, parts=((path, raw),), sample=self.text.sample)


def _width(row: str) -> int:
    match = _INDENT.match(row)
    return match.end() if match else 0

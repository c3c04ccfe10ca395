"""YAML files that people write and own (data, policy, exceptions): read with the line of every key.

A wrong file is one clear message: `file:line: key: what is wrong`, and a hint where to look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ruamel.yaml.nodes import ScalarNode

T = TypeVar("T")
_DEEPEST: Final = 50
_BRACKET: Final = re.compile(r"[\[\]{}]")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Stamp(str):
    """A date without quotes, as it was written: one that no calendar has (2027-02-30) is its key's error."""

    __slots__ = ()


class _Constructor(RoundTripConstructor):
    def construct_day(self, node: ScalarNode) -> _Stamp:
        return _Stamp(node.value)


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_day)


def read_authored(text: str, source: str, *, hint: str) -> Node | None:
    """The root of the file; None where it is empty or holds comments alone.

    Raises:
        UsageError: not YAML; the message begins with `source:line`.
    """
    try:
        yaml = YAML(typ="rt", pure=True)
        yaml.Constructor = _Constructor
        yaml.composer.warn_double_anchors = False  # YAML 1.2 lets an anchor be set anew; Python's warning helps nobody
        data = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise UsageError(f"{source}:{line}: not YAML: {error.problem}", hint=hint) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{source}:1: not YAML: {error}", hint=hint) from error
    return None if data is None else Node(data, source, 1, hint)


def check_depth(text: str, source: str, *, hint: str) -> None:
    """Refuse brackets in brackets, of which reading YAML takes longer with each level; those in texts count too.

    Raises:
        UsageError: there are more than fifty; the message begins with `source:line`.
    """
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in "[{" else max(depth - 1, 0)
        if depth > _DEEPEST:
            line = text.count("\n", 0, match.start()) + 1
            raise UsageError(f"{source}:{line}: brackets in more than {_DEEPEST} brackets", hint=hint)


@dataclass(frozen=True, slots=True)
class Node:
    """One mapping of the file, and where it stands."""

    value: object
    source: str
    line: int
    hint: str = ""
    allowed: tuple[str, ...] = field(default=())

    def keys(self, *allowed: str) -> Node:
        """Check that this is a mapping with these keys only."""
        if not isinstance(self.value, CommentedMap):
            raise UsageError(f"{self.source}:{self.line}: expected a mapping of {', '.join(allowed)}", hint=self.hint)
        for key in self.value:
            if key not in allowed:
                raise self.wrong(key, f"is no key here; known: {', '.join(allowed)}")
        return replace(self, allowed=allowed)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value.get(key, default) if isinstance(self.value, CommentedMap) else default
        if not _is_text(value):
            raise self.wrong(key, "must be a text that is not empty" if self._has(key) else "is missing")
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._list(key)
        for value in values:
            if not _is_text(value):
                number = ", numbers and dates in quotes" if isinstance(value, int | float | _Stamp) else ""
                raise self.wrong(key, f"must be a list of texts{number}")
        return tuple(str(value) for value in values)

    def each(self, key: str, read: Callable[[Node], T]) -> tuple[T, ...]:
        values = self._list(key)
        return tuple(
            read(Node(value, self.source, self._item_line(values, index), self.hint))
            for index, value in enumerate(values)
        )

    def elements(self, read: Callable[[Node], T]) -> tuple[T, ...]:
        """The elements of this list itself, each where it begins."""
        if not isinstance(self.value, CommentedSeq):
            raise UsageError(f"{self.source}:{self.line}: expected a list", hint=self.hint)
        values = self.value
        return tuple(
            read(Node(value, self.source, self._item_line(values, index), self.hint))
            for index, value in enumerate(values)
        )

    def day(self, key: str) -> date:
        """A date written YYYY-MM-DD."""
        value = self.value.get(key) if isinstance(self.value, CommentedMap) else None
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError as error:
            raise self.wrong(key, f"'{value}' is no date: {error}") from None
        raise self.wrong(key, "must be a date such as 2027-03-31" if self._has(key) else "is missing")

    def entries(self, key: str) -> Iterator[tuple[str, Node]]:
        """The values of a mapping by their names, each where its name stands."""
        value = self.value.get(key) if isinstance(self.value, CommentedMap) else None
        if value is None and not self._has(key):
            return
        if not isinstance(value, CommentedMap):
            raise self.wrong(key, "must be a mapping")
        for name, item in value.items():
            yield str(name), Node(item, self.source, self._key_line(value, name), self.hint)

    def has(self, key: str) -> bool:
        """Tell whether the key stands there."""
        return self._has(key)

    def wrong(self, key: object, what: str) -> UsageError:
        """The error about a key, with the line where it stands."""
        return self.wrong_at(self.line_of(key), key, what)

    def line_of(self, key: object) -> int:
        """The line of a key, or of the mapping that lacks it."""
        return self._key_line(self.value, key) if isinstance(self.value, CommentedMap) else self.line

    def wrong_at(self, line: int, key: object, what: str) -> UsageError:
        """The error about a key, or something below it, with another line."""
        return UsageError(f"{self.source}:{line}: {key}: {what}", hint=self.hint)

    def _has(self, key: object) -> bool:
        return isinstance(self.value, CommentedMap) and key in self.value

    def _list(self, key: str) -> CommentedSeq:
        value = self.value.get(key) if isinstance(self.value, CommentedMap) else None
        if value is None and not self._has(key):
            return CommentedSeq()
        if not isinstance(value, CommentedSeq):
            raise self.wrong(key, "must be a list")
        return value

    def _key_line(self, mapping: CommentedMap, key: object) -> int:
        """Where a key stands; one that a merge (`<<`) brings, or that is missing, stands where the mapping does."""
        lines = mapping.lc.data or {}
        return int(lines[key][0]) + 1 if key in lines else self.line

    def _item_line(self, values: CommentedSeq, index: int) -> int:
        """Where an element stands; those of a list with a tag of its own (`!x [a]`) stand where the mapping does."""
        lines = values.lc.data or {}
        return int(lines[index][0]) + 1 if index in lines else self.line


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, _Stamp) and value != ""

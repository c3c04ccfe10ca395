"""What is known of particular projects: the data file, read and validated.

Rules find most images; the file holds what no rule can know. Users extend it with a file of their own of the same
form, whose entries come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
_STEP: Final = re.compile(r"\*\*|\*|\[\*\]|[^*\[]+|\[")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of a kind: `group` and `kind` are globs; in `path` `[*]` is any index, `*` any key, `**` any path."""

    group: str
    kind: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """An image compiled into another: `by` is that one's repository (a glob of the name in full).

    `{tag}` in `image` is the tag of `by`; `tags` restricts it to tags that match; a flag or variable of `unless` in
    the same object replaces the default.
    """

    image: str
    by: str
    tags: str
    unless: tuple[str, ...]
    file: str
    line: int

    def applies_to(self, tag: str) -> bool:
        return re.fullmatch(self.tags, tag) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Who owns a folder of the tree (a glob): the component, and where upstream keeps it."""

    folder: str
    component: str
    repository: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The data file; earlier entries win."""

    registries: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    not_fields: tuple[Field, ...] = ()
    declared: tuple[Declared, ...] = ()
    owners: tuple[Owner, ...] = ()

    @cached_property
    def _patterns(self) -> dict[tuple[str, str], tuple[re.Pattern[str] | None, re.Pattern[str] | None]]:
        return {}

    def fields_of(self, group: str, kind: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """Patterns of the paths of a kind that hold images, and of those that never do; None where there are none."""
        known = self._patterns.get((group, kind))
        if known is None:
            known = (_pattern(self.fields, group, kind), _pattern(self.not_fields, group, kind))
            self._patterns[group, kind] = known
        return known

    def declared_by(self, repository: str) -> Iterator[Declared]:
        """What an image of `repository` (`docker.io/library/x`) brings with it."""
        return (one for one in self.declared if fnmatchcase(repository, one.by))

    def owner_of(self, folder: str) -> Owner | None:
        """The owner of a folder or of the nearest one around it, as the first entry that matches says."""
        for one in self.owners:
            if fnmatchcase(folder, one.folder) or fnmatchcase(folder, one.folder + "/*"):
                return one
        return None


def parse_knowledge(text: str, source: str) -> Knowledge:
    """Read a data file.

    Raises:
        UsageError: not YAML, an unknown key, a wrong type or a missing one; the message begins with `source:line`.
    """
    reader = YAML(typ="rt", pure=True)
    try:
        data = reader.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise UsageError(f"{source}:{line}: {error.problem}", hint="the data file must be YAML") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{source}:1: {error}", hint="the data file must be YAML") from error
    if data is None:
        return Knowledge()
    root = _Node(data, source, 1)
    known = root.keys("registries", "placeholders", "fields", "not_fields", "declared", "owners")
    return Knowledge(
        registries=known.texts("registries"),
        placeholders=known.texts("placeholders"),
        fields=known.each("fields", _read_field),
        not_fields=known.each("not_fields", _read_field),
        declared=known.each("declared", _read_declared),
        owners=tuple(one for several in known.each("owners", _read_owner) for one in several),
    )


def merge(first: Knowledge, second: Knowledge) -> Knowledge:
    """Both together; the first one's entries come first, and first entries win."""
    return Knowledge(
        registries=first.registries + second.registries,
        placeholders=first.placeholders + second.placeholders,
        fields=first.fields + second.fields,
        not_fields=first.not_fields + second.not_fields,
        declared=first.declared + second.declared,
        owners=first.owners + second.owners,
    )


def _read_field(node: _Node) -> Field:
    node = node.keys("group", "kind", "path", "source")
    node.text("source")
    return Field(group=node.text("group", "*"), kind=node.text("kind"), path=node.text("path"))


def _read_declared(node: _Node) -> Declared:
    node = node.keys("image", "by", "tags", "unless", "source")
    node.text("source")
    tags = node.text("tags", ".*")
    try:
        re.compile(tags)
    except re.error as error:
        raise node.wrong("tags", f"is no regular expression: {error}") from error
    return Declared(
        image=node.text("image"),
        by=node.text("by"),
        tags=tags,
        unless=node.texts("unless"),
        file=node.source,
        line=node.line,
    )


def _read_owner(node: _Node) -> tuple[Owner, ...]:
    node = node.keys("folders", "component", "repository", "path", "source")
    folders = node.texts("folders")
    if not folders:
        raise node.wrong("folders", "must name a folder")
    rest = (node.text("component"), node.text("repository"), node.text("path", "."))
    return tuple(
        Owner(folder=folder.rstrip("/"), component=rest[0], repository=rest[1], path=rest[2]) for folder in folders
    )


@dataclass(frozen=True, slots=True)
class _Node:
    """One mapping of the file, and where it stands."""

    value: object
    source: str
    line: int
    allowed: tuple[str, ...] = field(default=())

    def keys(self, *allowed: str) -> _Node:
        """Check that this is a mapping with these keys only."""
        if not isinstance(self.value, CommentedMap):
            raise UsageError(f"{self.source}:{self.line}: expected a mapping of {', '.join(allowed)}")
        for key in self.value:
            if key not in allowed:
                raise self.wrong(key, f"is no key here; known: {', '.join(allowed)}")
        return replace(self, allowed=allowed)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value.get(key, default) if isinstance(self.value, CommentedMap) else default
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "must be a text that is not empty" if self._has(key) else "is missing")
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._list(key)
        for value in values:
            if not isinstance(value, str) or not value:
                raise self.wrong(key, "must be a list of texts")
        return tuple(str(value) for value in values)

    def each(self, key: str, read: Callable[[_Node], T]) -> tuple[T, ...]:
        values = self._list(key)
        return tuple(
            read(_Node(value, self.source, self._item_line(values, index))) for index, value in enumerate(values)
        )

    def wrong(self, key: object, what: str) -> UsageError:
        line = self.line
        if isinstance(self.value, CommentedMap) and self._has(key):
            line = self.value.lc.key(key)[0] + 1
        return UsageError(f"{self.source}:{line}: {key}: {what}", hint="see the data file that ships with kfkit")

    def _has(self, key: object) -> bool:
        return isinstance(self.value, CommentedMap) and key in self.value

    def _list(self, key: str) -> CommentedSeq:
        value = self.value.get(key) if isinstance(self.value, CommentedMap) else None
        if value is None and not self._has(key):
            return CommentedSeq()
        if not isinstance(value, CommentedSeq):
            raise self.wrong(key, "must be a list")
        return value

    @staticmethod
    def _item_line(values: CommentedSeq, index: int) -> int:
        return int(values.lc.item(index)[0]) + 1


def _pattern(fields: tuple[Field, ...], group: str, kind: str) -> re.Pattern[str] | None:
    paths = [one.path for one in fields if fnmatchcase(group, one.group) and fnmatchcase(kind, one.kind)]
    return re.compile("|".join(_expression(path) for path in paths)) if paths else None


def _expression(path: str) -> str:
    special = {"**": ".*", "*": r"[^.\[\]]+", "[*]": r"\[\d+\]"}
    return "".join(special.get(step, re.escape(step)) for step in _STEP.findall(path))

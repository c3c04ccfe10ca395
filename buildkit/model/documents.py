"""YAML documents as Kubernetes resources: bulk parsing with every scalar kept as the text it was written in.

libyaml's event stream, not a loader: scalars stay raw (`1.10` as a tag stays `1.10`, `=` is text), positions come
free, nesting and what aliases expand to are bounded while reading, and it is the grammar Kubernetes itself reads
(go-yaml is a port of libyaml). rapidyaml parses faster but prints each syntax error to the process's stderr, and
guessing at text inside ConfigMaps means many of those; with CRD schemas left out, which are nine tenths of a render,
libyaml reads all that is left of a whole release in a quarter of a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import yaml

from buildkit.model.resource import ObjectId, Resource, Value

MAX_CHARACTERS: Final = 256 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_VALUES: Final = 2_000_000
_SCALAR_WEIGHT: Final = 64  # characters that count as one more value: aliases of long texts are a bomb too
_CACHED: Final = 4096
_CACHED_LENGTH: Final = 256 * 1024

# Patterns begin with a literal, which `re` looks for at the speed of memchr: a release's renders are 40 MB of text.
_SEPARATOR: Final = re.compile(r"\n(?:---(?=[ \t\r\n]|\Z)[ \t]*|\.\.\.(?=[ \t\r\n]|\Z)[^\n]*)")
_CONTENT: Final = re.compile(r"^[ \t]*[^\s#]", re.MULTILINE)
_KIND: Final = re.compile(r"kind[\"']?\s*:")
_SCHEMA_KIND: Final = re.compile(r"\nkind: *[\"']?CustomResourceDefinition\b")
_DEFAULT: Final = re.compile(r"default: *(?:[\"']?([A-Za-z0-9][^\s:/]*[:/]\S)|\n( *))")
_DEFAULT_IMAGE: Final = re.compile(r"image[\"']?: *\S", re.IGNORECASE)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


class DocumentError(ValueError):
    """Text that is no YAML we accept; `line` (from 1) is where."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse_documents(text: str, *, schemas: bool = False) -> tuple[Resource, ...]:
    """Parse every document that is a Kubernetes object (`apiVersion` and `kind`); `List`s are unwrapped.

    Args:
        text: any number of YAML documents.
        schemas: whether to read all of each CustomResourceDefinition. Without it those that give no field a default
            with a `:` or `/` in it keep only what stands before `spec`.

    Raises:
        DocumentError: YAML that does not parse, or exceeds the bounds of this module.
    """
    found: list[Resource] = []
    for line, body in split_documents(text):
        if _KIND.search(body):
            value = parse_value(body if schemas else _without_schema(body), line=line)
            found.extend(_resources(value, line))
    return tuple(found)


def split_documents(text: str) -> Iterator[tuple[int, str]]:
    """Yield `(line, text)` of each document with content; `---` at column 0 starts one wherever it stands (YAML 9.1.2).

    Raises:
        DocumentError: more text than a render can be.
    """
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(f"more than {MAX_CHARACTERS >> 20} million characters of YAML", line=1)
    text = "\n" + text.removeprefix("\ufeff")
    start, line = 1, 1
    for mark in _SEPARATOR.finditer(text):
        body = text[start : mark.start() + 1]
        if _CONTENT.search(body):
            yield line, body
        line += body.count("\n")
        start = mark.end()
    body = text[start:]
    if _CONTENT.search(body):
        yield line, body


def parse_value(text: str, *, line: int = 1) -> Value:
    """Parse one YAML or JSON document into plain values; `line` is where it starts, for errors.

    Equal short texts give the same object: one document often stands in many renders of a tree.

    Raises:
        DocumentError: as `parse_documents`.
    """
    try:
        return (_parse_cached if len(text) <= _CACHED_LENGTH else _parse)(text)
    except DocumentError as error:
        raise DocumentError(str(error), line=error.line + line - 1) from None


def _parse(text: str) -> Value:
    return _Builder().read(text)


@lru_cache(maxsize=_CACHED)
def _parse_cached(text: str) -> Value:
    return _parse(text)


def _without_schema(text: str) -> str:
    """Cut a CustomResourceDefinition's `spec` off, where it stands last and no default in it can name an image."""
    head, _, schema = text.partition("\nspec:")
    if not schema or not _SCHEMA_KIND.search("\n" + head) or "\nmetadata:" not in head or _has_default(schema):
        return text
    return head + "\n"


def _has_default(schema: str) -> bool:
    for default in _DEFAULT.finditer(schema):
        if default.group(1):
            return True
        indent = len(default.group(2))
        end = re.compile(rf"\n {{0,{max(indent - 1, 0)}}}[^\s-]").search(schema, default.end())
        if _DEFAULT_IMAGE.search(schema, default.end(), end.start() if end else len(schema)):
            return True
    return False


def _resources(value: Value, line: int) -> Iterator[Resource]:
    if not isinstance(value, Mapping):
        return
    kind, api = value.get("kind"), value.get("apiVersion")
    if not isinstance(kind, str) or not isinstance(api, str) or not kind or not api:
        return
    items = value.get("items")
    if kind.endswith("List") and isinstance(items, Sequence) and not isinstance(items, str):
        for item in items:
            yield from _resources(item, line)
        return
    yield Resource(id=_identity(api, kind, value.get("metadata")), body=value, line=line)


def _identity(api: str, kind: str, metadata: Value) -> ObjectId:
    known = metadata if isinstance(metadata, Mapping) else {}
    name, namespace = known.get("name") or known.get("generateName"), known.get("namespace")
    group, _, version = api.rpartition("/")
    return ObjectId(
        group=group,
        version=version,
        kind=kind,
        namespace=namespace if isinstance(namespace, str) else "",
        name=name if isinstance(name, str) else "",
    )


@dataclass(slots=True)
class _Open:
    """A collection being read: `weight` counts its values, aliases written out."""

    value: dict[str, Value] | list[Value]
    anchor: str | None
    weight: int = 1
    key: str | None = None
    merged: list[Value] = field(default_factory=list)


class _Builder:
    """One document, event by event; a stack of its own, so nesting costs no C or Python stack."""

    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Value, int]] = {}
        self.result: Value = None

    def read(self, text: str) -> Value:
        try:
            self._events(yaml.parse(text, Loader=yaml.CSafeLoader))
        except yaml.YAMLError as error:
            problem, line = _told(error)
            raise DocumentError(problem, line=line) from None
        except UnicodeEncodeError:
            raise DocumentError("a lone surrogate, which no encoding of Unicode has", line=1) from None
        return self.result

    def _events(self, events: Iterator[yaml.Event]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._put(_scalar(event), event.anchor, 1 + len(event.value) // _SCALAR_WEIGHT, plain=not event.style)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DocumentError("more than one document", line=_line(event))

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", line=_line(event))
        is_map = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(value={} if is_map else [], anchor=event.anchor))

    def _close(self) -> None:
        done = self.stack.pop()
        if isinstance(done.value, dict):
            for source in done.merged:
                _merge(done.value, source)
        self._put(done.value, done.anchor, done.weight, plain=False)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self.anchors:
            raise DocumentError(f"no anchor {event.anchor!r} before its alias", line=_line(event))
        value, weight = self.anchors[event.anchor]
        if weight + sum(one.weight for one in self.stack) > MAX_VALUES:
            raise DocumentError(f"more than {MAX_VALUES} values, aliases written out", line=_line(event))
        self._put(value, None, weight, plain=False)

    def _put(self, value: Value, anchor: str | None, weight: int, *, plain: bool) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, weight)
        if not self.stack:
            self.result = value
            return
        top = self.stack[-1]
        top.weight += weight
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            top.key = _key(value)
            if top.key == "<<" and not plain:
                top.key = "\x00<<"
        else:
            self._set(top, value)

    @staticmethod
    def _set(top: _Open, value: Value) -> None:
        if top.key == "<<":
            top.merged.append(value)
        elif isinstance(top.value, dict) and top.key is not None:
            top.value[top.key.removeprefix("\x00")] = value
        top.key = None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _scalar(event: yaml.ScalarEvent) -> str | None:
    text: str = event.value
    return None if not event.style and text in _NULLS and event.tag is None else text


def _key(value: Value) -> str:
    """Keys are text; a collection as a key (legal YAML, never Kubernetes) keeps a stand-in."""
    if isinstance(value, str):
        return value
    return "null" if value is None else "?"


def _merge(target: dict[str, Value], source: Value) -> None:
    """Merge key `<<`: a mapping or a list of them; keys already there win (YAML 1.1, merge type)."""
    if isinstance(source, Mapping):
        for key, value in source.items():
            target.setdefault(key, value)
    elif isinstance(source, Sequence) and not isinstance(source, str):
        for one in source:
            _merge(target, one)


def _told(error: yaml.YAMLError) -> tuple[str, int]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    return str(problem), mark.line + 1 if mark is not None else 1

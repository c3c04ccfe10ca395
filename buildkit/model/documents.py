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
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from buildkit.model.builder import MAX_DEPTH, MAX_VALUES, Builder, DocumentError, Rules
from buildkit.model.resource import ObjectId, Resource, Value

if TYPE_CHECKING:
    import yaml

__all__ = ["MAX_DEPTH", "MAX_VALUES", "DocumentError", "parse_documents", "parse_value", "split_documents"]
MAX_CHARACTERS: Final = 256 * 1024 * 1024
_CACHED: Final = 4096
_CACHED_LENGTH: Final = 256 * 1024

# Patterns begin with a literal, which `re` looks for at the speed of memchr: a release's renders are 40 MB of text.
_SEPARATOR: Final = re.compile(r"\n(?:---(?=[ \t\r\n]|\Z)[ \t]*|\.\.\.(?=[ \t\r\n]|\Z)[^\n]*)")
# YAML 1.1 breaks lines at five characters; a text that Kubernetes reads is never taken for a comment.
_CONTENT: Final = re.compile(r"(?:^|[\r\x85\u2028\u2029])[ \t]*[^ \t\r\n\x85\u2028\u2029#]", re.MULTILINE)
_KIND: Final = re.compile(r"kind[\"']?\s*:")
_SCHEMA_KIND: Final = re.compile(r"\nkind: *[\"']?CustomResourceDefinition\b")
_DEFAULT: Final = re.compile(r"default: *(?:[\"']?([A-Za-z0-9][^\s:/]*[:/]\S)|\n( *))")
_DEFAULT_IMAGE: Final = re.compile(r"image[\"']?: *\S", re.IGNORECASE)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


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
    return Builder(_AS_WRITTEN).read(text)


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


def _scalar(event: yaml.ScalarEvent) -> str | None:
    text: str = event.value
    return None if not event.style and text in _NULLS and event.tag is None else text


def _key(value: Value) -> str:
    """Keys are text; a collection as a key (legal YAML, never Kubernetes) keeps a stand-in."""
    if isinstance(value, str):
        return value
    return "null" if value is None else "?"


_AS_WRITTEN: Final[Rules[Value]] = Rules(scalar=_scalar, key=_key, number=str)

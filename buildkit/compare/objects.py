"""The objects of a render, every one of them: what is no object is an error with a line, never left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from buildkit.compare.comparison import Json
from buildkit.compare.scalars import KUBERNETES
from buildkit.model.builder import Builder, DocumentError
from buildkit.model.documents import split_documents
from buildkit.model.resource import ObjectId


@dataclass(frozen=True, slots=True)
class Text:
    """Rendered YAML, and what to call it: a file, a kustomization, `-`."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Object:
    """One object of a text; `line` is where its document starts."""

    id: ObjectId
    body: Mapping[str, Json]
    line: int


class CompareError(ValueError):
    """A text that cannot be read as objects: `name` of the text, `line` (from 1) in it."""

    def __init__(self, message: str, *, name: str, line: int) -> None:
        super().__init__(message)
        self.name = name
        self.line = line


def read_objects(text: Text) -> tuple[Object, ...]:
    """Read every object of a text; `List`s are unwrapped, documents without content or of null alone left out.

    Raises:
        CompareError: YAML that does not parse or exceeds our bounds, a document that is no object.
    """
    try:
        return tuple(
            found for line, body in split_documents(text.text) for found in unwrap(read_document(body, line), line)
        )
    except DocumentError as error:
        raise CompareError(str(error), name=text.name, line=error.line) from None


def read_document(text: str, line: int) -> Json:
    """Read one document as Kubernetes does; `line` is where it starts, for errors.

    Raises:
        DocumentError: YAML that does not parse or exceeds our bounds.
    """
    try:
        return Builder(KUBERNETES).read(text)
    except DocumentError as error:
        raise DocumentError(str(error), line=error.line + line - 1) from None


def unwrap(value: Json, line: int) -> Iterator[Object]:
    """Give the object that a document is, or those of a list.

    Raises:
        DocumentError: no object.
    """
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise DocumentError("no Kubernetes object: not a mapping", line=line)
    kind, version = _named(value, "kind", line), _named(value, "apiVersion", line)
    items = value.get("items")
    if kind.endswith("List") and isinstance(items, list):
        for item in items:
            yield from unwrap(_typed(item, kind, version, line), line)
    elif kind != "List" or items is not None:
        yield Object(id=identity(version, kind, value.get("metadata")), body=value, line=line)


def _named(value: Mapping[str, Json], field: str, line: int) -> str:
    said = value.get(field)
    if not isinstance(said, str) or not said:
        raise DocumentError(f"no Kubernetes object: `{field}` is missing or no text", line=line)
    return said


def _typed(item: Json, kind: str, version: str, line: int) -> Json:
    """Give a list's item; one without a kind of its own gets it from a typed list, as kubectl does (FooList of Foo)."""
    if not isinstance(item, Mapping):
        raise DocumentError(f"an item of this {kind} is no Kubernetes object: it is no mapping", line=line)
    if kind != "List" and "kind" not in item:
        return {**item, "kind": kind.removesuffix("List"), "apiVersion": version}
    return item


def identity(version: str, kind: str, metadata: Json) -> ObjectId:
    known = metadata if isinstance(metadata, Mapping) else {}
    group, _, version = version.rpartition("/")
    name = _text(known.get("name")) or _text(known.get("generateName"))
    return ObjectId(group=group, version=version, kind=kind, namespace=_text(known.get("namespace")), name=name)


def _text(value: Json) -> str:
    """Give a name as text; one that is a number or a boolean is none to Kubernetes, and still tells objects apart."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""

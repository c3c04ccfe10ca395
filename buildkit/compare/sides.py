"""The objects of two texts side by side; a document that both hold is read once, and checked rather than read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from buildkit.compare.check import is_text, vouch
from buildkit.compare.comparison import Json
from buildkit.compare.objects import CompareError, Text, identity, read_document, unwrap
from buildkit.model.builder import DocumentError
from buildkit.model.documents import split_documents
from buildkit.model.resource import ObjectId


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An object of a side; one and the same on both sides where both have its document.

    Attributes:
        id: its identity.
        known: its body; None where only its text was checked.
        text: its document.
    """

    id: ObjectId
    known: Mapping[str, Json] | None
    text: str

    def body(self) -> Mapping[str, Json]:
        """Give the object's values; a document that was only checked holds one object, and is read now."""
        return self.known if self.known is not None else next(unwrap(read_document(self.text, 1), 1)).body


def read_sides(a: Text, b: Text) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Read every object of both texts.

    Raises:
        CompareError: as `read_objects`.
    """
    left, right = _documents(a), _documents(b)
    shared = {text for _, text in left} & {text for _, text in right}
    known: dict[str, tuple[Entry, ...]] = {}
    return tuple(_entries(a, left, shared, known)), tuple(_entries(b, right, shared, known))


def _documents(text: Text) -> list[tuple[int, str]]:
    """Give `(line, document)`; how many empty lines stand before it is no difference."""
    try:
        found = [(line, body, body.lstrip("\n")) for line, body in split_documents(text.text)]
    except DocumentError as error:
        raise CompareError(str(error), name=text.name, line=error.line) from None
    return [(line + len(body) - len(bare), bare) for line, body, bare in found]


def _entries(
    side: Text, documents: Iterable[tuple[int, str]], shared: set[str], known: dict[str, tuple[Entry, ...]]
) -> Iterator[Entry]:
    for line, text in documents:
        if text not in shared:
            yield from _read(side, line, text)
            continue
        if text not in known:
            checked = _checked(text)
            known[text] = (checked,) if checked else tuple(_read(side, line, text))
        yield from known[text]


def _read(side: Text, line: int, text: str) -> Iterator[Entry]:
    try:
        for one in unwrap(read_document(text, line), line):
            yield Entry(one.id, one.body, text)
    except DocumentError as error:
        raise CompareError(str(error), name=side.name, line=error.line) from None


def _checked(text: str) -> Entry | None:
    """Give the one object of a document that is certain to read well; None where only reading can tell."""
    value = vouch(text)
    if not isinstance(value, Mapping):
        return None
    kind, version, metadata = value.get("kind"), value.get("apiVersion"), value.get("metadata")
    known = metadata if isinstance(metadata, Mapping) else {}
    naming = [known.get(key, "x") for key in ("name", "generateName", "namespace")]
    if not all(map(is_text, [kind, version, *naming])) or str(kind).endswith("List"):
        return None
    return Entry(identity(str(version), str(kind), metadata), None, text)

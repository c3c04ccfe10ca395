"""Images that are compiled into a component: no object names them, so the data file does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from buildkit.images.found import Found
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004

if TYPE_CHECKING:
    from buildkit.images.knowledge import Declared, Knowledge
    from buildkit.model.resource import Resource, Value


def search(resource: Resource, images: Sequence[Found], knowledge: Knowledge) -> Iterator[Found]:
    """Yield what the images of an object bring with them, unless the object says otherwise."""
    for one in images:
        if one.how not in {"pod", "field", "split"} or one.sample:
            continue
        for entry in knowledge.declared_by(one.reference.repository_name):
            if not entry.applies_to(one.reference.tag or "") or any(
                _says(resource.body, word) for word in entry.unless
            ):
                continue
            text = entry.image.replace("{tag}", one.reference.tag or "")
            found = _found(entry, text, one)
            if found is not None:
                yield found


def _found(entry: Declared, text: str, by: Found) -> Found | None:
    try:
        reference = parse_reference(text)
    except ReferenceError:  # {tag} of an image that has a digest only
        return None
    return Found(
        object=by.object,
        path=by.path,
        text=text,
        reference=reference,
        how="declared",
        parts=(),
        source=entry.file,
        line=entry.line,
    )


def _says(value: Value, word: str) -> bool:
    """Whether a flag or a variable's name stands anywhere in an object."""
    if isinstance(value, str):
        return value == word or value.startswith((word + "=", word + " "))
    if isinstance(value, Mapping):
        return any(_says(one, word) for one in value.values())
    if isinstance(value, Sequence):
        return any(_says(one, word) for one in value)
    return False

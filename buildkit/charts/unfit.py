"""What no release can hold: objects that helm could not find again, and those too large for Kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.compare.comparison import Json

LARGEST: Final = 1 << 20  # of what a ConfigMap or a Secret holds (Kubernetes, core validation)
_HELD: Final = {"ConfigMap": ("data",), "Secret": ("stringData",)}
_ENCODED: Final = {"ConfigMap": ("binaryData",), "Secret": ("data",)}


def complaints(body: Mapping[str, Json]) -> Iterator[str]:
    """Yield what is wrong with an object, as sentences about it."""
    kind = str(body.get("kind"))
    metadata = body.get("metadata")
    known = metadata if isinstance(metadata, Mapping) else {}
    name = known.get("name")
    if not isinstance(name, str) or not name:
        made = known.get("generateName")
        how = f"`generateName: {made}` gives it a new name each time" if made else "it has no name"
        yield f"{kind} cannot be in a chart: {how}, so that helm could not find it again"
    size = _size(kind, body) if body.get("apiVersion") == "v1" else 0
    if size > LARGEST:
        yield f"{kind} {name} holds {size} bytes, and Kubernetes takes no more than {LARGEST}"


def _size(kind: str, body: Mapping[str, Json]) -> int:
    parts = {part: body.get(part) for part in (*_HELD.get(kind, ()), *_ENCODED.get(kind, ()))}
    encoded = _ENCODED.get(kind, ())
    return sum(
        len(text.encode()) * 3 // 4 if part in encoded else len(text.encode())
        for part, held in parts.items()
        for text in (held.values() if isinstance(held, Mapping) else ())
        if isinstance(text, str)
    )

"""What a Secret's `data` says behind its base64: text that names an image or the namespace is marked like any other."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Final

from buildkit.charts.marks import Key, Text, Tree

_DATA: Final = "data"


def opened(key: Key, body: Mapping[str, Tree], telling: Callable[[str], bool]) -> Mapping[str, Tree]:
    """Give a Secret with the texts of its data decoded in which `telling` finds something; others stay as they are."""
    data = body.get(_DATA)
    if key[:2] != ("", "Secret") or not isinstance(data, Mapping):
        return body
    texts = {name: text for name, value in data.items() if (text := decoded(value)) is not None and telling(text)}
    if not texts:
        return body
    return {**body, _DATA: {**data, **{name: Text((text,), encoded=True) for name, text in texts.items()}}}


def closed(original: Mapping[str, Tree], body: Mapping[str, Tree]) -> Mapping[str, Tree]:
    """Give the Secret with those texts in which nothing was marked as they were."""
    data, known = body.get(_DATA), original.get(_DATA)
    if not isinstance(data, Mapping) or not isinstance(known, Mapping):
        return body
    kept = {name: known[name] if _is_plain(value) else value for name, value in data.items()}
    return body if all(kept[name] is value for name, value in data.items()) else {**body, _DATA: kept}


def decoded(value: Tree) -> str | None:
    """Give the text that base64 stands for; None for what is none, or would not be the same once encoded again."""
    if not isinstance(value, str):
        return None
    try:
        text = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return None
    return text if base64.b64encode(text.encode()).decode() == value else None


def _is_plain(value: Tree) -> bool:
    return isinstance(value, Text) and value.encoded and all(isinstance(piece, str) for piece in value.pieces)

"""Whether a text reads as it should, without reading it value by value: for text that is the same on both sides.

ryaml parses with a translation of libyaml, refuses keys that stand twice, bounds nesting, and is five times as fast as
libyaml's events in Python. Its values follow other rules than Kubernetes', so no value of it is compared. Whatever it
cannot vouch for, or all where it is not installed, is read by `read_document`, which decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.compare.scalars import resolve
from buildkit.model.builder import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.compare.comparison import Json
_loads: Callable[[str], Json] | None
try:
    import ryaml

    _loads = ryaml.loads  # type: ignore[attr-defined]
except ImportError:  # a platform without a wheel: slower, not otherwise
    _loads = None

# An alias, an anchor, or a tag that says what a scalar must be: where a node begins, so after one of _BEFORE_NODES and
# spaces. Those inside block scalars count too, which costs time only.
# Three patterns, for `re` looks for a first character faster than for a set of them.
_PROPERTIES: Final = tuple(
    re.compile(rf"{mark}(?<![^\s\[{{,:].){rest}")
    for mark, rest in ((r"\*", "[A-Za-z0-9_-]"), ("&", "[A-Za-z0-9_-]"), ("!", "[!<]"))
)
_BEFORE_NODES: Final = frozenset({"", "\n", "\r", ":", "-", "?", ",", "[", "{"})
_LOOK_BACK: Final = 200
_INFINITE: Final = re.compile(r"\.(?:inf|Inf|INF|nan|NaN|NAN)\b")
_BREAKS: Final = ("\x85", "\u2028", "\u2029")


def vouch(text: str) -> Json:
    """Give what one document holds, if `read_document` would accept it; its keys are right, its scalars need not be.

    None where that is not certain.
    """
    if _loads is None or _INFINITE.search(text) or any(one in text for one in _BREAKS) or _has_properties(text):
        return None
    try:
        value: Json = _loads(text)
    except (ValueError, TypeError):
        return None
    keys = _keys(value)
    if keys is None or not all(isinstance(key, str) and key[:1] != "!" and is_text(key) for key in keys):
        return None  # ryaml makes a mapping of what has a tag
    return value


def is_text(value: object) -> bool:
    """Tell whether a scalar is text, quoted or not."""
    return isinstance(value, str) and value != "<<" and isinstance(resolve(value), str)


def _has_properties(text: str) -> bool:
    return any(
        text[max(0, found.start() - _LOOK_BACK) : found.start()].rstrip(" \t")[-1:] in _BEFORE_NODES
        for pattern in _PROPERTIES
        for found in pattern.finditer(text)
    )


def _keys(value: Json) -> set[object] | None:
    """Give the keys of all mappings; None where they nest too deep."""
    keys: set[object] = set()
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                keys.update(one)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not below:
            return keys
        level = below
    return None

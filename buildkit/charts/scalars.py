"""Scalars as YAML that helm leaves alone: plain where that reads back as the same value, else quoted or as a block.

`{{` is written so that helm's template gives it back: the whole of an action as a raw string, a lone one by itself.
"""

from __future__ import annotations

import json
import re
from typing import Final

from buildkit.compare.scalars import resolve

_PLAIN: Final = re.compile(
    r"[A-Za-z0-9_/.](?:[A-Za-z0-9 _/.,:;=+@%$()~^*?!&|<>'\"\\\[\]-]*[A-Za-z0-9_/.,;=+@%$()~^*?!&|<>'\"\\\[\]-])?"
)
_OPEN, _CLOSE = "{{", "}}"
_LONGEST: Final = 300  # an action of more reads no better as a whole
# Dates, times and numbers to readers of YAML 1.1 that are not Kubernetes'.
_OTHERWISE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_ESCAPED_IN_QUOTES: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def escaped(text: str) -> str:
    """Write text so that a template renders to it."""
    parts: list[str] = []
    at = 0
    while (start := text.find(_OPEN, at)) >= 0:
        end = text.find(_CLOSE, start + len(_OPEN), start + _LONGEST)
        action = text[start : end + len(_CLOSE)] if end >= 0 else _OPEN
        raw = action != _OPEN and "`" not in action and "\n" not in action
        parts += [text[at:start], f"{{{{ `{action}` }}}}" if raw else '{{ "{{" }}']
        at = start + len(action if raw else _OPEN)
    return "".join([*parts, text[at:]])


def plain(value: str | float | bool | None) -> str:  # noqa: FBT001  # a scalar of any type
    """Write a scalar on one line; helm's braces are not escaped yet."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    return value if is_plain(value) else quoted(value)


def is_plain(text: str) -> bool:
    """Tell whether a text needs no quotes anywhere in block YAML."""
    return (
        _PLAIN.fullmatch(text) is not None
        and ": " not in text
        and " #" not in text
        and not text.startswith("...")
        and isinstance(resolve(text), str)
        and _OTHERWISE.fullmatch(text) is None
        and text not in {"=", "<<"}
        and "{{" not in text
    )


def quoted(text: str) -> str:
    """Write a text in double quotes."""
    written = json.dumps(text, ensure_ascii=False)
    return _ESCAPED_IN_QUOTES.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def go(text: str) -> str:
    """Write a text as a string of Go, inside an action."""
    raw = '"' in text and "`" not in text and "\n" not in text and _UNPRINTABLE.search(text) is None
    return f"`{text}`" if raw else quoted(text)


def is_block(text: str) -> bool:
    """Tell whether a text can be a literal block whose end no template trims away."""
    body = text.removesuffix("\n")
    return "\n" in text and not body[-1:].isspace() and bool(body) and _UNPRINTABLE.search(text) is None


def block_head(text: str) -> str:
    """Give the head of a literal block: `|` or `|-`, with the indentation where the first line would mislead."""
    first = text.split("\n", 1)[0]
    indicator = "2" if first[:1] in {"", " ", "\t"} else ""
    return f"|{indicator}" + ("" if text.endswith("\n") else "-")

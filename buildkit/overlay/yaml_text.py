"""YAML that we write: strings so that every reader sees the same, long ones as blocks that a person can read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from buildkit.compare.comparison import Json

_PLAIN: Final = re.compile(r"(?:\.\./)*(?!sha256)[A-Za-z][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
# What readers of YAML take for a line end, or for nothing at all.
_ODD: Final = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def scalar(text: str) -> str:
    """A string on one line."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _ODD.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def value(new: Json, indent: str) -> str:
    """A value after `key:`; `indent` is that of the key."""
    if isinstance(new, str) and _is_block(new):
        mark = "|" if new.endswith("\n") else "|-"
        rows = new.removesuffix("\n").split("\n")
        return mark + "".join(f"\n{indent}  {row}" if row else "\n" for row in rows)
    if isinstance(new, str):
        return scalar(new)
    return _ODD.sub(_escaped, json.dumps(new, ensure_ascii=False))


def _is_block(text: str) -> bool:
    """Whether `|` can hold it: several lines, the first and the last with something in them, nothing odd."""
    return (
        "\n" in text.strip("\n")
        and not text.startswith(("\n", " ", "\t"))
        and text[-2:] != "\n\n"
        and not (_ODD.search(text) or "\t" in text)
    )


def comment(lines: list[str]) -> str:
    """Lines of a comment, whatever is in them."""
    plain = (" ".join(_ODD.sub("?", line).split()) for line in lines)
    return "".join(f"# {line}\n" for line in plain)

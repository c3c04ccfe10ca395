"""Paths that name a value inside an object: `spec.containers[0].image`, `data["a.b"]`."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")


def child(path: str, key: str) -> str:
    """`spec` and `a.b` -> `spec["a.b"]`."""
    if not _PLAIN.fullmatch(key):
        return path + '["' + key.replace('"', '\\"') + '"]'
    return path + ("." if path and not path.endswith(" | ") else "") + key


def item(path: str, index: int) -> str:
    return f"{path}[{index}]"

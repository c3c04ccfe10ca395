"""The hash at the end of a generated ConfigMap's or Secret's name, as kustomize computes it (kustomize, api/hasher)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from buildkit.compare.compare import HASH

if TYPE_CHECKING:
    from buildkit.compare.comparison import Json

LENGTH: Final = 10
_LETTERS: Final = str.maketrans("013ae", "ghkmt")
_SUFFIX: Final = re.compile(rf"{HASH}\Z")
# Go's encoding/json writes these as escapes.
_ESCAPED: Final = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}
_KINDS: Final = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData")}
# What is hashed, by kind.
HELD: Final = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData", "type")}


def stem_of(body: Mapping[str, Json]) -> str | None:
    """Give the name without its hash, where the hash at its end is the one of what the object holds."""
    name = _name(body)
    if body.get("apiVersion") != "v1" or body.get("kind") not in _KINDS or not _SUFFIX.search(name):
        return None
    stem = name[: -LENGTH - 1]
    return stem if name == hashed_name(body, stem) else None


def hashed_name(body: Mapping[str, Json], stem: str) -> str:
    """Give the name that kustomize gives to a generated object: `stem`, a dash, ten characters.

    The name itself does not count: kustomize looks it up under the key `metadata/name`, which no object has.
    """
    kind = str(body["kind"])
    always, optional = _KINDS[kind]
    held: dict[str, Json] = {"kind": kind, "name": "", always: "" if body.get(always) is None else body[always]}
    if kind == "Secret":
        held["type"] = body.get("type") or ""
    if isinstance(body.get(optional), Mapping):
        held[optional] = body[optional]
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:LENGTH].translate(_LETTERS)}"


def _name(body: Mapping[str, Json]) -> str:
    metadata = body.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""

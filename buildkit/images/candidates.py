"""Whether a text is an image reference, and how much it looks like one by itself.

Every lower-case word is a valid reference (`docker.io/library/word:latest`), so what a text needs to look like
depends on what its place says (names.py): in `image:` of a container a bare word will do, under a name that says
nothing only a registry, a path and a version together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHAPE: Final = re.compile(r"[A-Za-z0-9\[][\w.:/@+\[\]-]{0,600}")
_FILE: Final = re.compile(
    r"\.(?:png|svg|jpe?g|gif|ico|webp|bmp|tiff?|iso|qcow2|img|ya?ml|json|toml|py|sh|md|txt|html?|tar|t?gz)$"
)
_VERSIONED: Final = re.compile(
    r"v?\d+(?:\.\d+)+\S*|latest|nightly\S*|(?:v|release-|RELEASE\.)\d\S*|[0-9a-f]{7,40}|\d{8,}\S*"
)
_NUMBER: Final = re.compile(r"[\d._-]+")
# Words that stand where an image could, and mean something else.
_NO_NAMES: Final = frozenset(
    [
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "nil",
        "default",
        "auto",
        "enabled",
        "disabled",
        "enable",
        "disable",
        "always",
        "never",
        "ifnotpresent",
        "latest",
        "string",
        "boolean",
        "integer",
        "object",
        "array",
        "image",
        "images",
        "repository",
        "example",
        "placeholder",
        "custom",
        "unknown",
        "any",
        "all",
    ]
)


class Strength(IntEnum):
    """`nginx`; `kserve/agent`; `nginx:1`; `kserve/agent:v1`; the same with a registry's host in front."""

    BARE = 1
    PATH = 2
    TAGGED = 3
    FULL = 4
    HOSTED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A text that is a reference; `known` tells whether its host is a registry that the data file lists."""

    text: str
    reference: Reference
    strength: Strength
    known: bool

    @property
    def versioned(self) -> bool:
        return bool(self.reference.tag or self.reference.digest)

    @property
    def evident(self) -> bool:
        """An image whatever its place is called: by digest, of a known registry by tag, of any host by a version."""
        if self.strength < Strength.HOSTED:
            return False
        if self.reference.digest:
            return True
        tag = self.reference.tag
        return tag is not None and (self.known or _VERSIONED.fullmatch(tag) is not None)


@dataclass(frozen=True, slots=True)
class Judge:
    """Reads candidates: `registries` are globs of hosts, `placeholders` globs of texts that stand for an image."""

    registries: tuple[str, ...]
    placeholders: tuple[str, ...]

    def read(self, text: str) -> Candidate | None:
        """The candidate in a whole text, None where it is none."""
        return _read(text.strip(), self.registries, self.placeholders)


@lru_cache(maxsize=16384)
def _read(text: str, registries: tuple[str, ...], placeholders: tuple[str, ...]) -> Candidate | None:
    if not _SHAPE.fullmatch(text) or text.startswith("sha256:") or _NUMBER.fullmatch(text) or text.lower() in _NO_NAMES:
        return None
    try:
        reference = parse_reference(text)
    except ReferenceError:
        return None
    if _is_placeholder(text, reference, placeholders) or (
        not reference.tag and not reference.digest and _FILE.search(text)
    ):
        return None
    if "/" not in text and _matches(text, registries):
        return None
    host = text.startswith(reference.registry + "/")
    return Candidate(
        text=text,
        reference=reference,
        strength=_strength(reference, text, host=host),
        known=host and _matches(reference.registry, registries),
    )


def _strength(reference: Reference, text: str, *, host: bool) -> Strength:
    versioned = bool(reference.tag or reference.digest)
    if "/" not in text:
        return Strength.TAGGED if versioned else Strength.BARE
    if not versioned:
        return Strength.PATH
    return Strength.HOSTED if host else Strength.FULL


def _is_placeholder(text: str, reference: Reference, placeholders: Sequence[str]) -> bool:
    if (
        any(character.isupper() for character in reference.registry)
        and reference.registry.upper() == reference.registry
    ):
        return True  # IMAGE_URL/x, REGISTRY/x:1
    return _matches(text, placeholders) or _matches(reference.name, placeholders)


def _matches(text: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(text, one) for one in globs)

"""What the searchers hand on: an image at a path, or a text still to be searched."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from buildkit.images import names
from buildkit.images.candidates import Candidate
from buildkit.model.image import How
from buildkit.model.resource import Value

_PIECES: Final = 100
Part = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An image at `path`; `parts` and `holder` as in Found."""

    path: str
    candidate: Candidate
    how: How
    parts: tuple[Part, ...]
    sample: bool = False
    holder: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A string that may hold YAML, JSON, ini or a script; `key` is what it is filed under."""

    path: str
    key: str
    text: str
    how: How
    sample: bool = False


@dataclass(frozen=True)
class Scope:
    """A mapping and its path, and the scope around it."""

    path: str
    mapping: Mapping[str, Value]
    outer: Scope | None = None

    @cached_property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """The fields that may be pieces of a reference beside its name: versions, digests, registries.

        Of a huge mapping the first hundred only, so that hostile input costs no square of its size.
        """
        texts = ((key, one) for key, one in self.mapping.items() if isinstance(one, str) and names.is_piece(key))
        return tuple(itertools.islice(((key, one) for key, one in texts if one and "\n" not in one.strip()), _PIECES))


def inside(path: str) -> str:
    """The path on which embedded text goes on."""
    return f"{path} | "

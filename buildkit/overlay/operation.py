"""One value of an object that the overlay sets, and what that makes of the object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.compare.comparison import Json
from buildkit.images.locate import parse_path

if TYPE_CHECKING:
    from buildkit.images.locate import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """At `path` of `object` stands `old`, None where nothing does, and shall stand `new`."""

    object: str
    path: str
    old: Json
    new: Json

    @property
    def pointer(self) -> str:
        """`/spec/containers/0/image` (RFC 6901)."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in parse_path(self.path))


def value_at(value: Json, steps: Sequence[Step]) -> Json:
    """The value at a path, None where there is none."""
    for step in steps:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def applied(body: Json, operations: Sequence[Operation]) -> Json:
    """An object with the operations on it carried out; the object itself stays what it is."""
    for one in operations:
        body = _with(body, parse_path(one.path), one.new)
    return body


def _with(value: Json, steps: Sequence[Step], new: Json) -> Json:
    if not steps:
        return new
    first, rest = steps[0], steps[1:]
    if isinstance(value, Mapping) and isinstance(first, str):
        return {**value, first: _with(value.get(first), rest, new)}
    if isinstance(value, Sequence) and not isinstance(value, str) and isinstance(first, int):
        return [_with(one, rest, new) if index == first else one for index, one in enumerate(value)]
    return value

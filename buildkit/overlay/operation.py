"""One value of an object that the overlay sets, and what that makes of the object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.compare.comparison import ABSENT, Absent, Json
from buildkit.images.locate import parse_path
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from buildkit.images.locate import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """At `path` of `object` stands `old`, None where nothing does, and shall stand `new`; ABSENT takes it away."""

    object: str
    path: str
    old: Json
    new: Json | Absent

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


def operations_between(name: str, old: Json, new: Json, path: str = "") -> Iterator[Operation]:
    """The operations that make one object of another; no two of them touch each other.

    A list whose length differs is replaced as a whole: what an index means would change on the way.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            where = child(path, key)
            if key not in new:
                yield Operation(object=name, path=where, old=old[key], new=ABSENT)
            elif key not in old:
                yield Operation(object=name, path=where, old=None, new=new[key])
            else:
                yield from operations_between(name, old[key], new[key], where)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from operations_between(name, before, after, item(path, index))
    elif type(old) is not type(new) or old != new:
        yield Operation(object=name, path=path, old=old, new=new)


def _with(value: Json, steps: Sequence[Step], new: Json | Absent) -> Json:
    if not steps:
        return None if isinstance(new, Absent) else new
    first, rest = steps[0], steps[1:]
    if isinstance(value, Mapping) and isinstance(first, str):
        if not rest and isinstance(new, Absent):
            return {key: one for key, one in value.items() if key != first}
        return {**value, first: _with(value.get(first), rest, new)}
    if isinstance(value, Sequence) and not isinstance(value, str) and isinstance(first, int):
        return [_with(one, rest, new) if index == first else one for index, one in enumerate(value)]
    return value

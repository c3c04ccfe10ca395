"""Images that a CustomResourceDefinition fills in: the `default` of a field that says image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from buildkit.images import names
from buildkit.images.candidates import Judge, Strength
from buildkit.images.fields import Walk
from buildkit.images.hits import Hit, Text
from buildkit.images.names import Says
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from buildkit.model.resource import Value


def search(value: Value, path: str, field: str, judge: Judge) -> Iterator[Hit | Text]:
    """Search a schema; `field` is the property that it describes."""
    if isinstance(value, Mapping):
        default = value.get("default")
        if default is not None and ("type" in value or "x-kubernetes-preserve-unknown-fields" in value):
            yield from _default(default, child(path, "default"), field, judge)
        for key, one in value.items():
            if key == "properties" and isinstance(one, Mapping):
                for name, schema in one.items():
                    yield from search(schema, child(child(path, key), name), name, judge)
            elif key not in {"default", "enum", "description", "example", "required"}:
                yield from search(one, child(path, key), field, judge)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, one in enumerate(value):
            yield from search(one, item(path, index), field, judge)


def _default(default: Value, path: str, field: str, judge: Judge) -> Iterator[Hit | Text]:
    if not isinstance(default, str):
        yield from Walk(judge=judge, how="field", bare=False).over(default, path)
        return
    candidate, said = judge.read(default), names.says(field)
    if candidate is None:
        return
    if candidate.evident or (said >= Says.IMAGE and candidate.strength >= Strength.PATH):
        yield Hit(path=path, candidate=candidate, how="field", parts=((path, default),))

"""Values of a specification: their names, what they hold, a sample that fits, and where they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, get_args

from ruamel.yaml.scalarbool import ScalarBoolean

from buildkit.charts.pattern import matches
from buildkit.charts.spec import Kind, SpecValue, Spot
from buildkit.charts.spec_words import (
    ADDED,
    at_most,
    check_expression,
    check_literal,
    check_object,
    check_place,
    check_text,
    check_value_name,
    flag,
    one_of,
    text_of,
    text_or,
    texts_of,
)

if TYPE_CHECKING:
    from buildkit.compare.comparison import Json
    from buildkit.model.authored import Node

MOST_VALUES: Final = 500
# First steps that every chart has of its own.
BUILT_IN: Final = ("profile", "global", "images", "workloads", "storage", "crds", "data", "namespace")
_MOST_SPOTS: Final = 200
_MOST_PARTS: Final = 200
_DEEPEST: Final = 10
_TYPES: Final[Mapping[Kind, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def read_values(root: Node) -> tuple[SpecValue, ...]:
    values = at_most(root, "values", root.each("values", _read_value), MOST_VALUES)
    lines: dict[str, int] = {}
    for one in values:
        if one.name in lines:
            raise root.wrong_at(one.line, "name", f"'{one.name}' is the name of line {lines[one.name]}'s value too")
        lines[one.name] = one.line
    for one in values:
        steps = one.name.split(".")
        for many in range(1, len(steps)):
            above = ".".join(steps[:many])
            if above in lines:
                raise root.wrong_at(
                    one.line, "name", f"'{one.name}' is below '{above}', the value of line {lines[above]}"
                )
    return values


def _read_value(node: Node) -> SpecValue:
    node = node.keys("name", "kind", "description", "sample", "pattern", "at", "omits", "optional")
    name = text_of(node, "name", check_value_name)
    first = name.split(".")[0]
    if first in BUILT_IN:
        raise node.wrong("name", f"'{first}' is what every chart has of its own; another first step")
    kind: Kind = one_of(node, "kind", get_args(Kind))
    pattern = text_or(node, "pattern", check_expression)
    if pattern and kind != "string":
        raise node.wrong("pattern", f"is for strings; this value is of kind {kind}")
    spots = at_most(node, "at", node.each("at", lambda one: _read_spot(one, kind)), _MOST_SPOTS)
    omits = at_most(node, "omits", texts_of(node, "omits", check_object), _MOST_SPOTS)
    if not spots and not omits:
        raise node.wrong("at", f"'{name}' reaches nothing: needs `at`, or `omits`")
    if len(set(spots)) < len(spots):
        raise node.wrong("at", "a place stands there twice")
    return SpecValue(
        name=name,
        kind=kind,
        description=text_of(node, "description", check_text),
        sample=_read_sample(node, kind, pattern),
        pattern=pattern,
        at=spots,
        omits=omits,
        optional=flag(node, "optional"),
        line=node.line,
    )


def _read_spot(node: Node, kind: Kind) -> Spot:
    node = node.keys("object", "path", "text", "before", "after")
    spot = Spot(
        object=text_of(node, "object", check_object),
        path=text_or(node, "path", check_place),
        text=text_or(node, "text", check_literal),
        before=text_or(node, "before", check_literal),
        after=text_or(node, "after", check_literal),
    )
    if not spot.path and not spot.text:
        raise node.wrong("path", "is missing; only with a `text` it may be anywhere in the object")
    for key in ("before", "after"):
        if node.has(key) and not spot.text:
            raise node.wrong(key, "stands beside a `text`, which is missing")
    if spot.text and spot.path.endswith(ADDED):
        raise node.wrong("text", "is part of what stands there; at a path with a ? nothing does")
    if spot.text and kind in {"array", "object"}:
        raise node.wrong("text", f"is part of a string, which a value of kind {kind} cannot be")
    return spot


def _read_sample(node: Node, kind: Kind, pattern: str) -> Json:
    value = node.value.get("sample") if isinstance(node.value, Mapping) else None
    if not node.has("sample"):
        raise node.wrong("sample", "is missing")
    parts = _Parts()
    sample = parts.plain(value, 0)
    if parts.wrong:
        raise node.wrong("sample", parts.wrong)
    whole = bool(isinstance(sample, _TYPES[kind]) and (kind == "boolean" or not isinstance(sample, bool)))
    if not whole:
        quoted = "; numbers and dates in quotes" if kind == "string" else ""
        raise node.wrong("sample", f"is none of kind {kind}{quoted}")
    if sample in ("", [], {}):
        raise node.wrong("sample", "is empty, which says that the value is not set")
    if isinstance(sample, str) and pattern and not matches(pattern, sample):
        raise node.wrong("sample", f"'{sample[:80]}' does not match the pattern as a whole")
    return sample


class _Parts:
    """Turns what the reader of YAML made into plain JSON; `wrong` says why that cannot be."""

    def __init__(self) -> None:
        self.wrong = ""
        self._many = 0

    def plain(self, value: object, depth: int) -> Json:
        self._many += 1
        if self._many > _MOST_PARTS or depth > _DEEPEST:
            self.wrong = f"has more than {_MOST_PARTS} parts, or is deeper than {_DEEPEST}"
        if self.wrong:
            return None
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                self.wrong = "has a key that is no text; numbers and dates in quotes"
            return {str(key): self.plain(below, depth + 1) for key, below in value.items()}
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Sequence):
            return [self.plain(below, depth + 1) for below in value]
        return self._scalar(value)

    def _text(self, value: str) -> str:
        try:
            return check_literal(str(value))
        except ValueError as error:
            self.wrong = str(error)
        return ""

    def _scalar(self, value: object) -> Json:
        if isinstance(value, bool | ScalarBoolean):
            return bool(value)
        if isinstance(value, int) and abs(value) < 1 << 53:
            return int(value)
        if value is not None:
            self.wrong = "has a value that is no text, whole number, true or false"
        return None

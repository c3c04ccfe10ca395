"""What a chart must render to, for some values: marked objects evaluated in Python, without template or helm.

The checks compare helm's render with this; so templates are held against a second reading of the same marks.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from buildkit.charts.hashes import hashed_name
from buildkit.charts.marks import (
    ABSENT,
    Absent,
    Choice,
    Condition,
    Extended,
    Hashed,
    Image,
    MarkedObject,
    Namespace,
    Piece,
    Setting,
    Text,
    Tree,
    When,
    Word,
)
from buildkit.charts.union import is_hashed
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.charts.marks import Mark
    from buildkit.compare.comparison import Json

Generated = tuple[str, str, str]  # kind, namespace and stem


class RefusedError(ValueError):
    """Values that the chart refuses, and why."""


def evaluate(
    objects: Sequence[MarkedObject],
    values: Mapping[str, Any],
    namespace: str,
    literal: Collection[int] = frozenset(),
) -> list[dict[str, Json]]:
    """Give the objects of one profile as they must be rendered.

    Args:
        objects: the profile's.
        values: what is set, nested as in `values.yaml`; what is left out is not set.
        namespace: the release's.
        literal: what `literal_parts` gave for them: spares looking at those again, and gives them as they are.

    Raises:
        RefusedError: values that the chart does not take.
    """
    standing = [one for one in objects if all(_holds(condition, values) for condition in one.conditions)]
    generated = {one.key[1:]: one for one in objects if is_hashed(one)}
    scene = _Scene(values=values, namespace=namespace, objects=generated, literal=literal)
    return [cast("dict[str, Json]", scene.tree(one.body)) for one in standing]


def literal_parts(objects: Iterable[MarkedObject]) -> frozenset[int]:
    """Give the `id` of each largest mapping and list without a mark in it, for as long as the objects live."""
    found: set[int] = set()

    def is_literal(tree: Tree) -> bool:
        if isinstance(tree, Mapping):
            parts: Sequence[Tree] = list(tree.values())
        elif isinstance(tree, Sequence) and not isinstance(tree, str):
            parts = tree
        else:
            return not isinstance(tree, Text | Setting | Extended | When | Choice)
        literal = [is_literal(part) for part in parts]
        if all(literal):
            return True
        found.update(
            id(part) for part, one in zip(parts, literal, strict=True) if one and isinstance(part, Mapping | list)
        )
        return False

    found.update(id(one.body) for one in objects if is_literal(one.body))
    return frozenset(found)


def lookup(values: Mapping[str, Any], path: str) -> Any:
    """Give what stands at a dotted path; None where nothing does."""
    value: Any = values
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def is_set(value: object) -> bool:
    """Tell whether a value counts: null, an empty text, list or mapping do not; 0 and false do."""
    return value is not None and value not in ("", [], {})


def image_reference(values: Mapping[str, Any], name: str, reference: str) -> str:
    """Give an image reference with what is set put into it.

    Registry and repository replace their part; a tag drops the digest that was there, a digest keeps the tag.
    """
    own = {part: lookup(values, f"images.{name}.{part}") for part in ("registry", "repository", "tag", "digest")}
    registry = own["registry"] or lookup(values, "global.imageRegistry")
    if not any((registry, own["repository"], own["tag"], own["digest"])):
        return reference
    known = parse_reference(reference)
    name = reference.removesuffix(f"@{known.digest}").removesuffix(f":{known.tag}")
    path = known.repository if name.endswith(known.repository) else known.repository.removeprefix("library/")
    host = name.removesuffix(path).rstrip("/")
    repository = own["repository"] or (known.repository if registry else path)
    tag = own["tag"] or known.tag
    digest = own["digest"] or (None if own["tag"] else known.digest)
    head = "/".join(part for part in (registry or host, repository) if part)
    return head + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    value = lookup(values, condition.value)
    if condition.test == "unless":
        return not value
    if condition.test == "exists":
        return value is None or bool(value)
    if condition.test == "enabled":
        return value is not False
    return bool(value)


@dataclass
class _Scene:
    values: Mapping[str, Any]
    namespace: str
    objects: Mapping[Generated, MarkedObject]
    literal: Collection[int] = frozenset()
    names: dict[Generated, str] = field(default_factory=dict)

    def tree(self, tree: Tree) -> Json | Absent:
        if id(tree) in self.literal:
            return cast("Json", tree)
        if isinstance(tree, Text | Setting | Extended | When | Choice):
            return self._mark(tree)
        if isinstance(tree, Mapping):
            found = ((key, self.tree(value)) for key, value in tree.items())
            return cast("Json", {key: value for key, value in found if value is not ABSENT})
        if isinstance(tree, Sequence) and not isinstance(tree, str):
            return cast("Json", [value for one in tree if (value := self.tree(one)) is not ABSENT])
        return tree

    def _mark(self, mark: Mark) -> Json | Absent:
        if isinstance(mark, Text):
            text = "".join(self._piece(piece) for piece in mark.pieces)
            return base64.b64encode(text.encode()).decode() if mark.encoded else text
        if isinstance(mark, Setting):
            said = [value for path in mark.value if is_set(value := lookup(self.values, path))]
            return said[0] if said else self._kept(mark.default)
        if isinstance(mark, Extended):
            return self._extended(mark)
        if isinstance(mark, When):
            return self.tree(mark.tree) if lookup(self.values, mark.value) else ABSENT
        raise TypeError("a union is no profile's tree")

    def _kept(self, tree: Tree | Absent) -> Json | Absent:
        return ABSENT if isinstance(tree, Absent) else self.tree(tree)

    def _extended(self, mark: Extended) -> Json | Absent:
        items = [cast("Json", self.tree(one)) for one in mark.items]
        more = lookup(self.values, mark.value) or []
        names = [one.get("name") for one in items if isinstance(one, Mapping)]
        if mark.key:
            more = [{mark.key: one} for one in more if one not in names]
        for one in more:
            if (name := one.get("name")) in names:
                raise RefusedError(f"{mark.value}: {name} stands there already")
            names.append(name)
        return [*items, *more] or self._kept(mark.empty)

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, Namespace):
            return self.namespace
        if isinstance(piece, Image):
            return image_reference(self.values, piece.name, piece.reference)
        if isinstance(piece, Word):
            value = lookup(self.values, piece.value)
            return _written(value) if is_set(value) else str(self.tree(piece.default))
        if isinstance(piece, Hashed):
            return self._hashed(piece)
        return piece

    def _hashed(self, piece: Hashed) -> str:
        key = (piece.kind, piece.namespace, piece.stem)
        if key not in self.objects:  # one of another profile, of the same name
            return piece.default
        if key not in self.names:
            body = self.objects[key].body
            held = {name: self.tree(part) for name, part in body.items() if name != "metadata"}
            self.names[key] = hashed_name(cast("dict[str, Json]", held), piece.stem)
        return self.names[key]

"""What a chart must render to, for some values: marked objects evaluated in Python, without template or helm.

The checks compare helm's render with this; so templates are held against a second reading of the same marks.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
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
from buildkit.model.reference import DOCKER_HUB, parse_reference

if TYPE_CHECKING:
    from buildkit.compare.comparison import Json


def evaluate(objects: Sequence[MarkedObject], values: Mapping[str, Any], namespace: str) -> list[dict[str, Json]]:
    """Give the objects of one profile as they must be rendered.

    Args:
        objects: the profile's.
        values: what is set, nested as in `values.yaml`; what is left out is not set.
        namespace: the release's.
    """
    standing = [one for one in objects if all(_holds(condition, values) for condition in one.conditions)]
    scene = _Scene(values=values, namespace=namespace, objects={(one.key[1], one.key[3]): one for one in objects})
    return [cast("dict[str, Json]", scene.tree(one.body)) for one in standing]


def lookup(values: Mapping[str, Any], path: str) -> Any:
    """Give what stands at a dotted path; None where nothing does."""
    value: Any = values
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def is_set(value: object) -> bool:
    """Tell whether a value counts: null, an empty text, list or mapping do not; 0 and false do."""
    return not (value is None or value == "" or value == [] or value == {})  # noqa: PLC1901  # 0 is not empty


def image_reference(values: Mapping[str, Any], name: str, reference: str) -> str:
    """Give an image reference with what is set put into it.

    Registry and repository replace their part; a tag drops the digest that was there, a digest keeps the tag.
    """
    own = {part: lookup(values, f"images.{name}.{part}") for part in ("registry", "repository", "tag", "digest")}
    registry = own["registry"] or lookup(values, "global.imageRegistry")
    if not any((registry, own["repository"], own["tag"], own["digest"])):
        return reference
    known = parse_reference(reference)
    host = "" if known.registry == DOCKER_HUB and not reference.startswith(DOCKER_HUB) else known.registry
    repository = known.repository if host or registry else known.repository.removeprefix("library/")
    tag = own["tag"] or known.tag
    digest = own["digest"] or (None if own["tag"] else known.digest)
    head = "/".join(part for part in (registry or host, own["repository"] or repository) if part)
    return head + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    value = lookup(values, condition.value)
    if condition.test == "unless":
        return not is_set(value)
    if condition.test == "exists":
        return value is None or bool(value)
    if condition.test == "enabled":
        return value is not False
    return bool(value)


@dataclass
class _Scene:
    values: Mapping[str, Any]
    namespace: str
    objects: Mapping[tuple[str, str], MarkedObject]
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def tree(self, tree: Tree) -> Json | Absent:
        if isinstance(tree, Text):
            return "".join(self._piece(piece) for piece in tree.pieces)
        if isinstance(tree, Setting):
            said = [value for path in tree.value if is_set(value := lookup(self.values, path))]
            return said[0] if said else ABSENT if tree.default is ABSENT else self.tree(cast("Tree", tree.default))
        if isinstance(tree, Extended):
            more = lookup(self.values, tree.value) or []
            items = [self.tree(one) for one in tree.items]
            items += [{tree.key: one} for one in more] if tree.key else more
            return cast("Json", items) if items else ABSENT
        if isinstance(tree, When):
            return self.tree(tree.tree) if lookup(self.values, tree.value) else ABSENT
        if isinstance(tree, Choice):
            raise TypeError("a union is no profile's tree")
        if isinstance(tree, Mapping):
            found = ((key, self.tree(value)) for key, value in tree.items())
            return cast("Json", {key: value for key, value in found if value is not ABSENT})
        if isinstance(tree, Sequence) and not isinstance(tree, str):
            return cast("Json", [value for one in tree if (value := self.tree(one)) is not ABSENT])
        return tree

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, Namespace):
            return self.namespace
        if isinstance(piece, Image):
            return image_reference(self.values, piece.name, piece.reference)
        if isinstance(piece, Word):
            value = lookup(self.values, piece.value)
            text = _written(value) if is_set(value) else piece.default
            return base64.b64encode(text.encode()).decode() if piece.encoded else text
        if isinstance(piece, Hashed):
            return self._hashed(piece)
        return piece

    def _hashed(self, piece: Hashed) -> str:
        key = (piece.kind, piece.stem)
        if key not in self.names:
            body = self.objects[key].body
            held = {name: self.tree(part) for name, part in body.items() if name != "metadata"}
            self.names[key] = hashed_name(cast("dict[str, Json]", held), piece.stem)
        return self.names[key]

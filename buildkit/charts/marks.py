"""What stands in an object where a value reaches it: marks in a tree of plain JSON values.

A marked tree is JSON (dict, list, scalars) whose leaves may also be the marks below. `evaluation` says what it is for
some values, `writing` gives the template that says the same to helm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from buildkit.charts.spec import Kind
from buildkit.compare.comparison import ABSENT, Absent


@dataclass(frozen=True, slots=True)
class Namespace:
    """The release's namespace."""

    default: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image reference: `name` below `images`, and the reference as Kustomize has it."""

    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Word:
    """The text of a value, `default` while it is not set; that may name the namespace (`Text`)."""

    value: str
    kind: Kind
    default: str | Text


@dataclass(frozen=True, slots=True)
class Hashed:
    """The name of a generated ConfigMap or Secret: `stem`, a dash and the hash of what it holds.

    `default` is the name with no value set, in one profile; in another one it is the same name all the same.
    `namespace` is the object's, as Kustomize has it.
    """

    kind: str
    stem: str
    default: str = field(compare=False)
    namespace: str = ""


Piece = str | Namespace | Image | Word | Hashed


@dataclass(frozen=True, slots=True)
class Text:
    """A string with marks in it; two literal pieces never stand next to each other.

    In a Secret's `data` it is `encoded`: what stands there is its base64.
    """

    pieces: tuple[Piece, ...]
    encoded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A whole value: what is set, else `default`; ABSENT there: the key stands only once it is set.

    `value` may be several, the first that is set counts (a workload's own before the global one).
    """

    value: tuple[str, ...]
    kind: Kind
    default: Tree | Absent


@dataclass(frozen=True, slots=True, eq=False)
class Extended:
    """A list with more elements behind its own: those of an array value, wrapped by `key` where it holds texts.

    Without elements of its own and with none set, `empty` stands there: nothing, or what Kustomize has (`[]`, null).
    What is named like one of its own is refused; of `key`s left out, as it is there already.
    """

    value: str
    items: tuple[Tree, ...]
    key: str = ""
    empty: Tree | Absent = ABSENT


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What the profiles have there; only in the union. Those that none of the variants name have nothing."""

    variants: tuple[tuple[frozenset[str], Tree], ...]


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """A key that stands only while a boolean value is on (annotations of what is kept)."""

    value: str
    tree: Tree


# `(group, kind, namespace, name)` of an object: the namespace as Kustomize has it, the name without a hash.
Key = tuple[str, str, str, str]
Mark = Text | Setting | Extended | Choice | When
Tree = Union[Mapping[str, "Tree"], Sequence["Tree"], str, int, float, bool, None, Mark]  # noqa: UP007  # it names itself


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether an object stands: while `value` is on (`is`), or while it is not set (`unless`).

    `exists`: while `namespace.create` is on, or not said and the profile has it.
    """

    value: str
    test: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MarkedObject:
    """An object of one profile.

    Attributes:
        key: by which it is one object in all profiles.
        body: the marked tree.
        conditions: all of them have to hold.
    """

    key: Key
    body: Mapping[str, Tree]
    conditions: tuple[Condition, ...] = ()


__all__ = [
    "ABSENT",
    "Absent",
    "Choice",
    "Condition",
    "Extended",
    "Hashed",
    "Image",
    "Key",
    "Mark",
    "MarkedObject",
    "Namespace",
    "Piece",
    "Setting",
    "Text",
    "Tree",
    "When",
    "Word",
]

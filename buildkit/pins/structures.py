"""The scalars of a file and of the texts in them, each with what stands around it.

A text is YAML or JSON where it parses, and read line by line where it does not (scripts, ini, templates).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Branch, Leaf, Node, compose, leaf_text
from buildkit.model.documents import DocumentError, parse_value, split_documents
from buildkit.model.reference import Reference, is_tag
from buildkit.pins.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


_SEPARATOR: Final = re.compile(r"---[ \t]*|\.\.\.[^\n]*")
_DEEPEST: Final = 4  # texts in texts in texts
_MERGED: Final = 200
_ACTION: Final = re.compile(r"\{\{[^{}]{0,1000}\}\}")
_LONGEST: Final = 4 * 1024 * 1024  # of a text in a value that is read as YAML
_EXAMPLE: Final = "_example"
_CHART: Final = re.compile(r".*?-(v?\d.*)")
_LABELS: Final = ("app.kubernetes.io/version", "version", "helm.sh/chart")
_LONGEST_LABEL: Final = 63  # Kubernetes' own limit
Step = str | int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Around:
    """What a document stands in: `example` tells that it is one, `object` the object whose text it is."""

    example: bool = False
    object: Branch | None = None
    depth: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A YAML document with the text that its places count in.

    `beside` keeps what the keys of a mapping make together, by the mapping and its keys' paths.
    """

    text: Text
    root: Node
    around: Around
    beside: dict[int, dict[str, tuple[Reference, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Spot:
    """A scalar value.

    Attributes:
        document: where it stands.
        path: keys and indices from the document's root to it.
        leaf: the scalar; `key` its key, None in a list.
        holder: the mapping or list that it is an element of.
        object: the Kubernetes object around it, None where there is none.
        example: whether it is one by what it is filed under.
    """

    document: Document
    path: tuple[Step, ...]
    leaf: Leaf
    key: Leaf | None
    holder: Branch
    object: Branch | None
    example: bool

    def text(self) -> Text:
        return self.document.text.scalar(self.leaf)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lines:
    """A text that is no structure."""

    text: Text
    around: Around


class Documents:
    """The documents of a text, each parsed when it is first wanted."""

    def __init__(self, text: Text, around: Around) -> None:
        self.text, self.around = text, around
        self._roots: dict[int, Node | None] = {}

    @cached_property
    def _bodies(self) -> list[tuple[int, str]]:
        """Where each document begins, and its text."""
        try:
            rows = _Rows(self.text.text)
            return [(rows.start(line, body), body) for line, body in split_documents(self.text.text)]
        except DocumentError:
            return []

    def holding(self, wanted: Callable[[str], bool]) -> Iterator[Document | Lines]:
        """Yield the documents that hold what is wanted, as lines where they do not parse."""
        for start, body in self._bodies:
            if not wanted(body):
                continue
            if start not in self._roots:
                self._roots[start] = _root(body)
            root = self._roots[start]
            part = self.text.part(start, start + len(body))
            if isinstance(root, Branch):
                yield Document(text=part, root=root, around=self.around)
            else:
                yield Lines(text=part, around=self.around)


def _root(body: str) -> Node | None:
    """The YAML of a document, None where it does not parse to its end."""
    try:
        if body.lstrip()[:1] in {"[", "{"}:  # `[section]` of an ini file is a list, and what follows none of its
            parse_value(body)
        return compose(body)
    except DocumentError:
        return None


def without_actions(part: Lines) -> Document | None:
    """A template read as YAML with blanks for its actions, so that places stay; None where even that does not parse.

    What is read may be there under a condition only: to be told, not to be edited.
    """
    text = part.text.text
    if "{{" not in text or len(text) > _LONGEST:
        return None
    bare = _ACTION.sub(_blank, text)
    root = _root(bare)
    return (
        Document(text=Text(bare, part.text.runs), root=root, around=part.around) if isinstance(root, Branch) else None
    )


def _blank(action: re.Match[str]) -> str:
    """As many characters: blanks for an action that has its rows for itself, a word for one in a value."""
    row = action.string.rfind("\n", 0, action.start()) + 1
    end = action.string.find("\n", action.end())
    rest = action.string[action.end() : end if end >= 0 else len(action.string)]
    alone = not action.string[row : action.start()].strip() and not rest.strip()
    return re.sub(r"[^\n]", " " if alone or "\n" in action[0] else "x", action[0])


class _Rows:
    """Where rows begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line, self.at = 1, 1 if text.startswith("\ufeff") else 0

    def start(self, line: int, body: str) -> int:
        """Where a document begins whose first row is `line`; lines are asked for in order."""
        while self.line < line:
            self.at = self.text.index("\n", self.at) + 1
            self.line += 1
        if self.text.startswith(body, self.at):
            return self.at
        match = _SEPARATOR.match(self.text, self.at)
        return match.end() if match else self.at


@dataclass(slots=True, eq=False)
class _At:
    node: Node
    path: tuple[Step, ...]
    key: Leaf | None
    holder: Branch | None
    object: Branch | None
    example: bool


def spots(document: Document) -> Iterator[Spot]:
    """Every scalar value of a document, in order; one that aliases repeat once at each place that holds it."""
    around = document.around
    stack = [_At(document.root, (), None, None, around.object, around.example)]
    seen: set[int] = set()
    while stack:
        top = stack.pop()
        if isinstance(top.node, Leaf):
            if top.holder is not None:
                yield Spot(
                    document=document,
                    path=top.path,
                    leaf=top.node,
                    key=top.key,
                    holder=top.holder,
                    object=top.object,
                    example=top.example,
                )
        elif id(top.node) not in seen:
            seen.add(id(top.node))
            stack.extend(reversed(list(_children(top, top.node))))


def _children(top: _At, branch: Branch) -> Iterator[_At]:
    if not branch.is_map:
        for index, value in enumerate(branch.values):
            yield _At(value, (*top.path, index), None, branch, top.object, top.example)
        return
    known = branch if branch.get("kind") is not None and branch.get("metadata") is not None else top.object
    for key, value in zip(branch.keys, branch.values, strict=True):
        yield _At(value, (*top.path, key.text), key, branch, known, top.example or key.text == _EXAMPLE)
    for key, value in _merged(branch):
        if isinstance(value, Leaf):
            yield _At(value, (*top.path, key.text), key, branch, known, top.example)


def _merged(branch: Branch) -> Iterator[tuple[Leaf, Node]]:
    """What merge keys (`<<`) bring in, the first hundreds of it."""
    merge = branch.get("<<")
    if merge is None:
        return
    own = {key.text for key in branch.keys}
    sources = merge.values if isinstance(merge, Branch) and not merge.is_map else [merge]
    for source in sources[:_MERGED]:
        if isinstance(source, Branch) and source.is_map:
            for key, value in list(zip(source.keys, source.values, strict=True))[:_MERGED]:
                if key.text not in own:
                    own.add(key.text)
                    yield key, value


def texts_of(holder: Branch) -> Mapping[str, str]:
    """The scalars of a mapping, merge keys followed."""
    own = {key.text: one.text for key, one in _merged(holder) if isinstance(one, Leaf)}
    pairs = zip(holder.keys, holder.values, strict=True) if holder.is_map else ()
    return own | {key.text: one.text for key, one in pairs if isinstance(one, Leaf)}


def inner(spot: Spot, text: Text, wanted: Callable[[str], bool]) -> Iterator[Document | Lines]:
    """Yield the documents of the text in a value; the value itself as lines where it has several."""
    around = Around(example=spot.example, object=spot.object, depth=spot.document.around.depth + 1)
    if around.depth < _DEEPEST and len(text.text) < _LONGEST:
        yield from Documents(text, around).holding(wanted)
    else:
        yield Lines(text=text, around=around)


def is_object(document: Document) -> bool:
    """Whether a document is a Kubernetes object."""
    root = document.root
    return isinstance(root, Branch) and {"apiVersion", "kind"} <= {key.text for key in root.keys}


def is_structured(text: str) -> bool:
    """Whether a value may be a text with a structure of its own."""
    return "\n" in text.strip() or text.lstrip()[:1] in {"{", "["}


def versions_of(holder: Branch | None) -> tuple[str, ...]:
    """The tags that an object's version labels speak of, with and without `v`."""
    found: list[str] = []
    for label in _LABELS:
        text = leaf_text(holder, "metadata", "labels", label) or ""
        if label == "helm.sh/chart":
            match = _CHART.fullmatch(text) if len(text) <= _LONGEST_LABEL else None
            text = match[1] if match else ""
        if text:
            found += [text, text[1:] if text[0] == "v" else f"v{text}"]
    return tuple(dict.fromkeys(one for one in found if is_tag(one)))

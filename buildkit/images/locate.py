"""Where a value stands: YAML read as a tree that keeps the line, the span and the text of every scalar.

Built on libyaml's events with a stack of our own, so depth costs no C stack; an alias is its anchor's node, never a
copy, so an alias bomb costs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml

from buildkit.model.documents import MAX_DEPTH, DocumentError

if TYPE_CHECKING:
    from buildkit.model.resource import Value

Step = str | int
MAX_NODES: Final = 3_000_000
_STEP: Final = re.compile(r'\.?(?P<key>[^.\[\]"|]+)|\[(?P<index>-?[0-9]+)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]')


@dataclass(slots=True, eq=False)
class Leaf:
    """A scalar. `line` is where it begins, `last` where it ends; `block` tells `|` and `>`, whose text begins below.

    `start` and `end` count code points from the start of the text that was read.
    """

    text: str
    line: int
    last: int
    block: bool
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Branch:
    """A mapping (`keys` and `values` side by side) or a sequence (`keys` is empty)."""

    is_map: bool
    line: int
    keys: list[Leaf] = field(default_factory=list)
    values: list[Node] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        for name, value in zip(self.keys, self.values, strict=True):
            if name.text == key:
                return value
        return None


Node = Leaf | Branch


def compose(text: str, *, line: int = 1) -> Node | None:
    """Read the first document of a text; `line` is the number of the text's first line.

    Raises:
        DocumentError: YAML that does not parse, or is nested deeper or larger than we read.
    """
    offset = 1 if text.startswith("\ufeff") else 0
    try:
        return _Composer(line, offset).read(yaml.parse(text[offset:], Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        raise DocumentError(str(problem), line=(mark.line if mark else 0) + line) from None
    except UnicodeEncodeError:
        raise DocumentError("a lone surrogate, which no encoding of Unicode has", line=line) from None


class _Composer:
    def __init__(self, line: int, offset: int) -> None:
        self.first, self.offset = line, offset
        self.stack: list[Branch] = []
        self.pending: list[Leaf | None] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.count = 0

    def read(self, events: Iterator[yaml.Event]) -> Node | None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._put(self._leaf(event), event.anchor)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
                self.pending.pop()
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self.anchors:
                    raise DocumentError(f"no anchor {event.anchor!r} before its alias", line=self._line(event))
                self._put(self.anchors[event.anchor], None)
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        return self.root

    def _line(self, event: yaml.Event) -> int:
        return self.first + (event.start_mark.line if event.start_mark else 0)

    def _leaf(self, event: yaml.ScalarEvent) -> Leaf:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            raise AssertionError  # libyaml marks every scalar
        block = event.style in {"|", ">"}
        # A block scalar's end mark stands on the line after it.
        last = max(start.line, end.line - 1) if block else end.line
        return Leaf(
            text=event.value,
            line=self.first + start.line,
            last=self.first + last,
            block=block,
            start=start.index + self.offset,
            end=end.index + self.offset,
        )

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", line=self._line(event))
        branch = Branch(is_map=isinstance(event, yaml.MappingStartEvent), line=self._line(event))
        self._put(branch, event.anchor)
        self.stack.append(branch)
        self.pending.append(None)

    def _put(self, node: Node, anchor: str | None) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise DocumentError(f"more than {MAX_NODES} values", line=node.line)
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.is_map:
            top.values.append(node)
        elif (key := self.pending[-1]) is None:
            self.pending[-1] = node if isinstance(node, Leaf) else Leaf("?", node.line, node.line, False, 0, 0)  # noqa: FBT003
        else:
            top.keys.append(key)
            top.values.append(node)
            self.pending[-1] = None


def parse_path(path: str) -> tuple[Step, ...]:
    """Read `spec.containers[0].image`, `data["a.b"]` into steps; what follows ` | ` is not read."""
    steps: list[Step] = []
    position = 0
    head = outer_path(path)
    while position < len(head):
        match = _STEP.match(head, position)
        if match is None:
            return ()
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        else:
            steps.append(match["key"])
        position = match.end()
    return tuple(steps)


def outer_path(path: str) -> str:
    """The part of a path that stands in the object itself, outside embedded text."""
    return path.partition(" | ")[0]


def inner_paths(path: str) -> tuple[str, ...]:
    """What follows in embedded text, one path a level."""
    return tuple(path.split(" | ")[1:])


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedStep:
    """A step into a list whose elements have names: merging reorders lists, names stay."""

    index: int
    name: str


def name_steps(body: Value, steps: Sequence[Step]) -> tuple[Step | NamedStep, ...]:
    """Steps of a rendered object with list elements told by their `name` where they have one."""
    named: list[Step | NamedStep] = []
    value: Value = body
    for step in steps:
        nxt = _child(value, step)
        name = nxt.get("name") if isinstance(nxt, Mapping) and isinstance(step, int) else None
        named.append(NamedStep(index=int(step), name=name) if isinstance(name, str) else step)
        value = nxt
    return tuple(named)


def _child(value: Value, step: Step) -> Value:
    if isinstance(value, Mapping) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, Sequence) and not isinstance(value, str) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def walk(node: Node | None, steps: Sequence[Step | NamedStep]) -> Node | None:
    """The node at a path, `<<` merge keys followed; None where there is none."""
    for step in steps:
        if not isinstance(node, Branch):
            return None
        node = _in_map(node, step) if node.is_map else _in_list(node, step)
        if node is None:
            return None
    return node


def _in_map(node: Branch, step: Step | NamedStep) -> Node | None:
    if not isinstance(step, str):
        return None
    found = node.get(step)
    if found is not None:
        return found
    merged = node.get("<<")
    for source in merged.values if isinstance(merged, Branch) and not merged.is_map else [merged]:
        if isinstance(source, Branch) and source.is_map and source is not node:
            found = source.get(step)
            if found is not None:
                return found
    return None


def _in_list(node: Branch, step: Step | NamedStep) -> Node | None:
    if isinstance(step, NamedStep):
        for value in node.values:
            if leaf_text(value, "name") == step.name:
                return value
        # An element without a name: what a patch or a generator names only later.
        if step.index < len(node.values) and leaf_text(node.values[step.index], "name") is None:
            return node.values[step.index]
        return None
    if isinstance(step, int) and -len(node.values) <= step < len(node.values):
        return node.values[step]
    return None


def leaf_text(node: Node | None, *keys: str) -> str | None:
    """The text of a scalar below mappings, None where there is none."""
    leaf = walk(node, keys)
    return leaf.text if isinstance(leaf, Leaf) else None


def leaves(node: Node | None) -> Iterator[Leaf]:
    """Every scalar value (no keys) in document order; an alias counts where it is used, each node once."""
    seen: set[int] = set()
    stack: list[Node | None] = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, Leaf):
            yield top
        elif isinstance(top, Branch) and id(top) not in seen:
            seen.add(id(top))
            stack.extend(reversed(top.values))


def line_in(leaf: Leaf, lines: Sequence[str], needle: str, occurrence: int = 0) -> int | None:
    """The line (from 1) of the n-th occurrence of a text in a scalar's source lines; None where it cannot be told.

    Args:
        leaf: the scalar.
        lines: all lines of its file.
        needle: what to look for.
        occurrence: which one, from 0; the last one where there are fewer.
    """
    first = leaf.line + 1 if leaf.block else leaf.line
    found: list[int] = []
    for number in range(first, leaf.last + 1):
        if number <= len(lines):
            found.extend([number] * count_whole(lines[number - 1], needle))
    return found[min(occurrence, len(found) - 1)] if found else None


def count_whole(text: str, needle: str) -> int:
    """How often a text stands in another without being part of a longer reference, tag or name."""
    return len(whole(needle).findall(text)) if needle in text else 0


def whole(needle: str) -> re.Pattern[str]:
    before = r"(?<![A-Za-z0-9_/.@-])" if needle[:1].isalnum() else ""
    after = r"(?![A-Za-z0-9_@-]|[./:][A-Za-z0-9])" if needle[-1:].isalnum() else ""
    return re.compile(before + re.escape(needle) + after)

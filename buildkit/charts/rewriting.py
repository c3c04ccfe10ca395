"""Walking a marked tree: its strings rewritten where they stand, everything else kept as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from buildkit.charts.marks import Absent, Extended, Image, Piece, Setting, Text, Tree, When

Step = str | int
Steps = tuple[Step, ...]
# Of a literal piece of text: `(start, end, mark)` in order, without overlaps.
Spans = Iterable[tuple[int, int, Piece]]


def rewrite(tree: Tree, change: Callable[[Steps, str | Text], Tree], steps: Steps = ()) -> Tree:
    """Give the tree with every string replaced by what `change` says; parts in which nothing changes stay the same."""
    if isinstance(tree, str | Text):
        return change(steps, tree)
    if isinstance(tree, Mapping):
        changed = {key: rewrite(value, change, (*steps, key)) for key, value in tree.items()}
        return tree if all(changed[key] is value for key, value in tree.items()) else changed
    if isinstance(tree, Sequence):
        items = [rewrite(value, change, (*steps, index)) for index, value in enumerate(tree)]
        return tree if all(a is b for a, b in zip(items, tree, strict=True)) else items
    return _within(tree, change, steps)


def _within(tree: Tree, change: Callable[[Steps, str | Text], Tree], steps: Steps) -> Tree:
    """Rewrite what a mark holds, which stands where the mark does."""
    if isinstance(tree, Setting):
        default = tree.default
        return tree if isinstance(default, Absent) else replace(tree, default=rewrite(default, change, steps))
    if isinstance(tree, Extended):
        items = [rewrite(value, change, (*steps, index)) for index, value in enumerate(tree.items)]
        return replace(tree, items=tuple(items))
    if isinstance(tree, When):
        return replace(tree, tree=rewrite(tree.tree, change, steps))
    return tree


def mark_text(leaf: str | Text, find: Callable[[str], Spans]) -> str | Text:
    """Put marks into the literal pieces of a string."""
    pieces = leaf.pieces if isinstance(leaf, Text) else (leaf,)
    found: list[Piece] = []
    for piece in pieces:
        found += _marked(piece, find(piece)) if isinstance(piece, str) else [piece]
    if tuple(found) == pieces:
        return leaf
    return _with(leaf, found)


def mark_whole(leaf: str | Text, spans: Spans) -> str | Text:
    """Put marks into a string where `spans` of its `plain_text` say; what has a mark already keeps it."""
    pieces = leaf.pieces if isinstance(leaf, Text) else (leaf,)
    wanted = list(spans)
    found: list[Piece] = []
    start = 0
    for piece in pieces:
        end = start + len(plain_piece(piece))
        inner = [
            (a - start, b - start, mark) for a, b, mark in wanted if isinstance(piece, str) and start <= a and b <= end
        ]
        found += _marked(piece, inner) if inner and isinstance(piece, str) else [piece]
        start = end
    return leaf if tuple(found) == pieces else _with(leaf, found)


def _with(leaf: str | Text, pieces: Iterable[Piece]) -> Text:
    kept = tuple(piece for piece in pieces if piece != "")
    return replace(leaf, pieces=kept) if isinstance(leaf, Text) else Text(kept)


def plain_text(leaf: str | Text) -> str:
    """A string as it is with no value set."""
    return leaf if isinstance(leaf, str) else "".join(map(plain_piece, leaf.pieces))


def plain_piece(piece: Piece) -> str:
    """The same of a part of one; of a Secret's data, what it decodes to."""
    if isinstance(piece, str):
        return piece
    return piece.reference if isinstance(piece, Image) else plain_text(piece.default)


def _marked(piece: str, spans: Spans) -> list[Piece]:
    found: list[Piece] = []
    end = 0
    for start, stop, mark in spans:
        found += [piece[end:start], mark]
        end = stop
    return [*found, piece[end:]]


def replace_at(tree: Tree, steps: Steps, change: Callable[[Tree], Tree]) -> Tree:
    """Give the tree with the part at a path replaced; what is not there stays so."""
    if not steps:
        return change(tree)
    first, rest = steps[0], steps[1:]
    if isinstance(tree, Mapping) and first in tree:
        return {**tree, cast("str", first): replace_at(tree[cast("str", first)], rest, change)}
    if isinstance(tree, list) and isinstance(first, int) and first < len(tree):
        return [*tree[:first], replace_at(tree[first], rest, change), *tree[first + 1 :]]
    if isinstance(tree, Extended) and isinstance(first, int) and first < len(tree.items):
        items = (*tree.items[:first], replace_at(tree.items[first], rest, change), *tree.items[first + 1 :])
        return replace(tree, items=items)
    return tree


def tree_at(tree: Tree, steps: Steps) -> Tree:
    """Give the part at a path; None where nothing is there."""
    for step in steps:
        if isinstance(tree, Mapping):
            tree = tree.get(cast("str", step))
        elif isinstance(tree, Sequence) and not isinstance(tree, str) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree

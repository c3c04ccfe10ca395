"""What the specification names, put where it says: values into places, objects left out, transforms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from buildkit.charts.marks import ABSENT, Key, Setting, Text, Tree, Word
from buildkit.charts.rewriting import Steps, mark_whole, plain_text, replace_at, rewrite, tree_at
from buildkit.charts.secrets import decoded
from buildkit.charts.spec_words import ADDED
from buildkit.charts.spots import find_paths, object_matches, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.spec import ChartSpec, SpecValue, Spot


class Placing:
    """Puts a specification's values into objects, and remembers which places it never met."""

    def __init__(self, spec: ChartSpec) -> None:
        self.spec = spec
        self.met: set[object] = set()

    def place(self, key: Key, body: Mapping[str, Tree]) -> Mapping[str, Tree]:
        """Put in every value that has a place in this object."""
        for value in self.spec.values:
            for spot in value.at:
                if object_matches(spot.object, key):
                    body = self._put(value, spot, key, body)
        return body

    def drop(self, key: Key, body: Mapping[str, Tree]) -> Mapping[str, Tree]:
        """Leave out what declared transforms leave out: only what is empty, so that nothing is lost."""
        for one in self.spec.accepted:
            if one.drop and object_matches(one.object, key):
                empty = [steps for steps in find_paths(body, one.path) if tree_at(body, steps) in ([], {})]
                for steps in reversed(empty):
                    body = cast("Mapping[str, Tree]", replace_at(body, steps[:-1], partial(_lacking, steps[-1])))
        return body

    def omitting(self, key: Key) -> Iterator[str]:
        """Yield the values that leave the object out once they are set."""
        for value in self.spec.values:
            for glob in value.omits:
                if object_matches(glob, key):
                    self.met.add((value.name, glob))
                    yield value.name

    def unplaced(self) -> Iterator[tuple[str, int]]:
        """Yield `(message, line)` of each place that no profile has."""
        for value in self.spec.values:
            some = any((value.name, one) in self.met for one in (*value.at, *value.omits))
            if value.optional and some:
                continue
            hint = "; `optional: true` lets a release lack it" if some else ""
            for spot in value.at:
                if (value.name, spot) not in self.met:
                    what = f" `{spot.text}`" if spot.text else ""
                    where = f"{spot.path or 'anywhere'} in {spot.object}"
                    yield f"{value.name}: no profile has{what} {where}{hint}", value.line
            for glob in value.omits:
                if (value.name, glob) not in self.met:
                    yield f"{value.name}: no profile has an object {glob}{hint}", value.line

    def _put(self, value: SpecValue, spot: Spot, key: Key, body: Mapping[str, Tree]) -> Mapping[str, Tree]:
        if spot.text:
            return self._put_words(value, spot, body)
        if spot.path.endswith(ADDED):
            return self._add(value, spot, body)
        for steps in list(find_paths(body, spot.path)):
            known = tree_at(body, steps)
            put = (_encoded if key[:2] == ("", "Secret") and steps[:1] == ("data",) else _whole)(value, known)
            if put is not known:
                self.met.add((value.name, spot))
                body = cast("Mapping[str, Tree]", replace_at(body, steps, partial(_instead, put)))
        return body

    def _add(self, value: SpecValue, spot: Spot, body: Mapping[str, Tree]) -> Mapping[str, Tree]:
        """Put in a key that stands only once the value is set, where it does not stand yet."""
        head, _, last = spot.path.removesuffix(ADDED).rpartition(".")
        for steps in list(find_paths(body, head)):
            holder = tree_at(body, steps)
            if isinstance(holder, Mapping) and last not in holder:
                put = {**holder, last: Setting((value.name,), value.kind, ABSENT)}
                body = cast("Mapping[str, Tree]", replace_at(body, steps, partial(_instead, put)))
                self.met.add((value.name, spot))
        return body

    def _put_words(self, value: SpecValue, spot: Spot, body: Mapping[str, Tree]) -> Mapping[str, Tree]:
        def change(_: Steps, leaf: str | Text) -> Tree:
            found = spans(plain_text(leaf), spot)
            changed = mark_whole(leaf, ((a, b, Word(value.name, value.kind, spot.text)) for a, b in found))
            if changed is not leaf:
                self.met.add((value.name, spot))
            return changed

        for steps in list(find_paths(body, spot.path)) if spot.path else [()]:
            body = cast("Mapping[str, Tree]", replace_at(body, steps, lambda tree: rewrite(tree, change)))
        return body


def _whole(value: SpecValue, tree: Tree) -> Tree:
    if isinstance(tree, str) and value.kind != "string":
        return Text((Word(value.name, value.kind, tree),))
    return Setting((value.name,), value.kind, tree)


def _encoded(value: SpecValue, tree: Tree) -> Tree:
    """A value in a Secret's data, which is base64; what does not read as such stays."""
    known = plain_text(tree) if isinstance(tree, Text) else decoded(tree)
    return tree if known is None else Text((Word(value.name, value.kind, known),), encoded=True)


def _instead(put: Tree, _: Tree) -> Tree:
    return put


def _lacking(last: str | int, tree: Tree) -> Tree:
    if isinstance(tree, Mapping):
        return {key: value for key, value in tree.items() if key != last}
    return [value for index, value in enumerate(cast("list[Tree]", tree)) if index != last]

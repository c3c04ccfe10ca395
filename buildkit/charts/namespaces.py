"""Which places follow the release's namespace: fields by what they are, text by what the specification says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from buildkit.charts.kept import mark_kept
from buildkit.charts.marks import Condition, Key, MarkedObject, Namespace, Piece, Text, Tree, Word
from buildkit.charts.rewriting import Steps, mark_text, plain_piece, plain_text, replace_at, rewrite, tree_at
from buildkit.charts.spec import NamespaceText
from buildkit.charts.spots import object_matches, path_matches, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACEHOLDER: Final = "{namespace}"
CREATE: Final = "namespace.create"
_SHOWN: Final = 30
_SERVICE: Final = ("clientConfig", "service", "namespace")


@dataclass(kw_only=True)
class NamespaceMarker:
    """Marks one namespace.

    Attributes:
        namespace: the name.
        rules: how text is read; of those that fit, the one with the longest text counts.
        unsaid: `(object, path, text)` of occurrences that no rule covers.
        used: rules that covered something.
    """

    namespace: str
    rules: tuple[NamespaceText, ...]
    unsaid: set[tuple[str, str, str]] = field(default_factory=set)
    used: set[NamespaceText] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._word = word_of(self.namespace)
        self._ordered = sorted(self.rules, key=lambda rule: -len(rule.text))

    def mark(self, key: Key, body: Mapping[str, Tree], *, described: bool = False) -> Mapping[str, Tree]:
        """Mark an object; of a definition (`described`) only annotations and labels are read as text."""
        for steps in _fields(key, body):
            if tree_at(body, steps) == self.namespace:
                body = cast("Mapping[str, Tree]", replace_at(body, steps, lambda _: self._whole()))

        def change(steps: Steps, leaf: str | Text) -> Tree:
            if steps in _IDENTITY:
                return leaf
            return self._text(key, steps, leaf) if isinstance(leaf, Text) else self._leaf(key, steps, leaf)

        if described:
            for steps in (("metadata", part) for part in ("annotations", "labels")):
                change_part = partial(rewrite, change=change, steps=steps)
                body = cast("Mapping[str, Tree]", replace_at(body, steps, change_part))
            return body
        return cast("Mapping[str, Tree]", rewrite(body, change))

    def named(self, text: str) -> bool:
        """Tell whether a text names the namespace."""
        return self._word.search(text) is not None

    def _leaf(self, key: Key, steps: Steps, leaf: str) -> str | Text:
        return mark_text(leaf, lambda piece: self._spans(key, steps, piece, (0, len(piece))))

    def _text(self, key: Key, steps: Steps, text: Text) -> Text:
        """Mark what has marks already, in the literal pieces and in what stands in the place of values not set."""
        whole = plain_text(text)
        pieces: list[Piece] = []
        start = 0
        for piece in text.pieces:
            end = start + len(plain_piece(piece))
            said = piece.default if isinstance(piece, Word) else piece
            if isinstance(said, str):
                found = [(a - start, b - start, mark) for a, b, mark in self._spans(key, steps, whole, (start, end))]
                marked = mark_text(said, lambda _, found=found: found)  # type: ignore[misc]
                pieces += _put_back(piece, marked)
            else:
                pieces.append(piece)
            start = end
        return replace(text, pieces=tuple(pieces))

    def _whole(self) -> Text:
        return Text((Namespace(self.namespace),))

    def _spans(
        self, key: Key, steps: Steps, text: str, within: tuple[int, int]
    ) -> Iterator[tuple[int, int, Namespace]]:
        """Find what follows in a part of a text; the rules see all of it."""
        start, end = within
        if self.namespace not in text[start:end]:
            return
        for found in self._word.finditer(text, start):
            if found.end() > end:
                return
            rule = next((one for one in self._ordered if self._covers(one, key, steps, found)), None)
            if rule is None:
                around = text[max(0, found.start() - _SHOWN) : found.end() + _SHOWN]
                self.unsaid.add((shown_key(key), path_text(steps), " ".join(around.split())))
                continue
            self.used.add(rule)
            if rule.follow:
                yield found.start(), found.end(), Namespace(self.namespace)

    @staticmethod
    def _covers(rule: NamespaceText, key: Key, steps: Steps, found: re.Match[str]) -> bool:
        before, _, after = rule.text.partition(PLACEHOLDER)
        text = found.string
        if not (before or after or text == found[0] or rule.path):
            return False
        start = found.start() - len(before)
        fits = start >= 0 and text.startswith(before, start) and text.startswith(after, found.end())
        return fits and object_matches(rule.object, key) and (not rule.path or path_matches(rule.path, steps))


def _put_back(piece: Piece, marked: str | Text) -> tuple[Piece, ...]:
    if isinstance(piece, Word):
        return (replace(piece, default=marked),)
    return marked.pieces if isinstance(marked, Text) else (marked,)


def word_of(*namespaces: str) -> re.Pattern[str]:
    """Find a namespace's name where it is a word of its own, and not a part of a longer name."""
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(map(re.escape, namespaces))})(?![A-Za-z0-9_-])")


def with_namespace(
    profiles: Mapping[str, tuple[MarkedObject, ...]], namespace: str
) -> dict[str, tuple[MarkedObject, ...]]:
    """Give every profile the release's Namespace; one for which Kustomize has none makes it only if told so."""
    key = ("", "Namespace", "", namespace)
    known = next((one for objects in profiles.values() for one in objects if one.key == key), None)
    name: Tree = Text((Namespace(namespace),))
    plain: Mapping[str, Tree] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    body = known.body if known else mark_kept(key, plain, "")
    made = MarkedObject(key=key, body=body, conditions=(Condition(CREATE, "is"),))
    return {
        profile: objects if any(one.key == key for one in objects) else (*objects, made)
        for profile, objects in profiles.items()
    }


def shown_key(key: Key) -> str:
    """Write an object's key as globs in specifications do: `group/Kind/name`."""
    return "/".join(part for part in (key[0], key[1], key[3]) if part)


_IDENTITY: Final = frozenset({("apiVersion",), ("kind",)})


def _fields(key: Key, body: Mapping[str, Tree]) -> Iterator[Steps]:
    """Yield the places where Kubernetes itself reads a namespace; the same that kustomize changes."""
    yield "metadata", "namespace"
    if key[:2] == ("", "Namespace"):
        yield "metadata", "name"
    for listed, rest in (("subjects", ("namespace",)), ("webhooks", _SERVICE)):
        items = body.get(listed)
        if isinstance(items, Sequence) and not isinstance(items, str):
            yield from ((listed, index, *rest) for index in range(len(items)))
    if key[1] == "APIService":
        yield "spec", "service", "namespace"
    if key[1] == "CustomResourceDefinition":
        yield ("spec", "conversion", "webhook", *_SERVICE)

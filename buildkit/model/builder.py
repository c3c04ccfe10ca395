"""One YAML document, event by event, into plain values; what a scalar, a key and a merge mean is the caller's to say.

libyaml's event stream, not a loader: positions come free, nesting and what aliases expand to are bounded while
reading, and a stack of its own costs no C or Python stack, however deep hostile input nests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

import yaml

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 2_000_000
_SCALAR_WEIGHT: Final = 64  # characters that count as one more value: aliases of long texts are a bomb too
_MERGE: Final = "<<"
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
V = TypeVar("V")


class DocumentError(ValueError):
    """Text that is no YAML we accept; `line` (from 1) is where."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules(Generic[V]):
    """How a document is read.

    Attributes:
        scalar: the value of a scalar; it may raise ValueError.
        key: the text of a key; it may raise ValueError.
        number: what a float becomes that is no key; it may raise ValueError.
        strict: as Kubernetes reads: a key that stands twice is an error, and `<<` takes effect where it stands, so that
            it replaces what stands before it. Otherwise what a mapping says itself wins (YAML 1.1, merge type).
    """

    scalar: Callable[[yaml.ScalarEvent], V]
    key: Callable[[V], str]
    number: Callable[[float], V]
    strict: bool = False


@dataclass(slots=True)
class _Open(Generic[V]):
    """A collection being read: `weight` counts its values, aliases written out; `key` waits for its value."""

    value: dict[str, V] | list[V]
    anchor: str | None
    weight: int = 1
    key: str | None = None
    merges: bool = False
    merged: list[V] | None = None
    inherited: set[str] | None = None


class Builder(Generic[V]):
    """Reads one document."""

    def __init__(self, rules: Rules[V]) -> None:
        self.rules = rules
        self.stack: list[_Open[V]] = []
        self.anchors: dict[str, tuple[V, int]] = {}
        self.result: V | None = None

    def read(self, text: str) -> V | None:
        """Give the document's value, None where there is none.

        Raises:
            DocumentError: no YAML, more than one document, or more of it than the bounds of this module.
        """
        try:
            # What yaml.parse does, without a step in Python for each event.
            self._events(iter(yaml.CSafeLoader(text).get_event, None))
        except yaml.YAMLError as error:
            problem, line = _told(error)
            raise DocumentError(problem, line=line) from None
        except UnicodeEncodeError:
            raise DocumentError("a lone surrogate, which no encoding of Unicode has", line=1) from None
        return self.result

    def _events(self, events: Iterator[yaml.Event]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DocumentError("more than one document", line=_line(event))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        text: str = event.value
        if text == _MERGE and self._awaits_key() and (event.implicit[0] or event.tag == _MERGE_TAG):
            self.stack[-1].key = _MERGE
            self.stack[-1].merges = True
            return
        try:
            value = self.rules.scalar(event)
        except ValueError as error:
            raise DocumentError(str(error), line=_line(event)) from None
        self._put(value, event.anchor, 1 + len(text) // _SCALAR_WEIGHT, event)

    def _awaits_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].key is None and isinstance(self.stack[-1].value, dict)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", line=_line(event))
        if event.anchor is not None:  # what contains itself has no anchor before its alias
            self.anchors.pop(event.anchor, None)
        is_map = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(value={} if is_map else [], anchor=event.anchor))

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        done = self.stack.pop()
        if isinstance(done.value, dict):
            for source in done.merged or ():
                _merge(done.value, source)
        self._put(cast("V", done.value), done.anchor, done.weight, event)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self.anchors:
            raise DocumentError(f"no anchor {event.anchor!r} before its alias", line=_line(event))
        value, weight = self.anchors[event.anchor]
        if weight + sum(one.weight for one in self.stack) > MAX_VALUES:
            raise DocumentError(f"more than {MAX_VALUES} values, aliases written out", line=_line(event))
        self._put(value, None, weight, event)

    def _put(self, value: V, anchor: str | None, weight: int, event: yaml.Event) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, weight)
        if not self.stack:
            self.result = self._number(value, event) if isinstance(value, float) else value
            return
        top = self.stack[-1]
        top.weight += weight
        target = top.value
        if isinstance(target, list):
            target.append(self._number(value, event) if isinstance(value, float) else value)
        elif top.key is None:
            top.key = self._key(value, event)
        else:
            self._set(top, target, self._number(value, event) if isinstance(value, float) else value, event)

    def _key(self, value: V, event: yaml.Event) -> str:
        try:
            return self.rules.key(value)
        except ValueError as error:
            raise DocumentError(str(error), line=_line(event)) from None

    def _number(self, value: float, event: yaml.Event) -> V:
        try:
            return self.rules.number(value)
        except ValueError as error:
            raise DocumentError(str(error), line=_line(event)) from None

    def _set(self, top: _Open[V], target: dict[str, V], value: V, event: yaml.Event) -> None:
        key, top.key = top.key or "", None
        if top.merges:
            top.merges = False
            if self.rules.strict:
                _inherit(top, target, value, event)
            else:
                top.merged = top.merged or []
                top.merged.append(value)
            return
        if self.rules.strict and key in target and key not in (top.inherited or ()):
            raise DocumentError(f"key {key!r} stands twice", line=_line(event))
        target[key] = value
        if top.inherited:
            top.inherited.discard(key)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _inherit(top: _Open[V], target: dict[str, V], value: V, event: yaml.Event) -> None:
    """Merge as go-yaml does: at once, over what stands before; of several mappings the first wins."""
    sources: object = [value] if isinstance(value, Mapping) else value
    if isinstance(event, yaml.AliasEvent) and sources is value:
        sources = None  # go-yaml takes a list as it stands only
    if not isinstance(sources, list) or not all(isinstance(one, Mapping) for one in sources):
        raise DocumentError("`<<` takes a mapping, or a list of mappings", line=_line(event))
    top.inherited = top.inherited or set()
    for source in reversed(sources):
        top.inherited.update(key for key in source if key not in target)
        target.update(source)


def _merge(target: dict[str, V], source: V) -> None:
    """Merge key `<<`: a mapping or a list of them; keys already there win (YAML 1.1, merge type)."""
    if isinstance(source, Mapping):
        for key, value in source.items():
            target.setdefault(key, value)
    elif isinstance(source, Sequence) and not isinstance(source, str):
        for one in source:
            _merge(target, one)


def _told(error: yaml.YAMLError) -> tuple[str, int]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    return str(problem), mark.line + 1 if mark is not None else 1

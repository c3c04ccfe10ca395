"""Values of variables and words on one platform: what is known of them, and where they come from.

A value is one of several texts where a script may go several ways. `UNKNOWN` in a text stands for what nobody can say
from the Dockerfile alone: the output of a program, a variable of the base image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildkit.builds.lint.architectures import architectures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNKNOWN: Final = "\0"
_MOST_TEXTS: Final = 8
_LONGEST: Final = 1 << 14

Origin = Literal["ARG", "ENV", "automatic", "shell"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Binding:
    """A variable that was given a value.

    Attributes:
        texts: what it may be; none where it was declared without a value.
        origin: ARG or ENV, an argument that every build has, or an assignment of a script.
        line: where.
        literal: what of its value is written there, rather than put in.
        sources: the variables that were put in.
        exported: whether programs that a script starts see it.
    """

    name: str
    texts: tuple[str, ...]
    origin: Origin
    line: int
    literal: str = ""
    sources: tuple[Binding, ...] = ()
    exported: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A word: what it may be, what of it is written, what was put in, where it stands.

    Attributes:
        undeclared: arguments that every build has and that this stage does not declare, where one is used.
    """

    texts: tuple[str, ...]
    literal: str = ""
    sources: tuple[Binding, ...] = ()
    at: int = 0
    undeclared: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """Its text where there is one and all of it is known."""
        return self.texts[0] if len(self.texts) == 1 and UNKNOWN not in self.texts[0] else None

    @property
    def unknown(self) -> bool:
        return any(UNKNOWN in text for text in self.texts)


NOTHING: Final = Value(texts=("",))


def joined(values: Iterable[Value], *, at: int = 0) -> Value:
    """Values one behind the other; too many ways make it unknown."""
    listed = tuple(values)
    if len(listed) == 1:
        one = listed[0]
        return Value(texts=one.texts, literal=one.literal, sources=one.sources, at=at, undeclared=one.undeclared)
    texts: tuple[str, ...] = ("",)
    for value in listed:
        ways = len(texts) * len(value.texts)
        texts = (UNKNOWN,) if ways > _MOST_TEXTS else tuple(a + b for a in texts for b in value.texts)
        if any(len(text) > _LONGEST for text in texts):
            texts = (UNKNOWN,)
    sources = {id(source): source for value in listed for source in value.sources}
    return Value(
        texts=texts,
        literal="".join(value.literal for value in listed)[:_LONGEST],
        sources=tuple(sources.values()),
        at=at,
        undeclared=tuple(dict.fromkeys(name for value in listed for name in value.undeclared)),
    )


def either(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once; too many are unknown."""
    unique = tuple(dict.fromkeys(texts))
    return unique if len(unique) <= _MOST_TEXTS else (UNKNOWN,)


def merged(bindings: list[Binding | None], name: str) -> Binding | None:
    """One variable after several ways: it may be what it is after any of them."""
    found = [binding for binding in bindings if binding is not None]
    if not found or all(one is found[0] for one in bindings):
        return found[0] if len(found) == len(bindings) else _maybe(found)
    texts = either(text for binding in found for text in (binding.texts or (UNKNOWN,)))
    unique = list({id(binding): binding for binding in found}.values())
    return Binding(name=name, texts=texts, origin="shell", line=unique[0].line, sources=tuple(unique))


def _maybe(found: list[Binding]) -> Binding | None:
    return found[0] if found else None


def foreign(value: Value, native: frozenset[str]) -> str | None:
    """The text that names another architecture; None where a native one is named too, or several, as in a list."""
    named = [(text, architectures(text)) for text in value.texts]
    together = frozenset[str]().union(*(found for _, found in named))
    if len(together) != 1 or together & native:
        return None
    return next(text for text, found in named if found)


def written_by(value: Value, architecture: str) -> Iterator[Binding]:
    """Yield the variables whose own text names the architecture that a value names, nearest first."""
    seen: set[int] = set()
    left = list(value.sources)
    while left:
        binding = left.pop(0)
        if id(binding) in seen:
            continue
        seen.add(id(binding))
        if not any(architecture in architectures(text) for text in binding.texts):
            # What was cut out of it, or put together, may still name it: not here.
            left += binding.sources if not binding.texts else ()
            continue
        if architecture in architectures(binding.literal):
            yield binding
        left += binding.sources

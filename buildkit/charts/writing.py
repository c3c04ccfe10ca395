"""Trees as templates: YAML in block style, guarded by `if` where profiles or values decide.

Every control action stands on a line of its own and trims the line break before it, as charts written by hand do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.charts.expressions import Expressions, bracketed
from buildkit.charts.growing import names_of
from buildkit.charts.guards import choice, guarded, together
from buildkit.charts.marks import ABSENT, Choice, Extended, Setting, Text, Tree, When, Word
from buildkit.charts.namespaces import CREATE
from buildkit.charts.presence import filled
from buildkit.charts.scalars import block_head, escaped, is_block, plain

if TYPE_CHECKING:
    from buildkit.charts.union import UnionObject

_FIRST: Final = ("apiVersion", "kind", "metadata", "name", "namespace", "image")
_INDENT: Final = 2
Write = Callable[["Writer", Tree], list[str]]


def write_object(
    one: UnionObject, every: frozenset[str], expressions: Expressions, held: tuple[str, Sequence[str]] = ("", ())
) -> str:
    """Write an object as a document of a template.

    Args:
        one: the object.
        every: all profiles of the chart.
        expressions: of the chart.
        held: of a generated object, the named template that gives a part of it, and the keys of that part.
    """
    writer = Writer(expressions, one.profiles)
    template, keys = held
    called = [f'{{{{ include "{template}" . | trimSuffix "\\n" }}}}'] if template else []
    parts: list[list[str]] = []
    for key, tree in _ordered(one.body):
        if key in keys:
            parts.append(called)
            called = []
        else:
            parts.append(writer.entry(key, tree, 0))
    lines = together(parts)
    asked = [expressions.condition(condition) for condition in one.conditions]
    if one.profiles != every and not any(condition.value == CREATE for condition in one.conditions):
        asked.insert(0, expressions.profiles(one.profiles, every))
    if asked:
        test = asked[0] if len(asked) == 1 else f"and {' '.join(map(bracketed, asked))}"
        lines = [f"{{{{- if {test} }}}}", *lines, "{{- end }}"]
    return "".join(f"{line}\n" for line in ["---", *lines])


def write_held(one: UnionObject, keys: Sequence[str], expressions: Expressions) -> str:
    """Write what a generated object holds, for a named template."""
    held = {key: one.body[key] for key in keys if key in one.body}
    return "".join(f"{line}\n" for line in Writer(expressions, one.profiles).mapping(held, 0))


def is_literal(tree: Tree) -> bool:
    """Tell whether nothing in a tree depends on a value or a profile."""
    if isinstance(tree, Mapping):
        return all(map(is_literal, tree.values()))
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return all(map(is_literal, tree))
    return not isinstance(tree, Text | Setting | Extended | Choice | When)


@dataclass(frozen=True)
class Writer:
    """Writes trees; `profiles` are those that come as far as here.

    A tree stands behind a head, `key:` or `-`, at an indentation.
    """

    expressions: Expressions
    profiles: frozenset[str]

    def entry(self, key: str, tree: Tree, indent: int) -> list[str]:
        """Write a key and what stands there."""
        return self._behind(f"{' ' * indent}{escaped(plain(key))}:", tree, indent)

    def mapping(self, tree: Mapping[str, Tree], indent: int, *, item: bool = False) -> list[str]:
        """Write the entries of a mapping; an `item` of a list begins with one that has no guard, if it has any such."""
        return together([self.entry(key, value, indent) for key, value in _ordered(tree, item=item)])

    def sequence(self, items: Sequence[Tree], indent: int) -> list[str]:
        """Write the elements of a list."""
        return together([self._behind(f"{' ' * indent}-", one, indent) for one in items])

    def leaf(self, tree: Tree, indent: int) -> list[str]:
        """Write a scalar or an empty collection: its head, and the lines of a block below a key at `indent`."""
        if isinstance(tree, Text):
            shape = _shape(tree)
            if not is_block(shape):
                return [self.expressions.inline(tree)]
            return [block_head(shape), *_block(self.expressions.joined(tree.pieces), indent)]
        if isinstance(tree, str) and is_block(tree):
            return [block_head(tree), *_block(escaped(tree), indent)]
        if isinstance(tree, str | int | float | bool) or tree is None:
            return [escaped(plain(tree))]
        return ["{}" if isinstance(tree, Mapping) else "[]"]

    def _behind(self, head: str, tree: Tree, indent: int) -> list[str]:
        pad = " " * indent
        if isinstance(tree, Choice):
            return self._choice(tree, pad, lambda writer, one: writer._behind(head, one, indent))  # noqa: SLF001
        if isinstance(tree, When):
            return guarded(pad, self.expressions.value(tree.value), self._behind(head, tree.tree, indent))
        if isinstance(tree, Setting):
            return self._setting(head, tree, indent)
        if isinstance(tree, Extended):
            return self._extended(head, tree, indent)
        return self._plain(head, tree, indent)

    def _plain(self, head: str, tree: Tree, indent: int) -> list[str]:
        if isinstance(tree, Mapping) and tree:
            return self._mapping(head, tree, indent)
        if isinstance(tree, Sequence) and not isinstance(tree, str) and tree:
            return [head, *self.sequence(tree, indent + _INDENT)]
        first, *rest = self.leaf(tree, indent)
        return [f"{head} {first}", *rest]

    def _mapping(self, head: str, tree: Mapping[str, Tree], indent: int) -> list[str]:
        lines = self.mapping(tree, indent + _INDENT, item=head.endswith("-"))
        test = filled(tree, self.profiles, self.expressions)
        if test:  # nothing below a key would be null
            return guarded(" " * indent, test, [head, *lines], [f"{head} {{}}"])
        if head.endswith("-") and not lines[0].lstrip().startswith("{{-"):
            return [f"{head} {lines[0].lstrip()}", *lines[1:]]
        return [head, *lines]

    def _choice(self, tree: Choice, pad: str, write: Write) -> list[str]:
        """Write each variant under its guard, those of few profiles first."""
        variants = [(some & self.profiles, one) for some, one in tree.variants if some & self.profiles]
        left = self.profiles
        ways: list[tuple[str, list[str]]] = []
        for some, one in sorted(variants, key=lambda variant: len(variant[0])):
            inner = write(Writer(self.expressions, some), one)
            ways.append(("" if some == left else self.expressions.profiles(some, self.profiles), inner))
            left -= some
        return choice(pad, ways)

    def _setting(self, head: str, one: Setting, indent: int) -> list[str]:
        pad, written = " " * indent, self.expressions
        short = self._short(one)
        if short:
            return [f"{head} {short}"]
        ways: list[tuple[str, list[str]]] = []
        for path in one.value:
            if one.kind in {"array", "object"}:
                deep = indent + _INDENT
                lines = [head, f"{' ' * deep}{{{{- toYaml {written.value(path)} | nindent {deep} }}}}"]
            else:
                lines = [f"{head} {written.scalar(path, one.kind)}"]
            ways.append((written.is_set(path, one.kind), lines))
        if one.default is not ABSENT:
            ways.append(("", self._behind(head, one.default, indent)))
        return choice(pad, ways)

    def _short(self, one: Setting) -> str:
        """Write a setting on one line, where it has one value and a default that reads well there."""
        if len(one.value) > 1 or isinstance(one.default, bool):
            return ""
        value = self.expressions.value(one.value[0])
        if one.kind == "string" and isinstance(one.default, str | Text) and "\n" not in _shape(one.default):
            return f"{{{{ {value} | default {self.expressions.argument(one.default)} | quote }}}}"
        if one.kind == "integer" and isinstance(one.default, int):
            return f'{{{{ include "{self.expressions.chart}.integer" (list {value} {one.default}) }}}}'
        return ""

    def _extended(self, head: str, one: Extended, indent: int) -> list[str]:
        pad, value = " " * indent, self.expressions.value(one.value)
        more = self._more(one, indent + _INDENT)
        if one.items:
            more = more if one.key else guarded(pad + "  ", value, more)
            return [head, *self.sequence(one.items, indent + _INDENT), *more]
        kept = None if one.empty is ABSENT else self._plain(head, one.empty, indent)
        return guarded(pad, value, [head, *more], kept)

    def _more(self, one: Extended, indent: int) -> list[str]:
        """Write the elements that a value adds; those that a profile has are told to what adds them."""
        pad, value, chart = " " * indent, self.expressions.value(one.value), self.expressions.chart

        def wrapped(_: Writer, names: Tree) -> list[str]:
            known = _spread(names)
            return [
                f"{pad}{{{{- range {f'without {value}{known}' if known else value} }}}}",
                f"{pad}- {one.key}: {{{{ . | quote }}}}",
                f"{pad}{{{{- end }}}}",
            ]

        def whole(_: Writer, names: Tree) -> list[str]:
            added = f'include "{chart}.added" (list "{one.value}" {value}{_spread(names)})'
            return [f"{pad}{{{{- {added} | nindent {indent} }}}}"]

        def _spread(names: Tree) -> str:
            texts = names if isinstance(names, Sequence) else ()
            return "".join(f" {self.expressions.argument(text)}" for text in texts if isinstance(text, str | Text))

        return self._choice(names_of(one.items, self.profiles), pad, wrapped if one.key else whole)


def _ordered(tree: Mapping[str, Tree], *, item: bool = False) -> list[tuple[str, Tree]]:
    """Put first what a reader looks for first; an item's first line is better one that no condition guards."""
    rank = {key: number for number, key in enumerate(_FIRST)}
    items = sorted(tree.items(), key=lambda entry: rank.get(entry[0], len(rank)))
    first = next((at for at, (_, value) in enumerate(items) if not _is_guarded(value)), 0) if item else 0
    return [*items[first : first + 1], *items[:first], *items[first + 1 :]]


def _is_guarded(tree: Tree) -> bool:
    return isinstance(tree, Choice | Setting | When) or (isinstance(tree, Extended) and not tree.items)


def _shape(text: str | Text) -> str:
    """Give a text as it stands while nothing is set; where that would mislead about its lines, on one line."""
    pieces = (text,) if isinstance(text, str) else text.pieces
    said = [_shape(piece.default) if isinstance(piece, Word) else piece for piece in pieces]
    words = [one for one, piece in zip(said, pieces, strict=True) if isinstance(piece, Word) and isinstance(one, str)]
    if any(not one or one != one.strip() or "\n" in one for one in words):
        return ""
    return "".join(one if isinstance(one, str) else "x" for one in said)


def _block(text: str, indent: int) -> list[str]:
    pad = " " * (indent + _INDENT)
    return [pad + line if line else "" for line in text.removesuffix("\n").split("\n")]

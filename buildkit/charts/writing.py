"""Trees as templates: YAML in block style, guarded by `if` where profiles or values decide.

Every control action stands on a line of its own and trims the line break before it, as charts written by hand do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from buildkit.charts.expressions import Expressions
from buildkit.charts.marks import ABSENT, Choice, Extended, Setting, Text, Tree, When
from buildkit.charts.namespaces import CREATE
from buildkit.charts.scalars import block_head, escaped, is_block, plain, quoted
from buildkit.charts.union import UnionObject

_FIRST: Final = ("apiVersion", "kind", "metadata", "name", "image")
_INDENT: Final = 2


def write_object(one: UnionObject, every: frozenset[str], expressions: Expressions, data: Mapping[str, str]) -> str:
    """Write an object as a document of a template.

    Args:
        one: the object.
        every: all profiles of the chart.
        expressions: of the chart.
        data: of a generated object, by key of the body: the named template that holds what stands there.
    """
    writer = Writer(expressions, one.profiles)
    lines: list[str] = []
    for key, tree in _ordered(one.body):
        if key in data:
            lines += [f"{key}:", f'  {{{{- include "{data[key]}" . | trimSuffix "\\n" | nindent {_INDENT} }}}}']
        else:
            lines += writer.entry(key, tree, 0)
    asked = [expressions.condition(condition) for condition in one.conditions]
    if one.profiles != every and not any(condition.value == CREATE for condition in one.conditions):
        asked.insert(0, expressions.profiles(one.profiles, every))
    if asked:
        test = asked[0] if len(asked) == 1 else f"and {' '.join(_bracketed(term) for term in asked)}"
        lines = [f"{{{{- if {test} }}}}", *lines, "{{- end }}"]
    return "".join(f"{line}\n" for line in ["---", *lines])


def write_data(tree: Tree, profiles: frozenset[str], expressions: Expressions) -> str:
    """Write what a generated object holds, for a named template; `profiles` are those that have the object."""
    writer = Writer(expressions, profiles)
    known = tree if isinstance(tree, Mapping) else {}
    return "".join(f"{line}\n" for key, value in known.items() for line in writer.entry(key, value, 0))


def is_literal(tree: Tree) -> bool:
    """Tell whether nothing in a tree depends on a value or a profile."""
    if isinstance(tree, Mapping):
        return all(map(is_literal, tree.values()))
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return all(map(is_literal, tree))
    return not isinstance(tree, Text | Setting | Extended | Choice | When)


@dataclass(frozen=True)
class Writer:
    """Writes trees; `profiles` are those that come as far as here."""

    expressions: Expressions
    profiles: frozenset[str]

    def entry(self, key: str, tree: Tree, indent: int) -> list[str]:
        """Write a key and what stands there."""
        pad, name = " " * indent, escaped(plain(key))
        if isinstance(tree, Choice):
            return self._choice(tree, pad, lambda writer, one: writer.entry(key, one, indent))
        if isinstance(tree, When):
            return _guarded(pad, self.expressions.value(tree.value), self.entry(key, tree.tree, indent))
        if isinstance(tree, Setting):
            return self._setting(key, tree, indent)
        if isinstance(tree, Extended):
            return self._extended(key, tree, indent)
        if isinstance(tree, Mapping) and tree:
            return [f"{pad}{name}:", *self.mapping(tree, indent + _INDENT)]
        if isinstance(tree, Sequence) and not isinstance(tree, str) and tree:
            return [f"{pad}{name}:", *self.sequence(tree, indent + _INDENT)]
        head, *rest = self.leaf(tree, indent)
        return [f"{pad}{name}: {head}", *rest]

    def mapping(self, tree: Mapping[str, Tree], indent: int) -> list[str]:
        """Write the entries of a mapping."""
        return [line for key, value in _ordered(tree) for line in self.entry(key, value, indent)]

    def sequence(self, items: Sequence[Tree], indent: int) -> list[str]:
        """Write the elements of a list."""
        return [line for one in items for line in self._item(one, indent)]

    def leaf(self, tree: Tree, indent: int) -> list[str]:
        """Write a scalar or an empty collection: its head, and the lines of a block below a key at `indent`."""
        if isinstance(tree, Text):
            shape = "".join(piece if isinstance(piece, str) else "x" for piece in tree.pieces)
            if not is_block(shape):
                return [self.expressions.inline(tree.pieces)]
            return [block_head(shape), *_block(self.expressions.joined(tree.pieces), indent)]
        if isinstance(tree, str) and is_block(tree):
            return [block_head(tree), *_block(escaped(tree), indent)]
        if isinstance(tree, Mapping):
            return ["{}"]
        if isinstance(tree, str | int | float | bool) or tree is None:
            return [escaped(plain(tree))]
        return ["[]"]

    def _item(self, tree: Tree, indent: int) -> list[str]:
        pad = " " * indent
        if isinstance(tree, Choice):
            return self._choice(tree, pad, lambda writer, one: writer._item(one, indent))  # noqa: SLF001  # its own kind
        if isinstance(tree, Mapping) and tree:
            lines = self.mapping(tree, indent + _INDENT)
            if lines[0].lstrip().startswith("{{-"):
                return [f"{pad}-", *lines]
            return [f"{pad}- {lines[0].lstrip()}", *lines[1:]]
        if isinstance(tree, Sequence) and not isinstance(tree, str) and tree:
            lines = self.sequence(tree, indent + _INDENT)
            return [f"{pad}-", *lines]
        head, *rest = self.leaf(tree, indent)
        return [f"{pad}- {head}", *rest]

    def _choice(self, tree: Choice, pad: str, write) -> list[str]:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Write each variant under its guard; the last one under `else`, where none of the profiles has nothing."""
        lines: list[str] = []
        left = self.profiles
        variants = [(some & self.profiles, one) for some, one in tree.variants if some & self.profiles]
        for number, (some, one) in enumerate(variants):
            inner = write(Writer(self.expressions, some), one)
            if some == self.profiles:
                return inner
            word = "if" if number == 0 else "else if"
            if number and some == left:
                lines.append(f"{pad}{{{{- else }}}}")
            else:
                lines.append(f"{pad}{{{{- {word} {self.expressions.profiles(some, self.profiles)} }}}}")
            lines += inner
            left -= some
        return [*lines, f"{pad}{{{{- end }}}}"] if lines else []

    def _setting(self, key: str, one: Setting, indent: int) -> list[str]:
        pad, name = " " * indent, escaped(plain(key))
        written = self.expressions
        if len(one.value) == 1 and isinstance(one.default, str) and one.kind == "string" and "\n" not in one.default:
            return [f"{pad}{name}: {{{{ {written.value(one.value[0])} | default {_go(one.default)} | quote }}}}"]
        if len(one.value) == 1 and one.kind == "integer" and isinstance(one.default, int):
            called = f'include "{written.chart}.integer" (list {written.value(one.value[0])} {one.default})'
            return [f"{pad}{name}: {{{{ {called} }}}}"]
        lines: list[str] = []
        for number, path in enumerate(one.value):
            word = "if" if number == 0 else "else if"
            lines.append(f"{pad}{{{{- {word} {written.is_set(path, one.kind)} }}}}")
            if one.kind in {"array", "object"}:
                lines += [
                    f"{pad}{name}:",
                    f"{pad}  {{{{- toYaml {written.value(path)} | nindent {indent + _INDENT} }}}}",
                ]
            else:
                lines.append(f"{pad}{name}: {written.scalar(path, one.kind)}")
        if one.default is not ABSENT:
            lines += [f"{pad}{{{{- else }}}}", *self.entry(key, one.default, indent)]  # type: ignore[arg-type]
        return [*lines, f"{pad}{{{{- end }}}}"]

    def _extended(self, key: str, one: Extended, indent: int) -> list[str]:
        pad, name, value = " " * indent, escaped(plain(key)), self.expressions.value(one.value)
        inner = indent + _INDENT
        deep = " " * inner
        if one.key:
            more = [
                f"{deep}{{{{- range {value} }}}}",
                f"{deep}- {one.key}: {{{{ . | quote }}}}",
                f"{deep}{{{{- end }}}}",
            ]
        else:
            more = [f"{deep}{{{{- toYaml {value} | nindent {inner} }}}}"]
        if not one.items:
            return _guarded(pad, value, [f"{pad}{name}:", *more])
        if not one.key:
            more = _guarded(deep, value, more)
        return [f"{pad}{name}:", *self.sequence(one.items, inner), *more]


def _ordered(tree: Mapping[str, Tree]) -> list[tuple[str, Tree]]:
    """Put first what a reader looks for first; the first line of an element has to be there whatever is set."""
    rank = {key: number for number, key in enumerate(_FIRST)}
    items = sorted(tree.items(), key=lambda item: rank.get(item[0], len(rank)))
    first = next((at for at, (_, value) in enumerate(items) if not _is_guarded(value)), 0)
    return [items[first], *items[:first], *items[first + 1 :]]


def _is_guarded(tree: Tree) -> bool:
    return isinstance(tree, Choice | Setting | Extended | When)


def _guarded(pad: str, test: str, lines: list[str]) -> list[str]:
    return [f"{pad}{{{{- if {test} }}}}", *lines, f"{pad}{{{{- end }}}}"]


def _block(text: str, indent: int) -> list[str]:
    pad = " " * (indent + _INDENT)
    return [pad + line if line else "" for line in text.removesuffix("\n").split("\n")]


def _bracketed(term: str) -> str:
    return f"({term})" if " " in term else term


def _go(text: str) -> str:
    """Write a Go string literal."""
    return f"`{text}`" if '"' in text and "`" not in text else quoted(text)

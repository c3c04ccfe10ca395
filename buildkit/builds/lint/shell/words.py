"""The value of a word: variables, modifiers and substitutions put in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.shell.tree import Literal, Opaque, Quoted, Substitution, Variable, Word
from buildkit.builds.lint.values import UNKNOWN, Binding, Value, either, joined
from buildkit.dockerfile.arguments import AUTOMATIC
from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.pattern import parse_pattern, replaced, without_prefix, without_suffix

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.builds.lint.shell.tree import Part, Sequence

_UNKNOWN: Final = Value(texts=(UNKNOWN,))
_EMPTY: Final = Word((), 0, 0)


class Words:
    """Puts values into words; asks for variables, for what a substitution prints, and to keep a default."""

    def __init__(
        self,
        variable: Callable[[str], Binding | Value | None],
        output: Callable[[Sequence], Value],
        keep: Callable[[str, Value], None],
    ) -> None:
        self._variable = variable
        self._output = output
        self._keep = keep

    def value(self, word: Word) -> Value:
        """The value of a word."""
        return joined((self._part(part) for part in word.parts), at=word.at)

    def _part(self, part: Part) -> Value:
        if isinstance(part, Literal):
            return Value(texts=(part.text,), literal=part.text)
        if isinstance(part, Quoted):
            return joined(map(self._part, part.parts))
        if isinstance(part, Substitution):
            printed = self._output(part.body)
            texts = tuple(text.rstrip("\n") for text in printed.texts)
            return Value(texts=texts, literal=printed.literal, sources=printed.sources, undeclared=printed.undeclared)
        if isinstance(part, Opaque):
            return _UNKNOWN
        return self._modified(part)

    def _modified(self, part: Variable) -> Value:
        value = self._of(part.name)
        if not part.operator:
            return _UNKNOWN if value is None else value
        operand = self.value(part.operand or _EMPTY)
        kind = part.operator[-1]
        if kind in "-=":
            return self._default(part, value, operand)
        if kind == "+":
            return self._instead(part, value, operand)
        if kind == "?" or value is None:
            return value or _UNKNOWN
        return self._cut(part, value, operand)

    def _of(self, name: str) -> Value | None:
        """The value of a variable; None where nothing is known of it. Undeclared automatic arguments are empty."""
        found = self._variable(name)
        if isinstance(found, Value):
            return found
        if found is None:
            return Value(texts=("",), undeclared=(name,)) if name in AUTOMATIC else None
        return Value(texts=found.texts or (UNKNOWN,), sources=(found,))

    def _default(self, part: Variable, value: Value | None, operand: Value) -> Value:
        empty_counts = part.operator.startswith(":")
        if value is None:
            chosen = Value(texts=either((UNKNOWN, *operand.texts)), literal=operand.literal, sources=operand.sources)
        elif value.undeclared or (empty_counts and value.texts == ("",)):
            chosen = Value(
                texts=operand.texts,
                literal=operand.literal,
                sources=operand.sources,
                undeclared=(*value.undeclared, *operand.undeclared),
            )
        elif value.sources and not value.sources[0].texts:
            # Declared without a value: the default it is, unless somebody gives one.
            chosen = Value(texts=either((UNKNOWN, *operand.texts)), literal=operand.literal, sources=operand.sources)
        elif empty_counts and "" in value.texts:
            texts = either((*(text for text in value.texts if text), *operand.texts))
            chosen = Value(texts=texts, literal=operand.literal, sources=(*value.sources, *operand.sources))
        else:
            chosen = value
        if part.operator.endswith("=") and value is None:
            self._keep(part.name, chosen)
        return chosen

    @staticmethod
    def _instead(part: Variable, value: Value | None, operand: Value) -> Value:
        if value is None or value.unknown:
            return Value(texts=either(("", *operand.texts)), literal=operand.literal, sources=operand.sources)
        if value.undeclared or (part.operator.startswith(":") and value.texts == ("",)):
            return Value(texts=("",))
        return operand

    def _cut(self, part: Variable, value: Value, operand: Value) -> Value:
        new = self.value(part.new or _EMPTY)
        if value.unknown or operand.text is None or new.text is None or "[" in operand.text:
            return Value(texts=(UNKNOWN,), sources=value.sources)
        try:
            texts = either(_apply(part.operator, text, operand.text, new.text) for text in value.texts)
        except SyntaxProblem:
            texts = (UNKNOWN,)
        return Value(texts=texts, literal=new.literal, sources=(*value.sources, *new.sources))


def _apply(operator: str, text: str, operand: str, new: str) -> str:
    pattern = parse_pattern(operand)
    if operator in {"#", "##"}:
        return without_prefix(text, pattern, longest=operator == "##")
    if operator in {"%", "%%"}:
        return without_suffix(text, pattern, longest=operator == "%%")
    if operator == "/#":
        cut = without_prefix(text, pattern, longest=True)
        return new + cut if cut != text else text
    if operator == "/%":
        cut = without_suffix(text, pattern, longest=True)
        return cut + new if cut != text else text
    return replaced(text, pattern, new.replace("$", "$$") if operator == "//" else new, every=operator == "//")

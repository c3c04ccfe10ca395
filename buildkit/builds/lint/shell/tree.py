"""Shell text as a tree: POSIX, and what of bash is met in Dockerfiles. Every word knows where it stands.

Tuples with names: they are made in a quarter of the time that dataclasses take, which an import of this file would.
"""

from __future__ import annotations

from typing import NamedTuple


class ShellError(ValueError):
    """Text that is no shell text, or nested too deep."""


class Literal(NamedTuple):
    """Text that stands for itself, quotes and escapes taken away."""

    text: str
    quoted: bool = False


class Variable(NamedTuple):
    """`$NAME`, `${NAME}`, `${NAME:-operand}`; `new` is what `${NAME/operand/new}` puts in."""

    name: str
    operator: str = ""
    operand: Word | None = None
    new: Word | None = None
    quoted: bool = False


class Substitution(NamedTuple):
    """`$(body)`, also in backticks."""

    body: Sequence
    quoted: bool = False


class Opaque(NamedTuple):
    """Something whose text is not known: arithmetic, `<(…)`, a modifier of bash's own."""

    quoted: bool = False


class Quoted(NamedTuple):
    """`"…"` with something to be put in; the elements of an array, joined by blanks."""

    parts: tuple[Part, ...]


Part = Literal | Variable | Substitution | Opaque | Quoted


class Word(NamedTuple):
    """A word; `at` and `end` are its place in the script."""

    parts: tuple[Part, ...]
    at: int
    end: int

    @property
    def literal(self) -> str | None:
        """Its text, where there is nothing to be put in."""
        texts = [part.text for part in self.parts if isinstance(part, Literal)]
        return "".join(texts) if len(texts) == len(self.parts) else None

    @property
    def bare(self) -> str | None:
        """The same where nothing of it is quoted: a keyword or a name."""
        if any(not isinstance(part, Literal) or part.quoted for part in self.parts):
            return None
        return self.literal


class Assignment(NamedTuple):
    """`name=value`, `name+=value`; an array's elements are joined by blanks."""

    name: str
    value: Word
    appends: bool = False


class Redirect(NamedTuple):
    """`operator` and its target; the content of a here-document is `content`."""

    operator: str
    target: Word
    content: Word | None = None


class Simple(NamedTuple):
    """A command with its arguments; without words the assignments last."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    at: int


class Test(NamedTuple):
    """`[[ … ]]`, words as they stand there."""

    words: tuple[Word, ...]
    at: int


class If(NamedTuple):
    """Conditions with what follows each of them; `otherwise` is empty where there is no else."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence


class Case(NamedTuple):
    """`case subject in`: patterns with what follows them."""

    subject: Word
    items: tuple[tuple[tuple[Word, ...], Sequence], ...]


class For(NamedTuple):
    """`for name in words`; None for the positional parameters, and for what bash counts."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


class Loop(NamedTuple):
    """While, or until."""

    condition: Sequence
    body: Sequence


class Group(NamedTuple):
    """`{ …; }`, or `( … )`, whose variables do not last."""

    body: Sequence
    subshell: bool = False


class Function(NamedTuple):
    name: str
    body: Sequence


Command = Simple | Test | If | Case | For | Loop | Group | Function


class Pipeline(NamedTuple):
    commands: tuple[Command, ...]
    negated: bool = False


class AndOr(NamedTuple):
    """Pipelines joined by `&&` and `||`; `operators` has one less."""

    pipelines: tuple[Pipeline, ...]
    operators: tuple[str, ...] = ()


class Sequence(NamedTuple):
    """What is run one after the other."""

    items: tuple[AndOr, ...] = ()

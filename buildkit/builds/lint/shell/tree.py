"""Shell text as a tree: POSIX, and what of bash is met in Dockerfiles. Every word knows where it stands."""

from __future__ import annotations

from dataclasses import dataclass


class ShellError(ValueError):
    """Text that is no shell text, or nested too deep."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself, quotes and escapes taken away."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """`$NAME`, `${NAME}`, `${NAME:-operand}`; `new` is what `${NAME/operand/new}` puts in."""

    name: str
    operator: str = ""
    operand: Word | None = None
    new: Word | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(body)`, also in backticks."""

    body: Sequence
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something whose text is not known: arithmetic, `<(…)`, a modifier of bash's own."""

    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """`"…"` with something to be put in; the elements of an array, joined by blanks."""

    parts: tuple[Part, ...]


Part = Literal | Variable | Substitution | Opaque | Quoted


@dataclass(frozen=True, slots=True)
class Word:
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


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`, `name+=value`; an array's elements are joined by blanks."""

    name: str
    value: Word
    appends: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """`operator` and its target; the content of a here-document is `content`."""

    operator: str
    target: Word
    content: Word | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its arguments; without words the assignments last."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Test:
    """`[[ … ]]`, words as they stand there."""

    words: tuple[Word, ...]
    at: int


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what follows each of them; `otherwise` is empty where there is no else."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence


@dataclass(frozen=True, slots=True)
class Case:
    """`case subject in`: patterns with what follows them."""

    subject: Word
    items: tuple[tuple[tuple[Word, ...], Sequence], ...]


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`; None for the positional parameters, and for what bash counts."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True, slots=True)
class Loop:
    """While, or until."""

    condition: Sequence
    body: Sequence


@dataclass(frozen=True, slots=True)
class Group:
    """`{ …; }`, or `( … )`, whose variables do not last."""

    body: Sequence
    subshell: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    body: Sequence


Command = Simple | Test | If | Case | For | Loop | Group | Function


@dataclass(frozen=True, slots=True)
class Pipeline:
    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by `&&` and `||`; `operators` has one less."""

    pipelines: tuple[Pipeline, ...]
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """What is run one after the other."""

    items: tuple[AndOr, ...] = ()

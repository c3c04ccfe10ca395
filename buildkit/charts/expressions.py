"""What template actions say: references to values, guards by profile, marks inside text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from buildkit.charts.marks import Condition, Hashed, Image, Namespace, Piece, Setting, Text, Word
from buildkit.charts.namespaces import CREATE
from buildkit.charts.scalars import escaped, go, plain, quoted

if TYPE_CHECKING:
    from buildkit.charts.spec import Kind

_SIMPLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PROFILE: Final = ".Values.profile"
NAME: Final = ".name"
Generated = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Expressions:
    """Actions of one chart.

    Attributes:
        chart: the prefix of its named templates.
        named: by kind, namespace and stem of the generated objects whose names have to be computed, the named
            template that gives what each holds; the one that gives its name is called so too, with `NAME` behind.
    """

    chart: str
    named: Mapping[Generated, str] = field(default_factory=dict)

    def value(self, path: str) -> str:
        """Refer to a value: `.Values.workloads.x.replicas`."""
        steps = path.split(".")
        if all(_SIMPLE.fullmatch(step) for step in steps):
            return f".Values.{path}"
        return f"(index .Values {' '.join(json.dumps(step) for step in steps)})"

    def is_set(self, path: str, kind: Kind) -> str:
        """Ask whether a value is set."""
        if kind in {"integer", "boolean"}:
            return f'not (kindIs "invalid" {self.value(path)})'
        return self.value(path)

    def setting(self, one: Setting) -> str:
        """Ask whether any of a setting's values is set."""
        asked = [self.is_set(path, one.kind) for path in one.value]
        return asked[0] if len(asked) == 1 else f"or {' '.join(map(bracketed, asked))}"

    def scalar(self, path: str, kind: Kind) -> str:
        """Write a value that is set, as a whole YAML scalar."""
        return {
            "integer": f"{{{{ {self.value(path)} | int64 }}}}",
            "boolean": f"{{{{ {self.value(path)} }}}}",
        }.get(kind, f"{{{{ {self.value(path)} | quote }}}}")

    def piece(self, piece: Piece) -> str:
        """Write a piece of text: literal, or an action."""
        piece = self._fixed(piece)
        return escaped(piece) if isinstance(piece, str) else f"{{{{ {self.term(piece)} }}}}"

    def term(self, piece: Piece) -> str:
        """Write what stands between the braces."""
        piece = self._fixed(piece)
        if isinstance(piece, str):
            return go(piece)
        if isinstance(piece, Namespace):
            return ".Release.Namespace"
        if isinstance(piece, Image):
            return f'include "{self.chart}.image" (list . "{piece.name}" {go(piece.reference)})'
        if isinstance(piece, Hashed):
            return f"include {go(self.named[generated(piece)] + NAME)} ."
        return self._word(piece)

    def _fixed(self, piece: Piece) -> Piece:
        """A generated object's name is a text like any other where nothing can change what it holds."""
        return piece.default if isinstance(piece, Hashed) and generated(piece) not in self.named else piece

    def _word(self, word: Word) -> str:
        default = self.argument(word.default)
        if word.kind in {"integer", "boolean"}:
            said = f'include "{self.chart}.{word.kind}" (list {self.value(word.value)} {default})'
        else:
            said = f"{self.value(word.value)} | default {default}"
        return said

    def argument(self, text: str | Text) -> str:
        """Write a text as an argument of a function."""
        pieces = (text,) if isinstance(text, str) else text.pieces
        if len(pieces) == 1:
            return bracketed(self.term(pieces[0]))
        return f"({self._printed(pieces)})"

    def _printed(self, pieces: tuple[Piece, ...]) -> str:
        fixed = tuple(map(self._fixed, pieces))
        shape = "".join(piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in fixed)
        terms = (bracketed(self.term(piece)) for piece in fixed if not isinstance(piece, str))
        return " ".join(("printf", go(shape), *terms))

    def joined(self, pieces: tuple[Piece, ...]) -> str:
        """Write pieces one behind the other; a brace before an action does not run into it."""
        written = ""
        for piece in pieces:
            text = self.piece(piece)
            if text.startswith("{{") and written.endswith("{"):
                written = written[:-1] + '{{ "{" }}'
            written += text
        return written

    def inline(self, text: Text) -> str:
        """Write a text of marks as a YAML scalar on one line; a value in it may hold quotes, a name never does."""
        fixed = tuple(map(self._fixed, text.pieces))
        if text.encoded:
            whole = self.term(fixed[0]) if len(fixed) == 1 else self._printed(fixed)
            return f"{{{{ {whole} | b64enc | quote }}}}"
        if all(isinstance(piece, str) for piece in fixed):
            return escaped(plain("".join(map(str, fixed))))
        if len(fixed) == 1:
            return f"{{{{ {self.term(fixed[0])} | quote }}}}"
        if any(isinstance(piece, Word) for piece in fixed):
            return f"{{{{ {self._printed(fixed)} | quote }}}}"
        literal = tuple(quoted(piece)[1:-1] if isinstance(piece, str) else piece for piece in fixed)
        return f'"{self.joined(literal)}"'

    def profiles(self, some: frozenset[str], of: frozenset[str]) -> str:
        """Ask whether the profile is one of some, where it is one of those in `of`."""
        rest = of - some
        if len(some) == 1:
            return f"eq {PROFILE} {_listed(some)}"
        if len(rest) == 1:
            return f"ne {PROFILE} {_listed(rest)}"
        if len(some) <= len(rest):
            return f"has {PROFILE} (list {_listed(some)})"
        return f"not (has {PROFILE} (list {_listed(rest)}))"

    def condition(self, one: Condition) -> str:
        """Ask whether an object stands."""
        if one.test == "unless":
            return f"not {self.value(one.value)}"
        if one.value == CREATE:
            return f'include "{self.chart}.createNamespace" .'
        return self.value(one.value)


def generated(piece: Hashed) -> Generated:
    """Give the key of a generated object that a text names."""
    return piece.kind, piece.namespace, piece.stem


def bracketed(term: str) -> str:
    """Put a term into brackets where it is more than a word, to stand among others."""
    whole = " " not in term or (term[0] == term[-1] and term[0] in {'"', "`"} and term.count(term[0]) == 2)  # noqa: PLR2004
    return term if whole else f"({term})"


def _listed(profiles: frozenset[str]) -> str:
    return " ".join(json.dumps(one) for one in sorted(profiles))

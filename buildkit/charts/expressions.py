"""What template actions say: references to values, guards by profile, marks inside text."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from buildkit.charts.marks import Condition, Hashed, Image, Namespace, Piece, Setting, Text, Word
from buildkit.charts.namespaces import CREATE
from buildkit.charts.scalars import escaped, quoted

if TYPE_CHECKING:
    from buildkit.charts.spec import Kind

_SIMPLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PROFILE: Final = ".Values.profile"


@dataclass(frozen=True, kw_only=True)
class Expressions:
    """Actions of one chart.

    Attributes:
        chart: the prefix of its named templates.
        dynamic: `(kind, stem)` of the generated objects whose names have to be computed.
    """

    chart: str
    dynamic: Collection[tuple[str, str]] = field(default_factory=frozenset)

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
        return asked[0] if len(asked) == 1 else f"or {' '.join(f'({one})' for one in asked)}"

    def scalar(self, path: str, kind: Kind) -> str:
        """Write a value that is set, as a whole YAML scalar."""
        return {
            "integer": f"{{{{ {self.value(path)} | int64 }}}}",
            "boolean": f"{{{{ {self.value(path)} }}}}",
        }.get(kind, f"{{{{ {self.value(path)} | quote }}}}")

    def piece(self, piece: Piece) -> str:
        """Write a piece of text: literal, or an action."""
        if isinstance(piece, str):
            return escaped(piece)
        if isinstance(piece, Hashed) and (piece.kind, piece.stem) not in self.dynamic:
            return piece.default
        return f"{{{{ {self.term(piece)} }}}}"

    def term(self, piece: Piece) -> str:
        """Write what stands between the braces."""
        if isinstance(piece, Namespace):
            return ".Release.Namespace"
        if isinstance(piece, Image):
            return f'include "{self.chart}.image" (list . "{piece.name}" "{piece.reference}")'
        if isinstance(piece, Hashed):
            return f'include "{self.name_of(piece.kind, piece.stem)}" .'
        if isinstance(piece, Word):
            return self._word(piece)
        raise TypeError(piece)

    def _word(self, word: Word) -> str:
        default = self._literal(word.default)
        if word.kind in {"integer", "boolean"}:
            said = f'include "{self.chart}.{word.kind}" (list {self.value(word.value)} {default})'
        else:
            said = f"{self.value(word.value)} | default {default}"
        return f"{said} | b64enc" if word.encoded else said

    def _literal(self, default: str | Text) -> str:
        if isinstance(default, str):
            return json.dumps(default, ensure_ascii=False)
        shape = "".join(piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in default.pieces)
        terms = (self.term(piece) for piece in default.pieces if not isinstance(piece, str))
        return f"(printf {json.dumps(shape, ensure_ascii=False)} {' '.join(terms)})"

    def name_of(self, kind: str, stem: str) -> str:
        """Name the template that gives a generated object's name."""
        return f"{self.chart}.{kind.lower()}.{stem}.name"

    def joined(self, pieces: tuple[Piece, ...]) -> str:
        """Write pieces one behind the other; a brace before an action does not run into it."""
        written = ""
        for piece in pieces:
            text = self.piece(piece)
            if text.startswith("{{") and written.endswith("{"):
                written = written[:-1] + '{{ "{" }}'
            written += text
        return written

    def inline(self, pieces: tuple[Piece, ...]) -> str:
        """Write a text of marks as a YAML scalar on one line."""
        if len(pieces) == 1 and not isinstance(pieces[0], str):
            (piece,) = pieces
            bare = isinstance(piece, Image | Hashed)
            return self.piece(piece) if bare else f"{{{{ {self.term(piece)} | quote }}}}"
        literal = tuple(quoted(piece)[1:-1] if isinstance(piece, str) else piece for piece in pieces)
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


def _listed(profiles: frozenset[str]) -> str:
    return " ".join(json.dumps(one) for one in sorted(profiles))

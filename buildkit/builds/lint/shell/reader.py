"""Operators, words and here-documents of shell text, from the left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.shell.tree import Literal, Redirect, ShellError, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.builds.lint.shell.tree import Part, Sequence

_DEEPEST: Final = 40
_BLANKS: Final = " \t\r"
_JOIN: Final = re.compile(r"\\\r?\n")
_PLAIN: Final = re.compile(r"""[^\s'"\\$`;&|<>()]+""")
_KEYWORD: Final = re.compile(r"[A-Za-z0-9_{}!\[\].-]+(?![^ \t\r\n;&|()<>\\])")
_OPERATOR: Final = re.compile(r"&&|\|\||\|&|;;&|;&|;;|&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||[;&|<>()]")
_NUMBER: Final = re.compile(r"[0-9]+(?=[<>])")  # of what is redirected
_BEFORE_REDIRECTION: Final = frozenset("<>&0123456789")
_REDIRECTIONS: Final = frozenset({"<", ">", ">>", "<<", "<<-", "<<<", "<>", "<&", ">&", ">|", "&>", "&>>"})


class Reader:
    """Reads shell text; `parts` reads what is special in a word, `sequence` what stands in `$( )`."""

    def __init__(
        self,
        text: str,
        sequence: Callable[[Reader], Sequence],
        parts: Callable[[Reader, list[Part]], Part | None],
        base: int = 0,
        *,
        fixed: bool = False,
    ) -> None:
        self.text = text
        self.position = 0
        self.sequence = sequence
        self.base = base
        self.fixed = fixed
        self.depth = 0
        self._parts = parts
        self._resume: dict[int, int] = {}  # where a line's end leads that has here-documents behind it

    def inner(self, text: str, position: int, *, fixed: bool) -> Reader:
        """A reader of something inside this text: its places are those from `position` on, or `position` itself."""
        reader = Reader(text, self.sequence, self._parts, self.place(position), fixed=self.fixed or fixed)
        reader.depth = self.depth
        reader.enter()
        return reader

    def place(self, position: int) -> int:
        """Where a character of the text stands in the whole script."""
        return self.base if self.fixed else self.base + position

    def enter(self) -> None:
        """Go one level deeper.

        Raises:
            ShellError: deeper than anybody writes.
        """
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ShellError("nested too deep")

    def leave(self) -> None:
        self.depth -= 1

    def skip_blanks(self) -> None:
        """Pass over blanks, joined lines and comments."""
        while self.position < len(self.text):
            letter = self.text[self.position]
            if letter in _BLANKS:
                self.position += 1
            elif match := _JOIN.match(self.text, self.position):
                self.position = match.end()
            elif letter == "#":
                end = self.text.find("\n", self.position)
                self.position = len(self.text) if end < 0 else end
            else:
                return

    def at_end(self) -> bool:
        self.skip_blanks()
        return self.position >= len(self.text)

    def operator(self) -> str:
        """The operator that stands here; a line's end is one; empty where there is a word or nothing."""
        self.skip_blanks()
        if self.text.startswith("\n", self.position):
            return "\n"
        match = _OPERATOR.match(self.text, self.position)
        if match is None or (match[0] in "<>" and self.text.startswith("(", match.end())):
            return ""
        return match[0]

    def take(self, operator: str) -> bool:
        """Take this operator if it is the one that stands here."""
        if self.operator() != operator:
            return False
        self.position = self._resume.get(self.position, self.position + len(operator))
        return True

    def keyword(self) -> str:
        """The unquoted word that stands here, left where it is; empty where there is none."""
        self.skip_blanks()
        match = _KEYWORD.match(self.text, self.position)
        return match[0] if match else ""

    def take_keyword(self, keyword: str) -> bool:
        """Take this keyword if it is what stands here."""
        if self.keyword() != keyword:
            return False
        self.position += len(keyword)
        return True

    def word(self) -> Word | None:
        """The word that stands here; None where there is none."""
        self.skip_blanks()
        begin = self.position
        parts: list[Part] = []
        while self.position < len(self.text):
            if match := _PLAIN.match(self.text, self.position):
                self.position = match.end()
                parts.append(Literal(match[0]))
                continue
            part = self.part(parts)
            if part is None:
                break
            parts.append(part)
        if self.position == begin:
            return None
        return Word(tuple(parts), self.place(begin), self.place(self.position))

    def part(self, before: list[Part]) -> Part | None:
        """Quotes, escapes and what begins with `$`; None where the word ends."""
        return self._parts(self, before)

    def skip_balanced(self) -> None:
        """Pass over `( … )`, whatever stands in it."""
        still_open = 0
        while self.position < len(self.text):
            letter = self.text[self.position]
            if letter == "\\":
                self.position += 1
            elif letter == "'":
                end = self.text.find("'", self.position + 1)
                self.position = len(self.text) if end < 0 else end
            still_open += (letter == "(") - (letter == ")")
            self.position += 1
            if not still_open:
                return
        raise ShellError("a parenthesis that is not closed")

    def redirection(self) -> Redirect | None:
        """A redirection that stands here; the content of a here-document is behind the end of the line."""
        self.skip_blanks()
        begin = self.position
        if self.text[begin : begin + 1] not in _BEFORE_REDIRECTION:
            return None
        if number := _NUMBER.match(self.text, begin):
            self.position = number.end()
        operator = self.operator()
        if operator not in _REDIRECTIONS:
            self.position = begin
            return None
        self.position += len(operator)
        target = self.word()
        if target is None:
            raise ShellError(f"nothing behind {operator}")
        if operator in {"<<", "<<-"}:
            return Redirect(operator, target, self._content(target, tabs=operator == "<<-"))
        return Redirect(operator, target)

    def _content(self, delimiter: Word, *, tabs: bool) -> Word:
        """What stands behind the end of this line, and behind the here-documents before it."""
        name = delimiter.literal
        line = self.text.find("\n", self.position)
        if name is None or line < 0:
            raise ShellError("a here-document that does not follow")
        begin = position = self._resume.get(line, line + 1)
        while position < len(self.text):
            end = self.text.find("\n", position)
            end = len(self.text) if end < 0 else end
            text = self.text[position:end].rstrip("\r")
            if (text.lstrip("\t") if tabs else text) == name:
                self._resume[line] = min(end + 1, len(self.text))
                return self._data(begin, position, quoted=delimiter.bare is None)
            position = end + 1
        raise ShellError("a here-document that does not end")

    def _data(self, begin: int, end: int, *, quoted: bool) -> Word:
        content = self.text[begin:end]
        place = self.place(begin), self.place(end)
        if quoted or not ("$" in content or "`" in content or "\\" in content):
            return Word((Literal(content, quoted=True),), *place)
        return Word(tuple(self.inner(content, begin, fixed=False).data()), *place)

    def data(self) -> list[Part]:
        """All of the text as double quotes would have it, with `"` standing for itself."""
        from buildkit.builds.lint.shell.expansions import quoted_parts  # noqa: PLC0415  (each needs the other)

        return quoted_parts(self, "")

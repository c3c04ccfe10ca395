"""The lines of a Dockerfile as BuildKit reads them: directives, comments, continuations, here-documents.

Frontend/dockerfile/parser (`parser.go`, `directives.go`) is what decides, its oddities included: a comment or a blank
line inside a continued instruction is passed over; an escaped escape at the end continues nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.dockerfile.dockerfile import Comment, Directive, Heredoc, Span
from buildkit.dockerfile.errors import DockerfileError
from buildkit.dockerfile.spaces import SPACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.dockerfile.heredoc import Delimiter

MOST_CHARACTERS: Final = 1 << 20
_MOST_LINE_BYTES: Final = (1 << 16) - 1  # BuildKit's own limit
_BYTES_OF_LETTER: Final = 4
_ASCII_SPACES: Final = "\t\n\f\r "
_DIRECTIVE: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=")
_DIRECTIVES: Final = frozenset({"syntax", "escape", "check"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Logical:
    """An instruction on one line, before its here-documents."""

    text: str
    line: int
    end_line: int
    spans: tuple[Span, ...]


class Source:
    """Reads a file from the top; what it met on the way stays in `directives` and `comments`."""

    def __init__(self, text: str, name: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise DockerfileError(name, 1, f"larger than {MOST_CHARACTERS // 1024} KiB: not read as a Dockerfile")
        self.name = name
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.comments: list[Comment] = []
        self._lines = text.split("\n")
        self._ended = not self._lines[-1]  # the last line has an end: there is none after it
        self._count = len(self._lines) - self._ended
        self._next = 0
        self._offset = 0
        self._at_top = True

    def instructions(self) -> Iterator[Logical]:
        """Yield one instruction after the other; a here-document is read before the next one is asked for.

        Raises:
            DockerfileError: a directive twice, an escape that is none, a line that is too long or no text.
        """
        while self._next < self._count:
            line, offset = self._take()
            if self._next == 1 and line.startswith("\ufeff"):
                line, offset = line[1:], offset + 1
            line = line.rstrip("\r\n")
            stripped = line.lstrip(SPACES)
            if self._at_top and self._directive(stripped):
                continue
            if stripped.startswith("#"):
                self._comment(stripped)
            elif stripped:
                logical = self._join(stripped, offset + len(line) - len(stripped))
                if logical is not None:
                    yield logical

    def read_heredoc(self, delimiter: Delimiter, logical: Logical) -> Heredoc:
        """The here-document that begins on the next line.

        Raises:
            DockerfileError: its end is missing.
        """
        first, offset = self._next, self._offset
        while self._next < self._count:
            line, _ = self._take()
            line = line.rstrip("\r\n")
            if (line.lstrip("\t") if delimiter.chomp else line) == delimiter.name:
                content = "".join(f"{one}\n" for one in self._lines[first : self._next - 1])
                return Heredoc(
                    name=delimiter.name,
                    expand=delimiter.expand,
                    chomp=delimiter.chomp,
                    content=content,
                    line=first + 1,
                    offset=offset,
                )
        raise DockerfileError(self.name, logical.line, f"unterminated heredoc ({delimiter.name[:80]} does not follow)")

    @property
    def line(self) -> int:
        """The line that was read last."""
        return self._next

    def _take(self) -> tuple[str, int]:
        line, offset = self._lines[self._next], self._offset
        self._next += 1
        self._offset += len(line) + 1
        if len(line) * _BYTES_OF_LETTER > _MOST_LINE_BYTES and len(line.encode(errors="replace")) > _MOST_LINE_BYTES:
            raise DockerfileError(self.name, self._next, f"line greater than max allowed size of {_MOST_LINE_BYTES}")
        if "\0" in line:
            raise DockerfileError(self.name, self._next, "a NUL character: no text")
        return line, offset

    def _join(self, line: str, offset: int) -> Logical | None:
        """Join the lines that continue this one."""
        begin = self._next
        text, continued = self._without_continuation(line)
        if not text and not continued:
            return None
        parts, spans, length = [text], [Span(start=0, offset=offset, line=begin)], len(text)
        while continued and self._next < self._count:
            line, offset = self._take()
            line = line.rstrip("\r\n")
            self._at_top = False
            stripped = line.lstrip(SPACES)
            if stripped.startswith("#"):
                self._comment(stripped)
            elif stripped:
                text, continued = self._without_continuation(line)
                parts.append(text)
                spans.append(Span(start=length, offset=offset, line=self._next))
                length += len(text)
        return Logical(text="".join(parts), line=begin, end_line=self._next, spans=tuple(spans))

    def _without_continuation(self, line: str) -> tuple[str, bool]:
        trimmed = line.rstrip(" \t")
        if trimmed.endswith(self.escape) and not trimmed.endswith(self.escape * 2):
            return trimmed[:-1], True
        return line, False

    def _comment(self, stripped: str) -> None:
        self.comments.append(Comment(line=self._next, text=stripped[1:].strip(SPACES)))

    def _directive(self, stripped: str) -> bool:
        """Take a directive; the first line that is none ends them."""
        match = _DIRECTIVE.match(stripped[1:].lstrip(SPACES)) if stripped.startswith("#") else None
        name = match[1].lower() if match else ""
        value = match.string[match.end() :] if match else ""
        if name not in _DIRECTIVES or not value:
            self._at_top = False
            return False
        if any(one.name == name for one in self.directives):
            raise DockerfileError(self.name, self._next, f"only one {name} parser directive can be used")
        value = value.strip(_ASCII_SPACES) or value[-1]
        self.directives.append(Directive(name=name, value=value, line=self._next))
        if name == "escape":
            if value not in {"\\", "`"}:
                raise DockerfileError(
                    self.name, self._next, f"invalid escape token '{value[:80]}' does not match ` or \\"
                )
            self.escape = value
        return True

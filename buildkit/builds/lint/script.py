"""The shell text of a RUN, and where each of its characters stands in the file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.dockerfile.errors import SyntaxProblem
from buildkit.dockerfile.heredoc import parse_delimiter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.dockerfile.dockerfile import Instruction

_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})


@dataclass(frozen=True, slots=True)
class Piece:
    """From `start` on the script is the file's text from `offset` on, which begins on `line`."""

    start: int
    offset: int
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """Shell text; `pieces` say where it comes from, none where that is not told from its places."""

    text: str
    pieces: tuple[Piece, ...]
    line: int

    def line_at(self, index: int) -> int:
        """The line of the file."""
        piece = self._piece(index)
        if piece is None:
            return self.line
        return piece.line + self.text.count("\n", piece.start, index)

    def offset_at(self, index: int) -> int | None:
        """The character of the file."""
        piece = self._piece(index)
        return piece.offset + index - piece.start if piece else None

    def _piece(self, index: int) -> Piece | None:
        position = bisect_right(self.pieces, index, key=lambda piece: piece.start) - 1
        return self.pieces[position] if position >= 0 else None


def script_of(instruction: Instruction, shell: Sequence[str] | None) -> Script | None:
    """What a RUN in shell form hands to a shell; None where that is no shell that is understood here."""
    if shell is not None and not _is_shell(shell[0]):
        return None
    begin = instruction.at
    spans = [span for span in instruction.spans if span.start > begin]
    pieces = [Piece(0, instruction.offset_at(begin), instruction.line_at(begin))]
    pieces += [Piece(span.start - begin, span.offset, span.line) for span in spans]
    if not instruction.heredocs:
        return Script(text=instruction.arguments, pieces=tuple(pieces), line=instruction.line)
    if _is_delimiter(instruction.arguments):
        return _whole(instruction)
    text = instruction.arguments
    for one in instruction.heredocs:
        text += "\n"
        pieces.append(Piece(len(text), one.offset, one.line))
        text += one.content
        pieces.append(Piece(len(text), one.offset + len(one.content), one.line + one.content.count("\n")))
        text += one.name
    return Script(text=text + "\n", pieces=tuple(pieces), line=instruction.line)


def _whole(instruction: Instruction) -> Script | None:
    """A here-document that is the script; one with an interpreter of its own only where that is a shell."""
    one = instruction.heredocs[0]
    first = one.content.partition("\n")[0].strip()
    if first.startswith("#!"):
        words = first[2:].split()
        if not words or not _is_shell(words[-1] if words[0].endswith("/env") else words[0]):
            return None
    return Script(text=one.content, pieces=(Piece(0, one.offset, one.line),), line=instruction.line)


def _is_delimiter(text: str) -> bool:
    try:
        return parse_delimiter(text) is not None
    except SyntaxProblem:
        return False


def _is_shell(program: str) -> bool:
    return program.rsplit("/", 1)[-1] in _SHELLS

"""What is special inside a word of shell text: quotes, escapes, variables, substitutions, arrays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.shell.tree import Literal, Opaque, Quoted, ShellError, Substitution, Variable, Word

if TYPE_CHECKING:
    from buildkit.builds.lint.shell.reader import Reader
    from buildkit.builds.lint.shell.tree import Part

_IN_QUOTES: Final = re.compile(r'[^"\\$`]+')
_IN_BRACES: Final = re.compile(r"""[^'"\\$`}/]+""")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
_MODIFIER: Final = re.compile(r":[-+=?]|##|%%|//|/[#%]?|[-+=?#%]")
_BEFORE_PARENTHESIS: Final = frozenset("=@?+!*")  # an array; a pattern of bash's
_ANSI_QUOTED: Final = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_BACKTICKS: Final = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)
_ANSI: Final = {"n": "\n", "t": "\t", "r": "\r"}


def special_part(reader: Reader, before: list[Part]) -> Part | None:
    """The part that begins here, behind those before it; None where the word ends.

    Raises:
        ShellError: something is not closed.
    """
    letter = reader.text[reader.position]
    simple = _SPECIAL.get(letter)
    if simple:
        return simple(reader)
    if letter == "(" and before and isinstance(before[-1], Literal) and before[-1].text[-1:] in _BEFORE_PARENTHESIS:
        return _array(reader) if before[-1].text.endswith("=") else _skipped(reader)
    if letter in "<>" and reader.text.startswith("(", reader.position + 1):
        reader.position += 1
        return _skipped(reader)
    return None


def _escaped(reader: Reader) -> Part:
    following = reader.text[reader.position + 1 : reader.position + 2]
    reader.position += 2
    return Literal("") if following == "\n" else Literal(following, quoted=True)


def _single_quoted(reader: Reader) -> Part:
    end = reader.text.find("'", reader.position + 1)
    if end < 0:
        raise ShellError("a quote that is not closed")
    inside = reader.text[reader.position + 1 : end]
    reader.position = end + 1
    return Literal(inside, quoted=True)


def _double_quoted(reader: Reader) -> Part:
    parts = quoted_parts(reader, '"')
    texts = [part.text for part in parts if isinstance(part, Literal)]
    return Literal("".join(texts), quoted=True) if len(texts) == len(parts) else Quoted(tuple(parts))


def quoted_parts(reader: Reader, close: str) -> list[Part]:
    """What stands between double quotes, or up to the end of the text where nothing closes it."""
    reader.position += len(close)
    parts: list[Part] = []
    while True:
        if match := _IN_QUOTES.match(reader.text, reader.position):
            reader.position = match.end()
            parts.append(Literal(match[0], quoted=True))
        letter = reader.text[reader.position : reader.position + 1]
        if letter == close:
            reader.position += len(close)
            return parts
        if not letter:
            raise ShellError("a quote that is not closed")
        parts.append(_quoted_part(reader, letter))


def _quoted_part(reader: Reader, letter: str) -> Part:
    if letter == "$":
        return _dollar(reader, quoted=True)
    if letter == "`":
        return _backticks(reader, quoted=True)
    if letter == '"':
        reader.position += 1
        return Literal(letter, quoted=True)
    following = reader.text[reader.position + 1 : reader.position + 2]
    reader.position += 2
    kept = "" if following and following in '$`"\\\n' else "\\"
    return Literal(kept + ("" if following == "\n" else following), quoted=True)


def _dollar(reader: Reader, *, quoted: bool = False) -> Part:
    start = reader.position + 1
    reader.position = start
    following = reader.text[start : start + 1]
    if following == "(":
        return _substitution(reader, quoted=quoted)
    if following == "{":
        return _braces(reader, quoted=quoted)
    if following and following in "\"'" and not quoted:
        return _double_quoted(reader) if following == '"' else _ansi(reader)
    match = _NAME.match(reader.text, start)
    if match is None:
        return Literal("$", quoted)
    reader.position = match.end()
    return Variable(match[0], quoted=quoted)


def _ansi(reader: Reader) -> Part:
    """`$'…'`, in which a backslash escapes."""
    match = _ANSI_QUOTED.match(reader.text, reader.position - 1)
    if match is None:
        raise ShellError("a quote that is not closed")
    reader.position = match.end()
    return Literal(re.sub(r"\\(.)", lambda one: _ANSI.get(one[1], one[1]), match[1]), quoted=True)


def _substitution(reader: Reader, *, quoted: bool) -> Part:
    if reader.text.startswith("((", reader.position):
        reader.skip_balanced()
        return Opaque(quoted)
    reader.enter()
    reader.position += 1
    body = reader.sequence(reader)
    if not reader.take(")"):
        raise ShellError("a parenthesis that is not closed")
    reader.leave()
    return Substitution(body, quoted)


def _backticks(reader: Reader, *, quoted: bool = False) -> Part:
    match = _BACKTICKS.match(reader.text, reader.position)
    if match is None:
        raise ShellError("a backtick that is not closed")
    inner = reader.inner(re.sub(r"\\([`\\$])", r"\1", match[1]), reader.position, fixed=True)
    body = inner.sequence(inner)
    if not inner.at_end():
        raise ShellError("what stands in backticks does not end")
    reader.position = match.end()
    return Substitution(body, quoted)


def _braces(reader: Reader, *, quoted: bool) -> Part:
    reader.position += 1
    length = reader.text.startswith("#", reader.position) and not reader.text.startswith("#}", reader.position)
    match = None if length else _NAME.match(reader.text, reader.position)
    if match is None:
        return _unknown_braces(reader, quoted=quoted)
    reader.position = match.end()
    if reader.text.startswith("}", reader.position):
        reader.position += 1
        return Variable(match[0], quoted=quoted)
    modifier = _MODIFIER.match(reader.text, reader.position)
    if modifier is None:
        return _unknown_braces(reader, quoted=quoted)
    reader.position = modifier.end()
    reader.enter()
    new = None
    if modifier[0].startswith("/"):
        operand = _operand(reader, "/}")
        new = _operand(reader, "}") if reader.text[reader.position - 1] == "/" else Word((), operand.end, operand.end)
    else:
        operand = _operand(reader, "}")
    reader.leave()
    return Variable(match[0], modifier[0], operand, new, quoted)


def _operand(reader: Reader, stops: str) -> Word:
    """A word inside braces, up to one of the stops, which is taken."""
    begin = reader.position
    parts: list[Part] = []
    while reader.position < len(reader.text):
        letter = reader.text[reader.position]
        if letter in stops:
            reader.position += 1
            return Word(tuple(parts), reader.place(begin), reader.place(reader.position - 1))
        if match := _IN_BRACES.match(reader.text, reader.position):
            reader.position = match.end()
            parts.append(Literal(match[0]))
        elif letter in "/}":
            reader.position += 1
            parts.append(Literal(letter))
        else:
            parts.append(_SPECIAL[letter](reader))
    raise ShellError("a brace that is not closed")


def _unknown_braces(reader: Reader, *, quoted: bool) -> Part:
    """Something of bash's own: `${!name}`, `${#name}`, `${name[0]}`, `${name,,}`."""
    _operand(reader, "}")
    return Opaque(quoted)


def _array(reader: Reader) -> Part:
    """The elements of an array, joined by blanks."""
    reader.enter()
    reader.position += 1
    parts: list[Part] = []
    while not reader.take(")"):
        if reader.take("\n"):
            continue
        word = reader.word()
        if word is None:
            raise ShellError("an array that is not closed")
        parts += [*([Literal(" ")] if parts else []), *word.parts]
    reader.leave()
    return Quoted(tuple(parts))


def _skipped(reader: Reader) -> Part:
    reader.skip_balanced()
    return Opaque()


_SPECIAL: Final = {
    "\\": _escaped,
    "'": _single_quoted,
    '"': _double_quoted,
    "$": _dollar,
    "`": _backticks,
}

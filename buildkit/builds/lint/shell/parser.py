"""Shell text -> tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.shell.expansions import special_part
from buildkit.builds.lint.shell.reader import Reader
from buildkit.builds.lint.shell.tree import (
    AndOr,
    Assignment,
    Case,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Sequence,
    ShellError,
    Simple,
    Test,
    Word,
)

if TYPE_CHECKING:
    from buildkit.builds.lint.shell.tree import Command, Redirect

MOST_CHARACTERS: Final = 1 << 17
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]=]*\])?(\+?)=")
_FUNCTION: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_EXPRESSION: Final = re.compile(r"""[^\s'"$\\`]*\$?(?=\s)""")
_ENDS: Final = frozenset({"then", "do", "done", "fi", "elif", "else", "esac", "}"})
_SEPARATORS: Final = frozenset({";", "&", "\n"})
_ITEM_ENDS: Final = (";;&", ";;", ";&")


def parse_shell(text: str, *, base: int = 0, fixed: bool = False) -> Sequence:
    """Read a script; places count from `base`, or all are `base` where the text was quoted in another script.

    Raises:
        ShellError: it is no shell text, or beyond what is read.
    """
    if len(text) > MOST_CHARACTERS:
        raise ShellError(f"more than {MOST_CHARACTERS} characters")
    reader = Reader(text, _sequence, special_part, base, fixed=fixed)
    sequence = _sequence(reader)
    if not reader.at_end():
        raise ShellError("something that begins no command")
    return sequence


def _sequence(reader: Reader) -> Sequence:
    """Commands up to something that begins none."""
    reader.enter()
    items: list[AndOr] = []
    while True:
        while (separator := reader.operator()) in _SEPARATORS:
            reader.take(separator)
        found = _and_or(reader)
        if found is None:
            break
        items.append(found)
        if reader.operator() not in _SEPARATORS:
            break
    reader.leave()
    return Sequence(tuple(items))


def _and_or(reader: Reader) -> AndOr | None:
    first = _pipeline(reader)
    if first is None:
        return None
    pipelines, operators = [first], []
    while (operator := reader.operator()) in {"&&", "||"}:
        reader.take(operator)
        while reader.take("\n"):
            pass
        following = _pipeline(reader)
        if following is None:
            raise ShellError(f"nothing behind {operator}")
        operators.append(operator)
        pipelines.append(following)
    return AndOr(tuple(pipelines), tuple(operators))


def _pipeline(reader: Reader) -> Pipeline | None:
    negated = False
    while (keyword := reader.keyword()) in {"!", "time"}:
        reader.take_keyword(keyword)
        negated ^= keyword == "!"
    first = _command(reader)
    if first is None:
        if negated:
            raise ShellError("nothing behind !")
        return None
    commands = [first]
    while (operator := reader.operator()) in {"|", "|&"}:
        reader.take(operator)
        while reader.take("\n"):
            pass
        following = _command(reader)
        if following is None:
            raise ShellError("nothing behind |")
        commands.append(following)
    return Pipeline(tuple(commands), negated)


def _expect(reader: Reader, keyword: str) -> None:
    if not reader.take_keyword(keyword):
        raise ShellError(f"{keyword} is missing")


def _command(reader: Reader) -> Command | None:
    if reader.operator() == "(":
        return _subshell(reader)
    keyword = reader.keyword()
    if keyword in _ENDS:
        return None
    compound = _COMPOUND.get(keyword)
    if compound is None:
        return _simple(reader)
    reader.enter()
    reader.position += len(keyword)
    command = compound(reader)
    while reader.redirection() is not None:
        pass
    reader.leave()
    return command


def _subshell(reader: Reader) -> Command:
    reader.enter()
    if reader.text.startswith("((", reader.position):
        # Arithmetic; a subshell inside a subshell has a blank between.
        reader.skip_balanced()
        reader.leave()
        return Simple((), (), (), reader.place(reader.position))
    reader.take("(")
    body = _sequence(reader)
    if not reader.take(")"):
        raise ShellError("a parenthesis that is not closed")
    while reader.redirection() is not None:
        pass
    reader.leave()
    return Group(body, subshell=True)


def _if(reader: Reader) -> Command:
    branches = [_branch(reader)]
    while reader.take_keyword("elif"):
        branches.append(_branch(reader))
    otherwise = _sequence(reader) if reader.take_keyword("else") else Sequence()
    _expect(reader, "fi")
    return If(tuple(branches), otherwise)


def _branch(reader: Reader) -> tuple[Sequence, Sequence]:
    condition = _sequence(reader)
    _expect(reader, "then")
    return condition, _sequence(reader)


def _loop(reader: Reader) -> Command:
    condition = _sequence(reader)
    return Loop(condition, _body(reader))


def _body(reader: Reader) -> Sequence:
    _expect(reader, "do")
    body = _sequence(reader)
    _expect(reader, "done")
    return body


def _for(reader: Reader) -> Command:
    if reader.text.startswith("((", reader.position + 1) or reader.operator() == "(":
        reader.operator()
        reader.skip_balanced()
        words: tuple[Word, ...] | None = None
        name = ""
    else:
        found = reader.word()
        name = (found.bare if found else None) or ""
        if not name:
            raise ShellError("for without a name")
        words = _listed(reader)
    while reader.take(";") or reader.take("\n"):
        pass
    return For(name, words, _body(reader))


def _listed(reader: Reader) -> tuple[Word, ...] | None:
    while reader.take("\n"):
        pass
    if not reader.take_keyword("in"):
        return None
    words: list[Word] = []
    while (word := reader.word()) is not None:
        words.append(word)
    return tuple(words)


def _case(reader: Reader) -> Command:
    subject = reader.word()
    if subject is None:
        raise ShellError("case without a word")
    while reader.take("\n"):
        pass
    _expect(reader, "in")
    items: list[tuple[tuple[Word, ...], Sequence]] = []
    while True:
        while reader.take("\n"):
            pass
        if reader.take_keyword("esac"):
            return Case(subject, tuple(items))
        items.append(_item(reader))


def _item(reader: Reader) -> tuple[tuple[Word, ...], Sequence]:
    reader.take("(")
    patterns: list[Word] = []
    while True:
        pattern = reader.word()
        if pattern is None:
            raise ShellError("a pattern is missing")
        patterns.append(pattern)
        if not reader.take("|"):
            break
    if not reader.take(")"):
        raise ShellError("a pattern without its parenthesis")
    body = _sequence(reader)
    any(reader.take(end) for end in _ITEM_ENDS)
    return tuple(patterns), body


def _group(reader: Reader) -> Command:
    body = _sequence(reader)
    _expect(reader, "}")
    return Group(body)


def _function(reader: Reader) -> Command:
    name = reader.word()
    if name is None or not name.literal:
        raise ShellError("a function without a name")
    if reader.take("("):
        reader.take(")")
    return _function_body(reader, name.literal)


def _function_body(reader: Reader, name: str) -> Command:
    while reader.take("\n"):
        pass
    body = _command(reader)
    if body is None:
        raise ShellError("a function without a body")
    return Function(name, Sequence((AndOr((Pipeline((body,)),)),)))


def _test(reader: Reader) -> Command:
    """`[[ … ]]`, in which && and || and parentheses are words."""
    at = reader.place(reader.position)
    words: list[Word] = []
    while not reader.take_keyword("]]"):
        operator = reader.operator()
        if operator:
            place = reader.place(reader.position)
            reader.take(operator)
            if operator != "\n":
                words.append(Word((Literal(operator),), place, place + len(operator)))
            continue
        word = reader.word()
        if word is None:
            raise ShellError("[[ that is not closed")
        words.append(word)
        if word.bare == "=~":
            words.append(_expression(reader))
    return Test(tuple(words), at)


def _expression(reader: Reader) -> Word:
    """A regular expression, in which parentheses and bars stand for themselves."""
    reader.skip_blanks()
    match = _EXPRESSION.match(reader.text, reader.position)
    if match is None:
        word = reader.word()
        if word is None:
            raise ShellError("nothing behind =~")
        return word
    place = reader.place(reader.position)
    reader.position = match.end()
    return Word((Literal(match[0]),), place, reader.place(reader.position))


def _simple(reader: Reader) -> Command | None:
    assignments: list[Assignment] = []
    words: list[Word] = []
    redirects: list[Redirect] = []
    reader.skip_blanks()
    at = reader.place(reader.position)
    while True:
        redirect = reader.redirection()
        if redirect is not None:
            redirects.append(redirect)
            continue
        word = reader.word()
        if word is None:
            break
        assignment = None if words else _assignment(word)
        if assignment:
            assignments.append(assignment)
        elif len(words) == 0 and not assignments and reader.operator() == "(" and word.bare:
            return _defined(reader, word.bare)
        else:
            words.append(word)
    if not (assignments or words or redirects):
        return None
    return Simple(tuple(assignments), tuple(words), tuple(redirects), at)


def _defined(reader: Reader, name: str) -> Command:
    """`name() …`."""
    reader.take("(")
    if not reader.take(")") or not _FUNCTION.fullmatch(name):
        raise ShellError("a parenthesis behind a word")
    return _function_body(reader, name)


def _assignment(word: Word) -> Assignment | None:
    first = word.parts[0]
    if not isinstance(first, Literal) or first.quoted:
        return None
    match = _ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = first.text[match.end() :]
    parts = ((Literal(rest),) if rest else ()) + word.parts[1:]
    return Assignment(match[1], Word(parts, word.at + match.end(), word.end), bool(match[2]))


_COMPOUND: Final = {
    "if": _if,
    "while": _loop,
    "until": _loop,
    "for": _for,
    "select": _for,
    "case": _case,
    "{": _group,
    "function": _function,
    "[[": _test,
}

"""Lines of templates under conditions: as few `if`s as say the same, `else` where a condition is another's opposite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_IF: Final = "{{- if "
_ELSE: Final = "{{- else }}"
_END: Final = "{{- end }}"
_OPPOSITE: Final = (("eq ", "ne "), ("has ", "not (has "))


def guarded(pad: str, test: str, lines: list[str], otherwise: list[str] | None = None) -> list[str]:
    """Put lines under a condition, others under its opposite."""
    return choice(pad, [(test, lines), *([("", otherwise)] if otherwise else [])])


def choice(pad: str, ways: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Put lines each under a condition, the first that holds counts; without a condition: in any other case."""
    lines: list[str] = []
    for number, (test, inner) in enumerate(ways):
        if test:
            lines += [f"{pad}{{{{- {'else if' if number else 'if'} {test} }}}}", *inner]
        elif not number:
            return inner
        elif inner[:1] and inner[0].startswith(pad + _IF) and _parts(inner) is not None:
            return [*lines, inner[0].replace("{{- if ", "{{- else if ", 1), *inner[1:]]
        else:
            lines += [pad + _ELSE, *inner]
    return [*lines, pad + _END] if lines else []


def together(parts: Sequence[list[str]]) -> list[str]:
    """Put parts one behind the other, those of one condition under one `if`, those of its opposite under its `else`."""
    lines: list[str] = []
    test = ""
    for part in parts:
        own = _test(part)
        if own and own == test:
            lines[-1:] = part[1:]
        elif own and own == _opposite(test):
            lines[-1:] = [part[-1].replace(_END, _ELSE), *part[1:]]
            own = ""
        else:
            lines += part
        test = own
    return lines


def _test(lines: list[str]) -> str:
    """Give the condition that all these lines stand under, where that is one without `else`; else an empty text."""
    return lines[0].strip()[len(_IF) : -3] if _parts(lines) == 1 else ""


def _parts(lines: list[str]) -> int | None:
    """Count the branches of the one `if` that these lines are; None where they are none, or more."""
    if not lines or not lines[0].lstrip().startswith(_IF):
        return None
    depth, branches = 0, 1
    for number, line in enumerate(lines):
        word = line.lstrip()
        depth += word.startswith((_IF, "{{- range ")) - word.startswith(_END)
        branches += depth == 1 and word.startswith("{{- else ")
        if depth == 0 and number < len(lines) - 1:
            return None
    return branches


def _opposite(test: str) -> str:
    for positive, negative in _OPPOSITE:
        if test.startswith(negative):
            return positive + test[len(negative) :].removesuffix(")" * negative.count("("))
        if test.startswith(positive):
            return negative + test[len(positive) :] + ")" * negative.count("(")
    return ""

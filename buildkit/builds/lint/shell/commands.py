"""Simple commands on a machine: assignments, what a shell does itself, functions, scripts in scripts, programs."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.shell.call import WATCHED, Call, program_of
from buildkit.builds.lint.shell.conditions import evaluate_test
from buildkit.builds.lint.shell.machine import Machine, Status, status_of
from buildkit.builds.lint.shell.outputs import printed
from buildkit.builds.lint.shell.parser import parse_shell
from buildkit.builds.lint.shell.tree import ShellError
from buildkit.builds.lint.shell.wrappers import bare_command, quoted_script
from buildkit.builds.lint.values import UNKNOWN, Binding, Value, joined

if TYPE_CHECKING:
    from buildkit.builds.lint.shell.tree import Simple

_DEEPEST: Final = 8
_OUTPUTS: Final = frozenset({">", ">>", ">|", "&>", "&>>"})
_INPUTS: Final = frozenset({"<<", "<<-", "<<<"})
_GREP: Final = frozenset({"grep", "egrep", "fgrep"})
_PASSES_ON: Final = frozenset({"cat", "tee"})


def run_simple(machine: Machine, command: Simple) -> Status:
    """Run one command with its assignments."""
    words = tuple(machine.words.value(word) for word in command.words)
    if not words:
        return _assign(machine, command)
    assigned = [(one, machine.words.value(one.value)) for one in command.assignments]
    data = machine.input
    for one in command.redirects:
        if one.operator in _INPUTS:
            data = machine.words.value(one.content or one.target)
    pairs = tuple((one.name, value) for one, value in assigned)
    call = Call(
        words=words,
        name=program_of(words),
        assigned=pairs,
        environment=_environment(machine, pairs),
        writes=tuple(machine.words.value(one.target) for one in command.redirects if one.operator in _OUTPUTS),
        data=data,
        piped=machine.piped,
        sure=machine.sure,
        at=command.at,
    )
    return run_call(machine, call)


def run_words(machine: Machine, words: tuple[str, ...]) -> None:
    """Start a program by its words: the exec form of RUN."""
    values = tuple(Value(texts=(word,), literal=word) for word in words)
    if values:
        run_call(machine, Call(words=values, name=program_of(values), environment=_environment(machine, ())))


def run_call(machine: Machine, call: Call) -> Status:
    """Run a command whose words are known as far as they can be."""
    bare = bare_command(call)
    if bare is not call:
        call = replace(bare, environment=_environment(machine, bare.assigned))
    name = call.words[0].text or "" if call.words else ""
    builtin = _BUILTINS.get(name)
    if builtin is not None:
        return builtin(machine, call)
    if name in machine.functions:
        return _function(machine, name, call)
    script = quoted_script(call)
    if script is not None:
        return _nested(machine, script, alone=name != "eval")
    machine.calls.append(call)
    if machine.prints is not None and not call.writes:
        output = _print_of(machine, call)
        if output.texts != ("",):
            machine.prints.append(output)
    return _found(call) if call.name in _GREP and call.data is not None else Status.RAN


def _assign(machine: Machine, command: Simple) -> Status:
    """Assignments that last: each sees those before it."""
    pairs: list[tuple[str, Value]] = []
    for one in command.assignments:
        value = machine.words.value(one.value)
        before = machine.variables.get(one.name)
        if one.appends and before is not None:
            value = joined([Value(texts=before.texts or (UNKNOWN,), sources=(before,)), value], at=value.at)
        machine.bind(one.name, value)
        pairs.append((one.name, value))
    if pairs:
        machine.calls.append(Call(words=(), assigned=tuple(pairs), environment={}, sure=machine.sure, at=command.at))
    return Status.YES


def _environment(machine: Machine, assigned: tuple[tuple[str, Value], ...]) -> dict[str, Binding]:
    """What of the watched variables a command sees."""
    seen = {name: one for name in WATCHED if (one := machine.variables.get(name)) is not None and one.exported}
    for name, value in assigned:
        if name in WATCHED:
            seen[name] = Binding(
                name=name,
                texts=value.texts,
                origin="shell",
                line=machine.line_of(value.at),
                literal=value.literal,
                sources=value.sources,
            )
    return seen


def _print_of(machine: Machine, call: Call) -> Value:
    if [word.text for word in call.words] == ["go", "env", "GOARCH"]:
        chosen = call.environment.get("GOARCH")
        known = chosen.texts if chosen and chosen.texts else (machine.platform.architecture,)
        return Value(texts=known, sources=(chosen,) if chosen else ())
    if call.name in _PASSES_ON and call.data is not None:
        return call.data
    return printed(call.words, machine.platform)


def _function(machine: Machine, name: str, call: Call) -> Status:
    if machine.depth >= _DEEPEST:
        return Status.RAN
    outer, machine.positional = machine.positional, list(call.words[1:])
    machine.depth += 1
    refusals = len(machine.refusals)
    status = machine.run(machine.functions[name])
    if machine.ended and len(machine.refusals) == refusals:
        machine.ended = False  # it returned
        status = Status.OPEN
    machine.depth -= 1
    machine.positional = outer
    return status


def _nested(machine: Machine, script: Value, *, alone: bool) -> Status:
    """A script that is an argument: `sh -c`, `eval`."""
    if len(script.texts) != 1 or machine.depth >= _DEEPEST:
        return Status.RAN
    try:
        body = parse_shell(script.texts[0], base=script.at, fixed=True)
    except ShellError:
        return Status.RAN
    start = len(machine.calls)
    machine.depth += 1
    status = machine.alone(lambda: machine.run(body)) if alone else machine.run(body)
    machine.depth -= 1
    # What was put into the script looks as if it were written there.
    machine.calls[start:] = [_come_from(call, script) for call in machine.calls[start:]]
    return status


def _come_from(call: Call, script: Value) -> Call:
    def moved(value: Value) -> Value:
        return replace(
            value,
            literal=script.literal,
            sources=(*value.sources, *script.sources),
            undeclared=(*value.undeclared, *script.undeclared),
        )

    assigned = tuple((name, moved(value)) for name, value in call.assigned)
    return replace(call, words=tuple(map(moved, call.words)), assigned=assigned)


def _set(machine: Machine, call: Call) -> Status:
    """Export, local and the like; a word without `=` marks a variable that there is."""
    exports = call.words[0].text == "export"
    for word in call.words[1:]:
        name, equals, _ = word.texts[0].partition("=")
        if equals and name.isidentifier():
            texts = tuple(text.partition("=")[2] for text in word.texts)
            value = replace(word, texts=texts, literal=word.literal.partition("=")[2])
            machine.bind(name, value, exported=exports)
            machine.calls.append(Call(words=(), assigned=((name, value),), environment={}, at=call.at))
        elif exports and name in machine.variables:
            machine.variables[name] = replace(machine.variables[name], exported=True)
    return Status.YES


def _unset(machine: Machine, call: Call) -> Status:
    for word in call.words[1:]:
        machine.variables.pop(word.text or "", None)
    return Status.YES


def _read(machine: Machine, call: Call) -> Status:
    for word in call.words[1:]:
        if word.text and not word.text.startswith("-"):
            machine.bind(word.text, Value(texts=(UNKNOWN,)))
    return Status.OPEN


def _change_folder(machine: Machine, call: Call) -> Status:
    target = call.words[1].text if len(call.words) > 1 else None
    before = machine.variables.get("PWD")
    here = before.texts[0] if before is not None and before.texts else UNKNOWN
    folder = UNKNOWN if target is None else posixpath.normpath(posixpath.join(here, target))
    machine.bind("PWD", Value(texts=(UNKNOWN if UNKNOWN in folder else folder,)), exported=True)
    return Status.RAN


def _exit(machine: Machine, call: Call) -> Status:
    code = call.words[1].text if len(call.words) > 1 else None
    if code not in {None, "0"} and machine.sure and machine.decided and call.words[0].text == "exit":
        machine.refusals.append(call.at)
    machine.ended = True
    return Status.YES


def _test(machine: Machine, call: Call) -> Status:
    words = call.words[1:]
    if call.words[0].text == "[" and words and words[-1].text == "]":
        words = words[:-1]
    return status_of(evaluate_test(words, machine.native))


def _true(_machine: Machine, _call: Call) -> Status:
    return Status.YES


def _false(_machine: Machine, _call: Call) -> Status:
    return Status.NO


def _found(call: Call) -> Status:
    """Whether grep finds words in what it is given."""
    text = call.data.text if call.data else None
    patterns = [word.text for word in call.words[1:] if word.text is None or not word.text.startswith("-")]
    if text is None or len(patterns) != 1 or patterns[0] is None:
        return Status.OPEN
    words = patterns[0].replace("\\|", "|").split("|")
    if not all(word.replace("_", "").replace("-", "").isalnum() for word in words):
        return Status.OPEN
    return status_of(any(word in text for word in words))


_BUILTINS: Final = {
    **dict.fromkeys(("export", "local", "declare", "readonly", "typeset"), _set),
    "unset": _unset,
    "read": _read,
    "cd": _change_folder,
    "exit": _exit,
    "return": _exit,
    "[": _test,
    "test": _test,
    "true": _true,
    ":": _true,
    "set": _true,
    "false": _false,
}

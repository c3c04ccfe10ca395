"""Follows a script on one platform: known conditions are decided, of open ones every way is gone.

It runs nothing. Where a way that is open names the platform's own architecture, its neighbours that name another one
alone are left out: the script chooses by something that is not understood here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.shell.conditions import evaluate_test, matches
from buildkit.builds.lint.shell.tree import Case, For, Function, Group, If, Loop, Sequence, ShellError, Simple, Test
from buildkit.builds.lint.shell.words import Words
from buildkit.builds.lint.values import UNKNOWN, Binding, Value, either, joined, merged

if TYPE_CHECKING:
    from buildkit.builds.lint.shell.call import Call
    from buildkit.builds.lint.shell.tree import AndOr, Command, Pipeline
    from buildkit.model.platform import Platform

_MOST_STEPS: Final = 4000  # of one script
_END_OF_LINE: Final = Value(texts=("\n",))


class Status(Enum):
    """How a command ended: for sure, as one expects of a program, or as it may be."""

    YES = auto()
    NO = auto()
    RAN = auto()
    OPEN = auto()


Way = Callable[[], Status]
Outcome = tuple[list["Call"], dict[str, Binding], bool]


class Machine:
    """One script on one platform.

    Attributes:
        platform: of the machine; `native` are the architectures that programs may be for.
        variables: given at the beginning, and as they are at the end.
        calls: the commands that are run, in their order.
        refusals: places of an `exit` with an error that a decided condition leads to.
        line_of: the line of a place.
        functions, positional, depth: functions that there are, the arguments of the one that runs, how deep it is.
        sure, decided: whether no open condition leads here; how many decided ones do.
        ended: nothing follows any more.
        prints: what is printed goes here where somebody reads it; `piped` where another command does.
        input: what a command is given by a pipe.
        steps: how many commands were looked at.
    """

    def __init__(
        self,
        platform: Platform,
        native: frozenset[str],
        variables: dict[str, Binding],
        line_of: Callable[[int], int],
        simple: Callable[[Machine, Simple], Status],
    ) -> None:
        self.platform = platform
        self.native = native
        self.variables = variables
        self.line_of = line_of
        self.calls: list[Call] = []
        self.refusals: list[int] = []
        self.functions: dict[str, Sequence] = {}
        self.positional: list[Value] = []
        self.depth = 0
        self.sure = True
        self.decided = 0
        self.ended = False
        self.prints: list[Value] | None = None
        self.piped = False
        self.input: Value | None = None
        self.words = Words(self._variable, self._output_of, self.bind)
        self._simple = simple
        self.steps = 0

    def run(self, script: Sequence) -> Status:
        """Follow a script.

        Raises:
            ShellError: there is too much to follow.
        """
        status = Status.YES
        for item in script.items:
            if self.ended:
                break
            status = self._and_or(item)
        return status

    def bind(self, name: str, value: Value, *, exported: bool = False) -> None:
        """Give a variable a value; one that programs see stays visible."""
        before = self.variables.get(name)
        self.variables[name] = Binding(
            name=name,
            texts=value.texts,
            origin="shell",
            line=self.line_of(value.at),
            literal=value.literal,
            sources=value.sources,
            exported=exported or (before is not None and before.exported),
        )

    def alone(self, way: Way) -> Status:
        """Go a way in a shell of its own: what it sets and where it ends does not last."""
        kept, ended, refusals = dict(self.variables), self.ended, len(self.refusals)
        status = way()
        if self.ended:
            status = Status.OPEN
            del self.refusals[refusals:]
        self._restore(kept)
        self.ended = ended
        return status

    def _variable(self, name: str) -> Binding | Value | None:
        if name.isdecimal():
            index = int(name) - 1
            return self.positional[index] if 0 <= index < len(self.positional) else Value(texts=(UNKNOWN,))
        if name in {"@", "*"}:
            blank = Value(texts=(" ",))
            return joined(one for value in self.positional for one in (value, blank))
        return self.variables.get(name)

    def _and_or(self, item: AndOr) -> Status:
        status = self._pipeline(item.pipelines[0])
        position = 0
        while position < len(item.operators) and not self.ended:
            operator, following = item.operators[position], item.pipelines[position + 1]
            position += 1
            if status is (Status.NO if operator == "&&" else Status.YES):
                continue
            other = item.pipelines[position + 1] if item.operators[position : position + 1] == ("||",) else None
            if operator == "&&" and (other is not None or status is Status.OPEN):
                # `test && this || that` chooses like if and else.
                position += other is not None
                status = self._either(status, following, other)
            elif operator == "||" and status is not Status.NO:
                self._choose([self._way(following), _nothing])
                status = Status.RAN
            else:
                status = self._decided(self._way(following), by=status is not Status.RAN)
        return status

    def _either(self, status: Status, this: Pipeline, that: Pipeline | None) -> Status:
        if status is Status.YES:
            return self._decided(self._way(this), by=True)
        self._choose([self._way(this), self._way(that) if that else _nothing])
        return Status.OPEN if that is None else Status.RAN

    def _way(self, pipeline: Pipeline) -> Way:
        return lambda: self._pipeline(pipeline)

    def _decided(self, way: Way, *, by: bool) -> Status:
        self.decided += by
        status = way()
        self.decided -= by
        return status

    def _pipeline(self, pipeline: Pipeline) -> Status:
        single = len(pipeline.commands) == 1
        status = self._command(pipeline.commands[0]) if single else self._piped_commands(pipeline)
        if not pipeline.negated:
            return status
        return {Status.YES: Status.NO, Status.NO: Status.YES}.get(status, Status.OPEN)

    def _piped_commands(self, pipeline: Pipeline) -> Status:
        """Each in a shell of its own, with what the one before it printed."""
        outer, given = self.piped, self.input
        for command in pipeline.commands[:-1]:
            self.piped = True
            self.input = self._printed_by(self._in_own_shell(command))
        self.piped = outer
        status = self._in_own_shell(pipeline.commands[-1])()
        self.input = given
        return status

    def _in_own_shell(self, command: Command) -> Way:
        return lambda: self.alone(lambda: self._command(command))

    def _printed_by(self, way: Way) -> Value:
        outer, self.prints = self.prints, []
        way()
        lines, self.prints = self.prints, outer
        return joined(one for index, line in enumerate(lines) for one in ((_END_OF_LINE, line) if index else (line,)))

    def _output_of(self, body: Sequence) -> Value:
        piped, self.piped = self.piped, False
        value = self._printed_by(lambda: self.alone(lambda: self.run(body)))
        self.piped = piped
        return value

    def _restore(self, variables: dict[str, Binding]) -> None:
        self.variables.clear()
        self.variables.update(variables)

    def _choose(self, ways: list[Way]) -> Status:
        """Go every way from here, then go on with what may be so after any of them."""
        before, sure, start, refusals = dict(self.variables), self.sure, len(self.calls), len(self.refusals)
        outcomes: list[Outcome] = []
        self.sure = False
        for way in ways:
            self._restore(before)
            way()
            outcomes.append((self.calls[start:], dict(self.variables), self.ended))
            del self.calls[start:]
            self.ended = False
        self.sure = sure
        del self.refusals[refusals:]
        kept = self._fitting(outcomes)
        for calls, _, _ in kept:
            self.calls += calls
        lasting = [variables for _, variables, ended in kept if not ended]
        self.ended = not lasting
        if lasting:
            names = dict.fromkeys(name for variables in lasting for name in variables)
            after = {name: merged([variables.get(name) for variables in lasting], name) for name in names}
            self._restore({name: binding for name, binding in after.items() if binding is not None})
        return Status.OPEN

    def _fitting(self, outcomes: list[Outcome]) -> list[Outcome]:
        named = [_named(calls) for calls, _, _ in outcomes]
        if not any(names & self.native for names in named):
            return outcomes
        return [one for one, names in zip(outcomes, named, strict=True) if not names or names & self.native]

    def _command(self, command: Command) -> Status:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise ShellError("too much to follow")
        if isinstance(command, Simple):
            return self._simple(self, command)
        if isinstance(command, Test):
            return status_of(evaluate_test([self.words.value(word) for word in command.words], self.native))
        if isinstance(command, Group):
            return self.alone(lambda: self.run(command.body)) if command.subshell else self.run(command.body)
        return self._choice(command)

    def _choice(self, command: If | Case | For | Loop | Function) -> Status:
        if isinstance(command, If):
            return self._if(command)
        if isinstance(command, Case):
            return self._case(command)
        if isinstance(command, For):
            return self._for(command)
        if isinstance(command, Loop):
            self.run(command.condition)
            return self._choose([lambda: self.run(command.body), _nothing])
        self.functions[command.name] = command.body
        return Status.YES

    def _body(self, body: Sequence) -> Way:
        return lambda: self.run(body)

    def _if(self, command: If) -> Status:
        ways: list[Way] = []
        for condition, body in command.branches:
            status = self.run(condition)
            if self.ended:
                return status
            if status is Status.NO:
                continue
            ways.append(self._body(body))
            if status is Status.YES:
                break
        else:
            ways.append(self._body(command.otherwise))
        return self._decided(ways[0], by=True) if len(ways) == 1 else self._choose(ways)

    def _case(self, command: Case) -> Status:
        subject = self.words.value(command.subject)
        ways: list[Way] = []
        chosen = False
        for patterns, body in command.items:
            results = [matches(subject, self.words.value(pattern), self.native) for pattern in patterns]
            if all(result is False for result in results):
                continue
            ways.append(self._body(body))
            chosen = any(results)
            if chosen:
                break
        if not chosen:
            ways.append(_nothing)
        return self._decided(ways[0], by=True) if len(ways) == 1 else self._choose(ways)

    def _for(self, command: For) -> Status:
        if command.words is not None:
            values = [self.words.value(word) for word in command.words]
            if not values:
                return Status.YES
            texts = either(field for value in values for text in value.texts for field in text.split() or [""])
            whole = joined(values)
            self.bind(command.name, Value(texts=texts, literal=whole.literal, sources=whole.sources, at=values[0].at))
        elif command.name:
            self.bind(command.name, Value(texts=(UNKNOWN,)))
        return self.run(command.body)


def status_of(result: bool | None) -> Status:  # noqa: FBT001  (a result, no switch)
    """The status of a condition."""
    if result is None:
        return Status.OPEN
    return Status.YES if result else Status.NO


def _nothing() -> Status:
    return Status.YES


def _named(calls: list[Call]) -> frozenset[str]:
    """The architectures that commands name."""
    values = (value for call in calls for value in (*call.words, *(value for _, value in call.assigned)))
    return frozenset[str]().union(*(architectures(text) for value in values for text in value.texts))

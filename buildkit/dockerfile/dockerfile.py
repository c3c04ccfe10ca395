"""A parsed Dockerfile: stages, instructions, and where each of their characters stands in the file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From `start` on, the text of an instruction is the file's from `offset` on, as far as the next span; `line`."""

    start: int
    offset: int
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Heredoc:
    """A here-document of an instruction.

    Attributes:
        name: its delimiter, without quotes.
        expand: false where the delimiter is quoted: then ARG and ENV are not put in.
        chomp: `<<-`: leading tabs do not count.
        content: up to the line with the delimiter, ends of lines included.
        line: of the first line of content; `offset` where it stands in the file.
    """

    name: str
    expand: bool
    chomp: bool
    content: str
    line: int
    offset: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """`NAME=VALUE` of ENV, ARG or LABEL, quotes and variables as written; `at` where it begins in the text.

    An ARG without a value has None.
    """

    name: str
    value: str | None
    at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Instruction:
    """One instruction.

    Attributes:
        keyword: in upper case.
        line, end_line: first and last, here-documents included.
        text: all of it on one line: continuations joined, comments and blank lines between them left out.
        flags: `--name=value` words before the arguments, quotes removed.
        arguments: the text after keyword and flags, which begins at `at` of `text`.
        words: the arguments as BuildKit splits them; one word in the shell form of RUN, CMD and ENTRYPOINT.
        exec: whether `words` come from a JSON list.
        pairs: of ENV, ARG and LABEL.
        heredocs: in the order of their delimiters.
        trigger: what ONBUILD holds back; None where it is no instruction.
        spans: where the text stands in the file.
    """

    keyword: str
    line: int
    end_line: int
    text: str
    flags: tuple[str, ...] = ()
    arguments: str = ""
    at: int = 0
    words: tuple[str, ...] = ()
    exec: bool = False
    pairs: tuple[Pair, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()
    trigger: Instruction | None = None
    spans: tuple[Span, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of the first `--name=value`; None where there is none."""
        return next(iter(self.flag_values(name)), None)

    def flag_values(self, name: str) -> tuple[str, ...]:
        """The values of every `--name=value`."""
        start = f"--{name}="
        return tuple(flag[len(start) :] for flag in self.flags if flag.startswith(start))

    def line_at(self, index: int) -> int:
        """The line of the file where this character of the text stands."""
        return self._span(index).line if self.spans else self.line

    def offset_at(self, index: int) -> int:
        """The character of the file that this character of the text is."""
        span = self._span(index)
        return span.offset + index - span.start

    def _span(self, index: int) -> Span:
        return self.spans[max(bisect_right(self.spans, index, key=lambda span: span.start) - 1, 0)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One FROM and what follows it.

    Attributes:
        index: from 0, as `COPY --from=0` counts.
        name: in lower case, as BuildKit looks for it; None where it has none.
        base: image or stage, variables not put in.
        platform: of `--platform`, likewise; None where there is none.
        start: the FROM.
        instructions: those after it.
    """

    index: int
    name: str | None
    base: str
    platform: str | None
    start: Instruction
    instructions: tuple[Instruction, ...] = ()

    @property
    def line(self) -> int:
        """Of the FROM."""
        return self.start.line


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """A comment of one line, without its `#`."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Directive:
    """`# name=value` at the very top: syntax, escape or check; the name in lower case."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Dockerfile:
    """A whole file.

    Attributes:
        name: what messages call it.
        text: as it was given.
        escape: what escapes and continues lines, a backslash or a backtick.
        directives: in the order of the file.
        arguments: the ARGs before the first FROM, in scope in FROM lines only.
        stages: at least one.
        comments: all, directives left out.
    """

    name: str
    text: str
    escape: str = "\\"
    directives: tuple[Directive, ...] = ()
    arguments: tuple[Instruction, ...] = ()
    stages: tuple[Stage, ...]
    comments: tuple[Comment, ...] = ()

    @property
    def syntax(self) -> str | None:
        """The frontend image that `# syntax=` names."""
        return next((one.value for one in self.directives if one.name == "syntax"), None)

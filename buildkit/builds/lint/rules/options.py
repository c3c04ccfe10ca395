"""`fixed-architecture`: options and variables that tell a command one architecture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.found import Found, Report, report_foreign
from buildkit.builds.lint.rules.words import QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Step
    from buildkit.builds.lint.shell.call import Call
    from buildkit.builds.lint.values import Value

_MOST_NAME: Final = 60
_MEANT: Final = re.compile(r"arch|platform|target|host|triple|cpu|machine|subdir|march|mtune", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"(?:arch|architecture|platform|target|host|triple|cpu|machine|subdir|march|mtune)", re.IGNORECASE
)
_NAME: Final = re.compile(r"-{0,2}D?[\w.:-]+")
# Variables that compilers and installers read without being told to.
_READ_NAMES: Final = """
    CARGO_BUILD_TARGET CONDA_SUBDIR CROSS_COMPILE CC CXX AR LD npm_config_arch npm_config_target_arch
    DOCKER_DEFAULT_PLATFORM GOAMD64
"""
_READ: Final = frozenset(_READ_NAMES.split())
# They name their target by a word that nothing else looks like: `x86_64-unknown-linux-gnu`, `-r linux-x64`.
_TARGETED: Final = frozenset({"rustup", "dotnet"})
_TARGET: Final = re.compile(r"-linux-|(?:^|=)linux(?:-musl)?-\w{1,20}$")
_X86: Final = frozenset({"amd64", "386"})
_X86_ONLY: Final = re.compile(r"(?<![\w-])-m(?:avx\w*|sse[\w.]*|fma|bmi2?|popcnt)(?![\w-])")
_OPTION: Final = Report(
    rule="fixed-architecture",
    does="tells a command {}",
    fix="Take the architecture from `ARG TARGETARCH`, or from `uname -m`.",
)


def check_options(step: Step) -> Iterator[Found]:
    """What commands are told by options and variables; GOARCH has a rule of its own."""
    for call in step.calls:
        if call.words and call.name not in QUIET and call.name != "dpkg":
            for value in (*_assigned(call), *_options(call)):
                yield from report_foreign(step, value, _OPTION)
        yield from _instructions(step, call)
    for name, value in step.pairs:
        if name in _READ:
            yield from report_foreign(step, value, _OPTION)


def _instructions(step: Step, call: Call) -> Iterator[Found]:
    """Options of C compilers for instructions that only amd64 has."""
    if step.native & _X86:
        return
    for value in (*call.words[1:], *(value for _, value in call.assigned)):
        match = _X86_ONLY.search(value.texts[0]) if call.words and call.name not in QUIET else None
        if match is not None:
            yield Found(
                rule=_OPTION.rule,
                line=step.line_at(value.at),
                subject=match[0],
                message=f"tells a compiler to use instructions that only amd64 has: {match[0]}",
                fix="Leave it to `-march` of each platform, or set it in a branch for amd64.",
                platform=str(step.stage.platform),
            )


def _assigned(call: Call) -> Iterator[Value]:
    for name, value in call.assigned:
        if name in _READ or (name != "GOARCH" and _MEANT.search(name[:_MOST_NAME])):
            yield value


def _options(call: Call) -> Iterator[Value]:
    """`--arch=x`, `--arch x`, `ARCH=x`, `-DARCH=x`; of rustup and dotnet any target."""
    is_value = False
    for word in call.words[1:]:
        text = word.texts[0]
        name, equals, _ = text.partition("=")
        named = len(name) <= _MOST_NAME and _NAME.fullmatch(name) is not None and name != "GOARCH"
        if "://" in name:
            is_value = False
            continue
        told = (is_value and not text.startswith("-")) or (named and equals and _MEANT.search(name))
        if told or (call.name in _TARGETED and _TARGET.search(text)):
            yield word
        is_value = named and not equals and name.startswith("-") and _ends_so(name)


def _ends_so(name: str) -> bool:
    return any(_ENDS.fullmatch(part) for part in re.split(r"[-_.]", name))

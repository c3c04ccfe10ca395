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
_READ: Final = frozenset(
    (
        *("CARGO_BUILD_TARGET", "CONDA_SUBDIR", "CROSS_COMPILE", "CC", "CXX", "AR", "LD", "npm_config_arch"),
        *("npm_config_target_arch", "DOCKER_DEFAULT_PLATFORM", "GOAMD64"),
    )
)
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
    for name, value in step.pairs:
        if name in _READ:
            yield from report_foreign(step, value, _OPTION)


def _assigned(call: Call) -> Iterator[Value]:
    for name, value in call.assigned:
        if name in _READ or (name != "GOARCH" and _MEANT.search(name[:_MOST_NAME])):
            yield value


def _options(call: Call) -> Iterator[Value]:
    """`--arch=x`, `--arch x`, `ARCH=x`, `-DARCH=x`; of rustup any target."""
    is_value = False
    for word in call.words[1:]:
        text = word.texts[0]
        name, equals, _ = text.partition("=")
        named = len(name) <= _MOST_NAME and _NAME.fullmatch(name) is not None and name not in {"GOARCH", "-march"}
        if "://" in name:
            is_value = False
            continue
        told = (is_value and not text.startswith("-")) or (named and equals and _MEANT.search(name))
        if told or (call.name == "rustup" and "-linux-" in text):
            yield word
        is_value = named and not equals and name.startswith("-") and _ends_so(name)


def _ends_so(name: str) -> bool:
    return any(_ENDS.fullmatch(part) for part in re.split(r"[-_.]", name))

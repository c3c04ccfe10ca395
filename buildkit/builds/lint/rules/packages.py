"""`fixed-package`: package files, packages and package sources that name one architecture."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.architectures import architectures
from buildkit.builds.lint.found import Found, Report, report_foreign
from buildkit.builds.lint.rules.words import QUIET, narrowed
from buildkit.builds.lint.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.lint.scene import Step
    from buildkit.builds.lint.shell.call import Call

_FILE: Final = re.compile(r"\.(?:deb|rpm|apk|whl|AppImage|snap)$")
_INSTALLERS: Final = frozenset({"apt-get", "apt", "aptitude", "yum", "dnf", "microdnf", "zypper", "tdnf"})
_NODE: Final = frozenset({"npm", "yarn", "pnpm"})
_NAMED: Final = re.compile(r"[a-zA-Z0-9][\w.+-]{0,200}[:.]([a-z0-9_]{1,20})(?:=\S*)?")
_SOURCES: Final = (
    re.compile(r"\bdeb(?:-src)?\s{1,9}\[[^\]]{0,200}?\barch[+-]?=([^\]\s]{1,100})"),
    re.compile(r"^Architectures:[ \t]{0,9}(.{1,100})$", re.MULTILINE),
    re.compile(r"\bbaseurl\s{0,5}=\s{0,5}(\S{1,500})"),
)
_WRITERS: Final = frozenset({"echo", "printf", "cat", "tee", "add-apt-repository"})
_PACKAGE: Final = Report(
    rule="fixed-package",
    does="installs a package for {}",
    fix="Install it by its name alone, or choose the file by `dpkg --print-architecture` or TARGETARCH.",
)
_SOURCE: Final = Report(
    rule="fixed-package",
    does="adds a package source for {}",
    fix="Leave the architecture out, or write `arch=$(dpkg --print-architecture)`.",
)


def check_packages(step: Step, brought: frozenset[str]) -> Iterator[Found]:
    """Package files and sources that name another architecture; of files that were brought, what brought them tells."""
    packages = [value for call in step.calls if call.name not in QUIET for value in _packages(call)]
    # Packages for several architectures side by side are there to compile for them.
    if len(frozenset[str]().union(*(architectures(text) for value in packages for text in value.texts))) == 1:
        for value in packages:
            if not brought.intersection(value.texts):
                yield from report_foreign(step, value, _PACKAGE)
    for call in step.calls:
        if call.name in _WRITERS:
            for value in (*call.words[1:], *([call.data] if call.data is not None else [])):
                sources = narrowed(value, _sources)
                if sources is not None:
                    yield from report_foreign(step, sources, _SOURCE)
    if step.instruction.keyword in {"ADD", "COPY"}:
        yield from _written(step)


def _packages(call: Call) -> Iterator[Value]:
    if call.name == "dpkg" and "--add-architecture" in [word.text for word in call.words]:
        yield call.words[-1]
    for word in call.words[1:]:
        if any("://" in text for text in word.texts):
            continue
        if all(_FILE.search(text) for text in word.texts):
            yield replace(word, texts=tuple(posixpath.basename(text) for text in word.texts))
        elif call.name in _NODE:
            yield word
        elif call.name in _INSTALLERS:
            match = _NAMED.fullmatch(word.texts[0])
            if match and architectures(match[1]):
                yield word


def _sources(text: str) -> list[str]:
    if len(text) > 1 << 16 or not any(mark in text for mark in ("deb", "Architectures:", "baseurl")):
        return []
    return [match[1] for pattern in _SOURCES for match in pattern.finditer(text)]


def _written(step: Step) -> Iterator[Found]:
    """Here-documents that are copied to where package sources stand."""
    for one in step.instruction.heredocs:
        for text in _sources(one.content):
            line = one.line + one.content[: one.content.find(text)].count("\n")
            for found in report_foreign(step, Value(texts=(text,), literal=text), _SOURCE):
                yield replace(found, line=line)

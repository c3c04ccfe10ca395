"""Default images of scripts that a ConfigMap brings and a pod runs: a name in the script, a version in its environment.

Pipelines' profile controller is the model: `os.environ.get("FRONTEND_IMAGE", "ghcr.io/kubeflow/kfp-frontend")`, tagged
with `FRONTEND_TAG` or else `KFP_VERSION` (kubeflow/pipelines, pipelines-profile-controller/sync.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.images import arguments, names
from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.hits import Hit, Part, Text, inside
from buildkit.images.names import Says

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUFFIX: Final = re.compile(r"\.(?:py|sh|bash|rb|js|ts|lua|pl|go)$")
_STATEMENT: Final = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|const\s+|let\s+|var\s+)?(?:[\w.]+\[)?["']?(\w+)["']?\]?\s*(?::\s*\w+\s*)?[:=]=?\s*(.*)$""",
    re.DOTALL,
)
_FROM_ENV: Final = re.compile(
    r"""(?:environ(?:\.get)?\s*[(\[]\s*|[gG]etenv\s*\(\s*|process\.env\.?\[?)["']?(\w+)["']?|\$\{(\w+)"""
)
_SHELL_DEFAULT: Final = re.compile(r"\$\{\w+:?[-=]([^}\s]+)\}")
_LITERAL: Final = re.compile(r"""(?<![\w}])["']([^\s"']+)["']""")
_NAMED: Final = re.compile(r"""(?<!\w)(\w+)["']?\s*[:=]\s*["']([^\s"']+)["']""")
_LONGEST: Final = 4096
_MAX: Final = 1024 * 1024
_VERSIONS: Final = 100
_WHOLE_LINE_COMMENT: Final = re.compile(r"^\s*(?:#|//)")
_VERSION_VARIABLE: Final = re.compile(r"\w+_(?:VERSION|TAG)")


@dataclass(frozen=True, slots=True)
class Variable:
    """The value a container's variable has, and the object and path where it stands."""

    value: str
    part: Part
    holder: str


def is_script(key: str, text: str) -> bool:
    return text.startswith("#!") or _SUFFIX.search(key) is not None


def search(text: Text, env: Mapping[str, Variable], judge: Judge) -> Iterator[Hit]:
    """Search a script that runs with `env`; where a variable overrides a default, its value is used instead."""
    statements = list(_statements(text.text[:_MAX]))
    versions = [one for one in statements if names.words_of(one[1])[-1:] in {("tag",), ("version",)}][:_VERSIONS]
    for line, name, expression in statements:
        for literal in _literals(expression):
            candidate = judge.read(literal)
            if candidate is not None and _counts(name, candidate) and not _overridden(expression, env):
                own = (f"{inside(text.path)}line {line}", literal)
                yield from _tagged(name, candidate, own, _version(name, versions, env), judge)
    for number, row in enumerate(text.text[:_MAX].split("\n"), 1):
        if not _WHOLE_LINE_COMMENT.match(row):
            yield from _in_row(row, f"{inside(text.path)}line {number}", judge)


def _in_row(row: str, path: str, judge: Judge) -> Iterator[Hit]:
    """What a line names whatever it does: `Container(image="x/y:1")`, `docker pull registry/x:1`."""
    if len(row) > _LONGEST:
        return
    for match in _NAMED.finditer(row):
        candidate = judge.read(match.group(2))
        if candidate is not None and names.says(match.group(1)) and candidate.strength >= Strength.TAGGED:
            yield Hit(path=path, candidate=candidate, how="script", parts=((path, candidate.text),))
    if ":" in row:
        for one in arguments.search(row.strip(), path, judge, "script"):
            if isinstance(one, Hit) and one.candidate.evident:
                yield one


def _statements(script: str) -> Iterator[tuple[int, str, str]]:
    """Yield `(line, name, expression)` of each assignment, lines that end in a backslash joined.

    The line is that of the first literal with a path in it, the statement's first where there is none.
    """
    rows = script.split("\n")
    index = 0
    while index < len(rows):
        start, row = index, rows[index]
        while row.endswith("\\") and index + 1 < len(rows) and len(row) <= _LONGEST:
            index += 1
            row = row[:-1] + " " + rows[index].strip()
        index += 1
        match = None if _WHOLE_LINE_COMMENT.match(row) or len(row) > _LONGEST else _STATEMENT.match(row)
        if match is not None:
            paths = [offset for offset, one in enumerate(rows[start:index]) if "/" in one and _LITERAL.search(one)]
            yield start + 1 + (paths[0] if paths else 0), match.group(1), match.group(2)


def _literals(expression: str) -> Iterator[str]:
    seen = set()
    for pattern in (_SHELL_DEFAULT, _LITERAL):
        for match in pattern.finditer(expression):
            if match.group(1) not in seen:
                seen.add(match.group(1))
                yield match.group(1)
    bare = expression.strip()
    if bare not in seen and not bare.startswith(("$", '"', "'")):
        yield bare


def _counts(name: str, candidate: Candidate) -> bool:
    said = names.says(name)
    if said >= Says.IMAGE:
        return candidate.strength >= Strength.PATH
    return candidate.evident or (said is Says.MAYBE and candidate.strength >= Strength.FULL)


def _overridden(expression: str, env: Mapping[str, Variable]) -> bool:
    return any(env.get(name) and env[name].value for name in _variables(expression))


def _variables(expression: str) -> Iterator[str]:
    for match in _FROM_ENV.finditer(expression):
        yield match.group(1) or match.group(2)


def _version(image: str, statements: list[tuple[int, str, str]], env: Mapping[str, Variable]) -> Variable | None:
    """The version that goes with an image: what its own variable says, or the only version the container is given."""
    for _, name, expression in statements:
        if not names.is_version_of(name, image):
            continue
        for variable in _variables(expression):
            if variable in env and env[variable].value:
                return env[variable]
        for literal in _literals(expression):
            if re.fullmatch(r"[\w][\w.-]{0,127}", literal) and literal not in set(_variables(expression)):
                return Variable(literal, ("", literal), "")
    versions = [one for name, one in env.items() if _VERSION_VARIABLE.fullmatch(name) and one.value]
    return versions[0] if len(versions) == 1 else None


def _tagged(name: str, candidate: Candidate, own: Part, version: Variable | None, judge: Judge) -> Iterator[Hit]:
    if candidate.versioned or version is None or names.says(name) < Says.IMAGE:
        yield Hit(path=own[0], candidate=candidate, how="script", parts=(own,))
        return
    whole = judge.read(f"{candidate.text}:{version.value}")
    if whole is not None:
        yield Hit(path=own[0], candidate=whole, how="script", parts=(own, version.part), holder=version.holder)

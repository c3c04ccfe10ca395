"""Default images of scripts that a ConfigMap brings and a pod runs: a name in the script, a version in its environment.

Pipelines' profile controller is the model: `os.environ.get("FRONTEND_IMAGE", "ghcr.io/kubeflow/kfp-frontend")`, tagged
with `FRONTEND_TAG` or else `KFP_VERSION` (kubeflow/pipelines, pipelines-profile-controller/sync.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from buildkit.images import names
from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.hits import Hit, Part, Text, inside
from buildkit.images.names import Says

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
    """Search a script that runs with `env`; a default that a variable overrides is not used, the variable's value is."""
    statements = list(_statements(text.text))
    for line, name, expression in statements:
        for literal in _literals(expression):
            candidate = judge.read(literal)
            if candidate is None or not _counts(name, candidate) or _overridden(expression, env):
                continue
            own = (f"{inside(text.path)}line {line}", literal)
            yield from _tagged(name, candidate, own, _version(name, statements, env), judge)


def _statements(script: str) -> Iterator[tuple[int, str, str]]:
    """Yield `(line, name, expression)` of each assignment, lines that end in a backslash joined."""
    rows = script.splitlines()
    index = 0
    while index < len(rows):
        start, row = index, rows[index]
        while row.endswith("\\") and index + 1 < len(rows):
            index += 1
            row = row[:-1] + " " + rows[index].strip()
        index += 1
        match = None if _WHOLE_LINE_COMMENT.match(row) else _STATEMENT.match(row)
        if match is not None:
            yield start + 1 + row_offset(rows, start, index), match.group(1), match.group(2)


def row_offset(rows: list[str], start: int, end: int) -> int:
    """The row of a joined statement that holds a literal with a slash, relative to its first."""
    for offset, row in enumerate(rows[start:end]):
        if _LITERAL.search(row) and "/" in row:
            return offset
    return 0


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

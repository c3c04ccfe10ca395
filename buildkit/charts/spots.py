"""Globs of a specification: which objects are meant, which paths in them, and which words of a text.

Paths are written as `model.path` writes them. In a glob `*` stays within a step, `[*]` is any element, `[name=x]` one
by what a field of it says, `**` any number of steps; `metadata.annotations["a.b/c"]` is a key that is no plain word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from buildkit.charts.marks import Image, Setting, Text
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.marks import Piece, Tree
    from buildkit.charts.spec import Spot

Steps = tuple[str | int, ...]
LONGEST: Final = 500
_ALL: Final = "**"
_KIND: Final = re.compile(r"[A-Za-z0-9*]+")
_PART: Final = re.compile(r"[A-Za-z0-9*._:-]+")
# No alternative begins like another one: the time is that of one pass.
_QUOTED: Final = r'"(?:[^"\\]|\\"|\\(?!"))*"'
_STEP: Final = re.compile(
    rf"""(?P<key>[A-Za-z0-9_*-]+)
    |\[(?P<quoted>{_QUOTED})\]
    |\[(?P<index>[0-9]{{1,6}})\]
    |\[(?P<element>\*)\]
    |\[(?P<field>[A-Za-z0-9_-]+)=(?:(?P<said>[^\]"]+)|(?P<quoted_said>{_QUOTED}))\]
    """,
    re.VERBOSE,
)
_WORD: Final = "[A-Za-z0-9_-]"


class GlobError(ValueError):
    """What is wrong with a glob or a path, as the end of a sentence that its key begins."""


@dataclass(frozen=True, slots=True)
class _Key:
    glob: str


@dataclass(frozen=True, slots=True)
class _Element:
    """An element by number, by what one of its fields says, or, with neither, any."""

    index: int | None = None
    field: str = ""
    glob: str = ""


class _Any:
    """Any number of steps."""


_Step = _Key | _Element | _Any


def check_object_glob(glob: str) -> str:
    """`group/Kind/name`, `Kind/name` in the core group, `**` for all.

    Raises:
        GlobError: it is none of these.
    """
    _object_parts(glob)
    return glob


def check_path_glob(glob: str) -> str:
    """A glob of paths; empty for all.

    Raises:
        GlobError: it is none.
    """
    _steps_of(glob)
    return glob


def object_matches(glob: str, key: tuple[str, str, str, str]) -> bool:
    """Whether a glob names the object of a key, `(group, kind, namespace, name)`.

    Raises:
        GlobError: no glob of objects.
    """
    parts = _object_parts(glob)
    group, kind, _, name = key
    return not parts or all(wild(part, said) for part, said in zip(parts, (group, kind, name), strict=True))


def path_matches(glob: str, steps: Steps, root: Tree = None) -> bool:
    """Whether a glob names a path, all of it.

    Without `root`, the tree that the path is in, `[name=x]` names nothing: what an element says is not known then.

    Raises:
        GlobError: no glob of paths.
    """
    pattern = _steps_of(glob)
    states = _closed(pattern, frozenset({0}))
    for step in steps:
        root = _below(root, step)
        states = _advanced(pattern, states, step, root)
    return len(pattern) in states


def find_paths(tree: Tree, glob: str) -> Iterator[Steps]:
    """The paths in a marked tree that a glob names, each once, in the tree's order, what holds others before them.

    Raises:
        GlobError: no glob of paths.
    """
    pattern = _steps_of(glob)
    waiting: list[tuple[Steps, Tree, frozenset[int]]] = [((), tree, _closed(pattern, frozenset({0})))]
    while waiting:
        path, value, states = waiting.pop()
        if len(pattern) in states:
            yield path
        further = [
            ((*path, step), below, reached)
            for step, below in _children(value)
            if (reached := _advanced(pattern, states, step, below))
        ]
        waiting += reversed(further)


def spans(text: str, spot: Spot) -> list[tuple[int, int]]:
    """Where `spot.text` stands in a text as a word of its own; the whole text where the spot names none.

    A side that the spot gives (`before`, `after`) has to be as it says; on the other no letter, digit, `_` or `-`
    stands next to the word.
    """
    if not spot.text:
        return [(0, len(text))]
    before = f"(?<={re.escape(spot.before)})" if spot.before else f"(?<!{_WORD})"
    after = f"(?={re.escape(spot.after)})" if spot.after else f"(?!{_WORD})"
    return [match.span() for match in re.finditer(before + re.escape(spot.text) + after, text)]


def path_text(steps: Steps) -> str:
    """`("spec", "containers", 0)` -> `spec.containers[0]`."""
    path = ""
    for step in steps:
        path = item(path, step) if isinstance(step, int) else child(path, step)
    return path


def path_steps(text: str) -> Steps:
    """Read what `path_text` wrote.

    Raises:
        GlobError: no path; a key that ends with a backslash is none either.
    """
    return tuple(_exact(match) for match in _tokens(text))


def wild(glob: str, text: str) -> bool:
    """Whether a text is what a glob says, with `*` for any characters; each part is looked for once, from left."""
    first, *rest = glob.split("*")
    if not rest:
        return glob == text
    if not text.startswith(first):
        return False
    at, last = len(first), rest.pop()
    for part in rest:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(last) and text.endswith(last)


@lru_cache(maxsize=4096)
def _object_parts(glob: str) -> tuple[str, ...]:
    """Group, kind and name; none for all objects."""
    if glob == _ALL:
        return ()
    parts = glob.split("/")
    if len(parts) == 2:  # noqa: PLR2004  # the core group has no name
        parts.insert(0, "")
    core, named = parts[0] == "" and not glob.startswith("/"), parts[1:]
    well = len(parts) == 3 and (core or _PART.fullmatch(parts[0])) and all(map(_PART.fullmatch, named))  # noqa: PLR2004
    if not well or not _KIND.fullmatch(parts[1]) or _ALL in glob or len(glob) > LONGEST:
        raise GlobError(f"'{glob[:80]}' is no glob of objects: group/Kind/name, Kind/name in the core group, or **")
    return tuple(parts)


@lru_cache(maxsize=4096)
def _steps_of(glob: str) -> tuple[_Step, ...]:
    steps: list[_Step] = [] if glob else [_Any()]
    for match in _tokens(glob):
        if match["key"] == _ALL:
            steps.append(_Any())
        elif match["index"]:
            steps.append(_Element(index=int(match["index"])))
        elif match["element"]:
            steps.append(_Element())
        elif match["field"]:
            said = match["said"] or _unquoted(match["quoted_said"])
            steps.append(_Element(field=match["field"], glob=said))
        elif match["key"] and _ALL in match["key"]:
            raise GlobError(f"'{glob[:80]}': ** stands alone between two dots")
        else:
            steps.append(_Key(match["key"] or _unquoted(match["quoted"])))
    return tuple(steps)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        dot = at > 0 and text[at] == "."
        match = _STEP.match(text, at + dot)
        if match is None or len(text) > LONGEST or (at > 0 and dot == text.startswith("[", at + dot)):
            raise GlobError(f"'{text[:80]}' is no path, such as spec.containers[*].env[name=X] or data[\"a.b\"]")
        yield match
        at = match.end()


def _exact(match: re.Match[str]) -> str | int:
    if match["index"]:
        return int(match["index"])
    if match["quoted"]:
        return _unquoted(match["quoted"])
    if match["key"] is None or "*" in match["key"]:
        raise GlobError(f"'{match.string[:80]}' is a glob, no path")
    return match["key"]


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"')


def _closed(pattern: Sequence[_Step], states: frozenset[int]) -> frozenset[int]:
    """What of the pattern may come next: `**` may also stand for nothing."""
    found = set(states)
    for state in sorted(states):
        after = state
        while after < len(pattern) and isinstance(pattern[after], _Any):
            after += 1
            found.add(after)
    return frozenset(found)


def _advanced(pattern: Sequence[_Step], states: frozenset[int], step: str | int, value: Tree) -> frozenset[int]:
    reached: set[int] = set()
    for state in states:
        if state == len(pattern):
            continue
        wanted = pattern[state]
        if isinstance(wanted, _Any):
            reached.add(state)
        elif _fits(wanted, step, value):
            reached.add(state + 1)
    return _closed(pattern, frozenset(reached))


def _fits(wanted: _Key | _Element, step: str | int, value: Tree) -> bool:
    if isinstance(wanted, _Key):
        return isinstance(step, str) and wild(wanted.glob, step)
    if isinstance(step, str) or (wanted.index is not None and wanted.index != step):
        return False
    if not wanted.field:
        return True
    said = _said(value.get(wanted.field)) if isinstance(value, Mapping) else None
    return said is not None and wild(wanted.glob, said)


def _said(value: Tree) -> str | None:
    """The text of a field, of marks what they are while nothing is set."""
    if isinstance(value, Setting) and not isinstance(value.default, Mapping):
        return _said(value.default) if isinstance(value.default, str | int | Text) else None
    if isinstance(value, Text):
        return "".join(map(_default, value.pieces))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _default(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Image):
        return piece.reference
    return piece.default if isinstance(piece.default, str) else "".join(map(_default, piece.default.pieces))


def _children(value: Tree) -> Iterator[tuple[str | int, Tree]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from enumerate(value)


def _below(value: Tree, step: str | int) -> Tree:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, Mapping) else None
    held = isinstance(value, Sequence) and not isinstance(value, str) and step < len(value)
    return value[step] if held and isinstance(value, Sequence) else None

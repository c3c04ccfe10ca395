"""The line of a text: in the scalar that brought it, in the object it is in, or the only place that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.images.locate import Leaf, compose, count_whole, inner_paths, line_in, parse_path, walk
from buildkit.model.documents import DocumentError, split_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.images.found import Found
    from buildkit.images.origin import Origin, SourceFile
    from buildkit.images.setters import State

_LINE: Final = "line "


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A file of the tree (or `remote:…`) and a line in it, from 1; `sure` where the text itself was found there."""

    file: str
    line: int
    sure: bool = True


def needles(found: Found, raw: str) -> tuple[str, ...]:
    """What to look for, best first: the scalar's own text, the reference, its digest, its tag."""
    wanted = (raw, found.text, found.reference.digest or "", found.reference.tag or "")
    return tuple(dict.fromkeys(one for one in wanted if one))


def in_scalar(state: State, path: str, wanted: Sequence[str], occurrence: int) -> Place:
    """The line in the scalar that a value came from: by the inner path, else by the text."""
    leaf, lines = state.leaf, state.file.lines
    if leaf.line == leaf.last:
        sure = any(one in _line(lines, leaf.line) for one in wanted)
        return Place(file=state.file.path, line=leaf.line, sure=sure)
    inner = _inner_line(leaf.text, inner_paths(path))
    if inner is not None:
        line = inner + (leaf.line if leaf.block else leaf.line - 1)
        if any(one in _line(lines, line) for one in wanted):
            return Place(file=state.file.path, line=line)
    for one in wanted:
        line_found = line_in(leaf, lines, one, occurrence)
        if line_found is not None:
            return Place(file=state.file.path, line=line_found)
    return Place(file=state.file.path, line=leaf.line, sure=False)


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _inner_line(text: str, inner: Sequence[str]) -> int | None:
    """The line (from 1) that a path into embedded text names, texts in it included; None where it does not parse."""
    if not inner:
        return None
    if inner[0].startswith(_LINE) and inner[0][len(_LINE) :].isdigit():
        return int(inner[0][len(_LINE) :])
    steps = parse_path(inner[0])
    try:
        documents = list(split_documents(text))
        if len(documents) > 1 and steps and isinstance(steps[0], int):
            (line, body), steps = documents[steps[0]], steps[1:]
        else:
            line, body = documents[0]
        leaf = walk(compose(body, line=line), steps)
    except (DocumentError, IndexError):
        return None
    if not isinstance(leaf, Leaf):
        return None
    below = _inner_line(leaf.text, inner[1:])
    if below is None:
        return leaf.line
    return below + (leaf.line if leaf.block else leaf.line - 1) if leaf.last > leaf.line else leaf.line


def in_object(origin: Origin, wanted: Sequence[str]) -> Place:
    """The text in an object's own document, else the object's first line."""
    file, line = origin.place
    if origin.source is not None:
        source = origin.source
        whole = Leaf(source.body, source.line, source.line + source.body.count("\n"), False, 0, 0)  # noqa: FBT003
        for one in wanted[:2]:
            found = line_in(whole, source.file.lines, one)
            if found is not None:
                return Place(file=file, line=found)
    return Place(file=file, line=line, sure=False)


def in_files(files: Iterable[SourceFile], wanted: Sequence[str]) -> Place | None:
    """The one line of all these files that holds the text; None where there are none or several."""
    seen: dict[str, list[Place]] = {one: [] for one in wanted[:2]}
    for file in {one.path: one for one in files}.values():
        for one, places in seen.items():
            if one in file.text:
                places.extend(
                    Place(file=file.path, line=number)
                    for number, line in enumerate(file.lines, start=1)
                    if count_whole(line, one)
                )
    return next((places[0] for places in seen.values() if len(places) == 1), None)

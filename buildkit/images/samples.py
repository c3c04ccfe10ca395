"""Images in source files that no kustomization reaches: Kubernetes YAML beside the tree, and in documentation.

They are samples, whatever they are meant for: never part of an install. Each place has its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import yaml

from buildkit.images.finder import find
from buildkit.images.hits import inside
from buildkit.model.documents import DocumentError, parse_documents, split_documents
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from buildkit.images.found import Found
    from buildkit.images.knowledge import Knowledge

Complain = Callable[[int, str], None]

_YAML: Final = frozenset({".yaml", ".yml", ".json"})
_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdx"})
_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^\n]*$", re.MULTILINE)
_LANGUAGES: Final = frozenset({"", "yaml", "yml", "json", "bash", "sh", "shell", "console"})
_OBJECT: Final = re.compile(r"^[ \t{]*[\"']?apiVersion[\"']?[ \t]*:", re.MULTILINE)
_KIND: Final = re.compile(r"^[ \t{]*[\"']?kind[\"']?[ \t]*:", re.MULTILINE)
_LINE: Final = re.compile(r"line (\d+)\Z")
_MAX: Final = 4 * 1024 * 1024


def reads(path: str) -> bool:
    """Whether a file's name says that it may hold Kubernetes YAML."""
    return PurePosixPath(path).suffix.lower() in _YAML | _MARKDOWN


def find_in_file(path: str, text: str, knowledge: Knowledge, complain: Complain | None = None) -> tuple[Found, ...]:
    """Find the images of a source file; those of `data` an object of the file refers to included.

    Args:
        path: of the file; its suffix tells YAML from Markdown.
        text: of the file.
        knowledge: the data file.
        complain: told the line and the problem of each Kubernetes object that does not parse; the rest is still read.

    Returns:
        Sorted by line; `sample` and `line` (from 1, in the file) are set, `declared` images are left out.
    """
    if len(text) > _MAX:
        return ()
    text = text.removeprefix("\ufeff")
    markdown = PurePosixPath(path).suffix.lower() in _MARKDOWN
    blocks = _fenced(text) if markdown else iter([(1, text)])
    found: list[Found] = []
    for line, block in blocks:
        found.extend(_in_block(block, line, knowledge, None if markdown else complain))
    return tuple(sorted(found, key=lambda one: (one.line, one.object, one.path, one.text)))


def _in_block(block: str, first: int, knowledge: Knowledge, complain: Complain | None) -> Iterator[Found]:
    for line, document in split_documents(block):
        try:
            resources = parse_documents(document)
        except DocumentError as error:
            if complain is not None and _meant(document):
                complain(first + line + error.line - 2, str(error))
            continue
        images = [one for one in find(resources, knowledge) if one.how != "declared"]
        if images:
            places = _places(document)
            for one in images:
                where = first + line - 1 + (_line_in(one, places) or 1) - 1
                yield replace(one, sample=True, line=where)


def _fenced(text: str) -> Iterator[tuple[int, str]]:
    """Yield `(line, text)` of the fenced blocks that hold Kubernetes YAML; a here-document in a shell block too."""
    fence: re.Match[str] | None = None
    for mark in _FENCE.finditer(text):
        if fence is None:
            fence = mark
        elif mark["fence"].startswith(fence["fence"]) and not mark["language"]:
            body = text[fence.end() + 1 : mark.start()]
            if fence["language"].lower() in _LANGUAGES and (start := _start(body)) is not None:
                lead = body.count("\n", 0, start)
                line = text.count("\n", 0, fence.end()) + 2 + lead
                yield line, _dedented(body.split("\n", lead)[-1])
            fence = None


def _start(body: str) -> int | None:
    """Where the first object of a block begins: at `apiVersion` or `kind`, whichever comes first."""
    api, kind = _OBJECT.search(body), _KIND.search(body)
    return min(api.start(), kind.start()) if api is not None and kind is not None else None


def _meant(document: str) -> bool:
    """Whether a text that is no YAML was meant for an object: a template is none yet, and other files need be none."""
    return "{{" not in document and (_OBJECT.search(document) or _KIND.search(document)) is not None


def _dedented(body: str) -> str:
    """Cut the first line's indent off all lines, and whatever follows a here-document."""
    rows = body.split("\n")
    indent = len(rows[0]) - len(rows[0].lstrip())
    kept: list[str] = []
    for row in rows:
        if re.fullmatch(r"\s*(?:EOF|END|YAML)\s*", row):
            break
        kept.append(row[indent:] if not row[:indent].strip() else row)
    return "\n".join(kept)


def _line_in(found: Found, places: dict[str, tuple[int, str, bool]]) -> int:
    """The line of the part that holds the tag, in its document; 0 where it cannot be told."""
    path, raw = found.parts[-1] if found.parts else (found.path, found.text)
    outer, _, inner = path.partition(inside(""))
    place = places.get(outer)
    if place is None:
        return 0
    line, source, literal = place
    numbered = _LINE.match(inner)
    if inner and literal and numbered:
        return line + int(numbered.group(1))
    at = source.find(raw)
    return line + source.count("\n", 0, at) if at >= 0 else line


def _places(document: str) -> dict[str, tuple[int, str, bool]]:
    """The line (from 1), source and literal style of every scalar, by its path in the object (items of a List too)."""
    found: dict[str, tuple[int, str, bool]] = {}
    try:
        root = yaml.compose(document, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return found
    for path, node in _scalars(root, ""):
        start, end = node.start_mark, node.end_mark
        if start is None or end is None:
            continue
        place = (start.line + 1, document[start.index : end.index], node.style == "|")
        found.setdefault(path, place)
        if path.startswith("items["):
            found.setdefault(path.partition("].")[2], place)
    return found


def _scalars(node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, child(path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _scalars(value, item(path, index))
    elif isinstance(node, yaml.ScalarNode):
        yield path, node

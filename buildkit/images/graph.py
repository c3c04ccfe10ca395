"""The kustomizations of a tree, what each takes in, and what it reaches: read from the files, without rendering.

A folder is named by its path from the tree's root (`.` for the root), one of a remote base by
`remote:github.com/OWNER/REPO@REF/…`; the part up to the repository is its *home*, which no base may leave.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from buildkit.images.locate import Branch, Leaf, compose, leaf_text
from buildkit.model.documents import DocumentError
from buildkit.model.remote import Remote, RemoteError, is_remote, parse_remote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE_NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
REMOTE: Final = "remote:"
# Fields whose entries are folders or files with resources, and fields that name plain files (kustomize 5.8,
# api/types/kustomization.go). Everything else that takes a path does so one level down.
_PATHS: Final = ("patches", "patchesJson6902", "replacements")
_GENERATORS: Final = ("configMapGenerator", "secretGenerator")

EntryKind = Literal["base", "component", "plugin", "file"]
_FOLDERS: Final[tuple[tuple[EntryKind, str], ...]] = (
    ("base", "resources"),
    ("base", "bases"),
    ("component", "components"),
    ("plugin", "generators"),
    ("plugin", "transformers"),
    ("plugin", "validators"),
)
_FILES: Final[tuple[tuple[EntryKind, str], ...]] = (
    ("file", "crds"),
    ("file", "configurations"),
    ("file", "patchesStrategicMerge"),
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Entry:
    """Something a kustomization takes in: `leaf` is the scalar, `text` the path or address in it."""

    kind: EntryKind
    field: str
    text: str
    leaf: Leaf
    remote: Remote | None = None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class KustomizationFile:
    """A kustomization as it is written.

    Attributes:
        folder: its path, `file` that of the file itself.
        home: the folder nothing in it may leave: the tree's root `.`, or that of its remote repository.
        root: its YAML, with places.
        entries: all it takes in.
    """

    folder: str
    file: str
    home: str
    root: Branch
    entries: tuple[Entry, ...]

    @property
    def is_component(self) -> bool:
        return leaf_text(self.root, "kind") == "Component"

    def text(self, key: str) -> str:
        return leaf_text(self.root, key) or ""

    def items(self, key: str) -> list[Branch | Leaf]:
        """The elements of a list field; none where it is absent or no list."""
        value = self.root.get(key)
        return value.values if isinstance(value, Branch) and not value.is_map else []

    @cached_property
    def remotes(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.remote)


def parse_kustomization(text: str, file: str, home: str = ".") -> KustomizationFile:
    """Read a kustomization file.

    Raises:
        DocumentError: YAML that does not parse, or is no mapping.
    """
    root = compose(text)
    if not isinstance(root, Branch) or not root.is_map:
        raise DocumentError("not a kustomization: no mapping of fields", line=1)
    folder = posixpath.dirname(file) or "."
    return KustomizationFile(folder=folder, file=file, home=home, root=root, entries=tuple(_entries(root)))


def _entries(root: Branch) -> Iterator[Entry]:
    for kind, name in (*_FOLDERS, *_FILES):
        for leaf in _leaves(root.get(name)):
            yield from _entry(kind, name, leaf)
    for name in _PATHS:
        for item in _branches(root.get(name)):
            yield from _at_key(item, "path", name)
    openapi = root.get("openapi")
    if isinstance(openapi, Branch):
        yield from _at_key(openapi, "path", "openapi")
    for name in _GENERATORS:
        for item in _branches(root.get(name)):
            yield from _generated_from(item, name)


def _generated_from(item: Branch, name: str) -> Iterator[Entry]:
    yield from _at_key(item, "env", name)
    for key in ("files", "envs"):
        for leaf in _leaves(item.get(key)):
            yield from _entry("file", f"{name}.{key}", leaf)


def _at_key(item: Branch, key: str, name: str) -> Iterator[Entry]:
    leaf = item.get(key)
    if isinstance(leaf, Leaf):
        yield from _entry("file", f"{name}.{key}", leaf)


def _entry(kind: EntryKind, name: str, leaf: Leaf) -> Iterator[Entry]:
    text = leaf.text
    if not text or "\n" in text:  # inline patch or plugin
        return
    if name.endswith(".files") and "=" in text:
        text = text.partition("=")[2]
    if not is_remote(text):
        yield Entry(kind=kind, field=name, text=text, leaf=leaf)
        return
    try:
        remote = parse_remote(text)
    except RemoteError as error:
        yield Entry(kind=kind, field=name, text=text, leaf=leaf, problem=f"remote base not taken: {error}")
        return
    if kind == "file" and remote.kind == "git":
        yield Entry(kind=kind, field=name, text=text, leaf=leaf, problem="a remote file must end in .yaml or .json")
    else:
        yield Entry(kind=kind, field=name, text=text, leaf=leaf, remote=remote)


def _leaves(node: Branch | Leaf | None) -> list[Leaf]:
    return [value for value in node.values if isinstance(value, Leaf)] if isinstance(node, Branch) else []


def _branches(node: Branch | Leaf | None) -> list[Branch]:
    if not isinstance(node, Branch) or node.is_map:
        return []
    return [value for value in node.values if isinstance(value, Branch) and value.is_map]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Node:
    """A kustomization folder in the graph.

    Attributes:
        folder: its path.
        parsed: the file, None where it does not parse.
        bases: folders it takes in as resources or plugins, in order; `components` likewise.
        files: resource files, in order (paths; `remote:https/…` for downloaded ones).
        problems: why it cannot render, known before kustomize is asked.
    """

    folder: str
    parsed: KustomizationFile | None
    bases: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_component(self) -> bool:
        return self.parsed is not None and self.parsed.is_component

    @property
    def children(self) -> tuple[str, ...]:
        return self.bases + self.components


class Graph:
    """All kustomizations of a tree and of the remote bases they reach."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = dict(sorted(nodes.items()))
        self._reached: dict[str, frozenset[str]] = {}

    @cached_property
    def local(self) -> tuple[str, ...]:
        """The tree's own kustomizations."""
        return tuple(folder for folder in self.nodes if not folder.startswith(REMOTE))

    @cached_property
    def parents(self) -> Mapping[str, frozenset[str]]:
        """Who takes a folder in, components among them."""
        parents: dict[str, set[str]] = {folder: set() for folder in self.nodes}
        for node in self.nodes.values():
            for child in node.children:
                if child in parents and child != node.folder:
                    parents[child].add(node.folder)
        return {folder: frozenset(found) for folder, found in parents.items()}

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The tree's kustomizations that no other refers to, components aside."""
        return tuple(one for one in self.local if not self.nodes[one].is_component and not self.parents[one])

    def reached(self, folder: str) -> frozenset[str]:
        """A folder and everything it takes in, at any depth."""
        if folder not in self._reached:
            seen: set[str] = set()
            stack = [folder]
            while stack:
                top = stack.pop()
                if top not in seen and top in self.nodes:
                    seen.add(top)
                    stack.extend(self.nodes[top].children)
            self._reached[folder] = frozenset(seen)
        return self._reached[folder]

    def problems(self, folder: str) -> tuple[str, ...]:
        """Why a folder cannot render, from itself or anything it reaches, each said to be where it is."""
        return tuple(
            problem if one == folder else f"{problem} (reached through {one})"
            for one in sorted(self.reached(folder), key=lambda one: (one != folder, one))
            for problem in self.nodes[one].problems
        )


def resolve(folder: str, text: str, home: str = ".") -> str | None:
    """The path an entry of a folder names, None where it is absolute or leaves the folder's home."""
    if posixpath.isabs(text):
        return None
    inside = folder if home == "." else posixpath.relpath(folder, home)
    joined = posixpath.normpath(posixpath.join(inside, text))
    if joined == ".." or joined.startswith("../"):
        return None
    if home == ".":
        return joined
    return home if joined == "." else f"{home}/{joined}"

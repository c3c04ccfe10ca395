"""Which file an object of a render came from, and through which kustomizations: names followed through the graph."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from buildkit.images.graph import Graph, KustomizationFile, resolve
from buildkit.images.locate import Branch, Leaf, Node, Step, compose, leaf_text, walk
from buildkit.model.documents import DocumentError, parse_documents, split_documents
from buildkit.model.resource import ObjectId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HASH: Final = re.compile(r"-[a-z0-9]{10}$")
_GENERATORS: Final = (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator"))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SourceObject:
    """An object in a resource file: `steps` lead from its document (at `line`, from 1) to it (inside a List)."""

    id: ObjectId
    file: SourceFile
    line: int
    body: str
    steps: tuple[Step, ...] = ()

    def node(self) -> Node | None:
        return walk(self.file.document(self.line, self.body), self.steps)


@dataclass(eq=False)
class SourceFile:
    """A text file of the tree: its lines, its objects, its YAML with places; all read when first asked for."""

    path: str
    text: str
    documents: dict[int, Node | None] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.removeprefix("\ufeff").split("\n")

    @cached_property
    def objects(self) -> tuple[SourceObject, ...]:
        """Every object of the file; what does not parse has none."""
        found: list[SourceObject] = []
        try:
            for line, body in split_documents(self.text):
                found.extend(self._objects(line, body))
        except DocumentError:
            pass
        return tuple(found)

    def _objects(self, line: int, body: str) -> Iterator[SourceObject]:
        try:
            resources = parse_documents(body)
        except DocumentError:
            return
        single = len(resources) == 1 and not _LIST.search(body)
        for index, resource in enumerate(resources):
            steps: tuple[Step, ...] = () if single else ("items", index)
            yield SourceObject(id=resource.id, file=self, line=line, body=body, steps=steps)

    def document(self, line: int, body: str) -> Node | None:
        """The document that begins at a line, None where it does not parse."""
        if line not in self.documents:
            try:
                self.documents[line] = compose(body, line=line)
            except DocumentError:
                self.documents[line] = None
        return self.documents[line]

    @cached_property
    def whole(self) -> Leaf:
        """The file as one scalar, as a generator takes it in."""
        return Leaf(text=self.text, line=1, last=len(self.lines), block=False, start=0, end=len(self.text))


_LIST: Final = re.compile(r"(?m)^kind:\s*[\"']?\w*List\b|^[\"']?items[\"']?\s*:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A kustomization an object goes through; of its components those from `component` on still apply to it."""

    folder: str
    component: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where an object begins: in a file, or in a generator entry of a kustomization.

    Attributes:
        kind: of the object.
        names: every name it has on the way, the final one last (without a generator's hash).
        namespace: the final one, as far as the files tell.
        source: the object in its file, None for a generated one.
        generator: the kustomization and the entry, for a generated one.
        stages: the kustomizations it goes through, inner first.
    """

    kind: str
    names: tuple[str, ...]
    namespace: str
    source: SourceObject | None = None
    generator: tuple[KustomizationFile, Branch] | None = None
    stages: tuple[Stage, ...] = ()

    @property
    def place(self) -> tuple[str, int]:
        """The file and line where the object itself begins."""
        if self.source is not None:
            rows = self.source.body.split("\n")
            first = next((index for index, row in enumerate(rows) if row.strip() and not row.startswith("#")), 0)
            return self.source.file.path, self.source.line + first
        if self.generator is not None:
            return self.generator[0].file, self.generator[1].line
        return "", 1


class Origins:
    """The objects that each kustomization brings, looked up by kind."""

    def __init__(self, graph: Graph, read: Callable[[str], str | None]) -> None:
        self.graph, self._read = graph, read
        self._files: dict[str, SourceFile | None] = {}
        self._known: dict[tuple[str, str], tuple[Origin, ...]] = {}

    def file(self, path: str) -> SourceFile | None:
        """A file of the tree or of a remote base, None where there is none."""
        if path not in self._files:
            text = self._read(path)
            self._files[path] = None if text is None else SourceFile(path, text)
        return self._files[path]

    def find(self, folder: str, wanted: ObjectId) -> tuple[Origin, ...]:
        """Where an object of a folder's render can have begun, the best guess first."""
        bare = bare_name(wanted.name)
        scored = [
            (_distance(origin, wanted, bare), index, origin)
            for index, origin in enumerate(self.of_kind(folder, wanted.kind))
            if wanted.name in origin.names or bare in origin.names
        ]
        return tuple(origin for _, _, origin in sorted(scored, key=lambda one: one[:2]))

    def of_kind(self, folder: str, kind: str) -> tuple[Origin, ...]:
        """All objects of a kind that a kustomization brings."""
        key = (folder, kind)
        if key not in self._known:
            self._known[key] = ()  # a circle ends here; kustomize refuses it anyway
            self._known[key] = tuple(self._gather(folder, kind))
        return self._known[key]

    def _gather(self, folder: str, kind: str) -> Iterator[Origin]:
        node = self.graph.nodes.get(folder)
        if node is None or node.parsed is None:
            return
        parsed = node.parsed
        inner = [*self._own(parsed, node.files, kind)]
        for base in node.bases:
            inner.extend(self.of_kind(base, kind))
        for origin in inner:
            yield _through(origin, parsed, 0)
        for index, component in enumerate(node.components):
            for origin in self.of_kind(component, kind):
                yield _through(origin, parsed, index + 1)

    def _own(self, parsed: KustomizationFile, files: tuple[str, ...], kind: str) -> Iterator[Origin]:
        for path in files:
            file = self.file(path)
            for one in file.objects if file else ():
                if one.id.kind == kind:
                    yield Origin(kind=kind, names=(one.id.name,), namespace=one.id.namespace, source=one)
        for generated, key in _GENERATORS:
            if generated == kind:
                for item in parsed.items(key):
                    if isinstance(item, Branch) and (leaf_text(item, "behavior") or "create") == "create":
                        name, space = leaf_text(item, "name") or "", leaf_text(item, "namespace") or ""
                        yield Origin(kind=kind, names=(name,), namespace=space, generator=(parsed, item))


def bare_name(name: str) -> str:
    """A generated object's name without the hash that kustomize appends."""
    return _HASH.sub("", name)


def _through(origin: Origin, parsed: KustomizationFile, component: int) -> Origin:
    name = parsed.text("namePrefix") + origin.names[-1] + parsed.text("nameSuffix")
    return replace(
        origin,
        names=origin.names if name == origin.names[-1] else (*origin.names, name),
        namespace=parsed.text("namespace") or origin.namespace,
        stages=(*origin.stages, Stage(folder=parsed.folder, component=component)),
    )


def _distance(origin: Origin, wanted: ObjectId, bare: str) -> int:
    """How badly an origin fits, 0 is best: final name, then namespace, then group."""
    name = origin.names[-1] not in {wanted.name, bare}
    group = origin.source is not None and origin.source.id.group != wanted.group
    space = origin.namespace != wanted.namespace
    return 4 * name + 2 * group + space


def entry_file(parsed: KustomizationFile, text: str, remotes: dict[str, str]) -> str | None:
    """The path of a file that a kustomization names; `remotes` maps addresses to where their files are kept."""
    if text in remotes:
        return remotes[text]
    path = resolve(parsed.folder, text, parsed.home)
    return posixpath.normpath(path) if path and not path.startswith("remote:") else path

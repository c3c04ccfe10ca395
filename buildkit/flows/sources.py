"""What a run reads: the tree, the remote bases it names, and the graph of all their kustomizations."""

from __future__ import annotations

import hashlib
import posixpath
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.edges import git, tree
from buildkit.edges.files import cache_folder, new_folder
from buildkit.edges.remotes import COMMIT_FILE, LockMismatchError, RemoteStore
from buildkit.errors import UndeterminedError, UsageError
from buildkit.images.graph import (
    FILE_NAMES,
    REMOTE,
    Entry,
    Graph,
    KustomizationFile,
    Node,
    parse_kustomization,
    resolve,
)
from buildkit.model.documents import DocumentError
from buildkit.model.remote import RemoteError, parse_remote
from buildkit.model.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.model.remote import Remote

_REPOSITORY = re.compile(
    r"(?:https://)?(github\.com/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+?)(?:\.git)?(?:@([A-Za-z0-9._/-]+))?"
)
_MAX_NODES = 20_000


def find_root(manifests: str, *, offline: bool) -> Path:
    """The folder of a tree: itself, or a shallow clone in the user's cache; a file is returned as it is.

    Raises:
        UsageError: there is nothing of that name.
        UndeterminedError: it cannot be cloned.
    """
    path = Path(manifests)
    if path.exists():
        return path
    match = _REPOSITORY.fullmatch(manifests)
    if match is None:
        raise UsageError(
            f"{manifests}: no such file or directory",
            hint="a folder, a rendered YAML file, `-`, or github.com/OWNER/REPO@REF",
        )
    try:
        remote = parse_remote(f"{match[1]}?ref={match[2] or 'HEAD'}")
    except RemoteError as error:
        raise UsageError(f"{manifests}: {error}") from error
    return _cloned(remote, offline=offline)


def _cloned(remote: Remote, *, offline: bool) -> Path:
    target = cache_folder("trees") / remote.place
    marker = target / COMMIT_FILE
    known = marker.read_text().strip() if marker.is_file() else ""
    if offline:
        if not known:
            raise UndeterminedError(f"{remote.place} is not on this machine, and --offline forbids to clone it")
        return target
    if not known or (not git.is_commit(remote.ref) and git.find_commit(remote.url, remote.ref) != known):
        with new_folder(target, replace=True) as folder:
            (folder / COMMIT_FILE).write_text(git.fetch_tree(remote.url, remote.ref, folder))
    return target


@dataclass(kw_only=True)
class Sources:
    """Everything that is read, by path from the tree's root; `remote:…` for what lies in remote bases.

    Attributes:
        graph: all kustomizations.
        trees: by their prefix, the main one under the empty text.
        addresses: of each remote file its path (`remote:https/…`).
        downloads: of each such path the file on disk.
        texts: files that are in memory only (standard input).
        bombs: of each file looked at, what its aliases would blow up to, None for most.
    """

    graph: Graph
    trees: dict[str, Tree]
    addresses: dict[str, str]
    downloads: dict[str, Path]
    texts: dict[str, str] = field(default_factory=dict)
    bombs: dict[str, str | None] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    def tree_of(self, path: str) -> Tree | None:
        if not path.startswith(REMOTE):
            return self.trees[""]
        return next((one for prefix, one in self.trees.items() if prefix and path.startswith(prefix)), None)

    def read_bytes(self, path: str) -> bytes | None:
        """A file's content, None where there is no such file."""
        if path in self.downloads:
            return self.downloads[path].read_bytes()
        found = self.tree_of(path)
        return tree.read_bytes(found, path) if found is not None and path in found.files else None

    def read(self, path: str) -> str | None:
        if path in self.texts:
            return self.texts[path]
        content = self.read_bytes(path)
        return None if content is None else content.decode("utf-8", "replace").replace("\r\n", "\n")

    def digest(self, path: str) -> str:
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(self.read_bytes(path) or b"").hexdigest()
        return self._digests[path]

    def closure(self, folder: str) -> list[str]:
        """Every file that rendering a folder can read: kustomize loads none from outside a kustomization's folder."""
        paths: set[str] = set()
        for one in self.graph.reached(folder):
            found = self.tree_of(one + "/")
            paths.update(_below(found, one) if found else ())
            paths.update(path for path in self.graph.nodes[one].files if path in self.downloads)
        return sorted(paths)


def _below(found: Tree, folder: str) -> Iterable[str]:
    if folder == "." or folder + "/" == found.prefix:
        return found.files
    names = list(found.files)
    start = bisect_left(names, folder + "/")
    return names[start : bisect_left(names, folder + "0")]  # "0" follows "/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What of a tree one kustomization needs: `folder` is its own, `within` are those that are reached from it."""

    folder: str
    within: tuple[str, ...]


class _Gathering:
    """Reads kustomizations until nothing new is named."""

    def __init__(self, root: Path, store: RemoteStore, part: Part | None) -> None:
        self.store, self.part = store, part
        self.trees: dict[str, Tree] = {"": tree.scan_tree(root, within=part.within if part else (".",))}
        self.folders: dict[str, str] = {}
        self.nodes: dict[str, Node] = {}
        self.addresses: dict[str, str] = {}
        self.downloads: dict[str, Path] = {}
        self._learn(self.trees[""])

    def _learn(self, found: Tree) -> None:
        """Note a tree's kustomization folders."""
        names = {name: rank for rank, name in enumerate(FILE_NAMES)}
        for path in sorted(found.files, key=lambda one: -names.get(posixpath.basename(one), 0)):
            if posixpath.basename(path) in names:
                self.folders[posixpath.dirname(path) or "."] = path

    def run(self) -> Sources:
        if self.part and self.part.folder not in self.folders:
            raise UndeterminedError(f"{self.trees[''].root}: its kustomization file leads out of it, or cannot be read")
        if not self.folders:
            raise UsageError(
                f"{self.trees[''].root}: no kustomization in it: nothing to examine",
                hint=f"name the folder of a release; looked for {', '.join(FILE_NAMES)}",
            )
        pending = sorted(self.folders) if self.part is None else [self.part.folder]
        while pending:
            folder = pending.pop()
            if folder not in self.nodes:
                self.nodes[folder] = self._node(folder)
                pending.extend(self.nodes[folder].children)
            if len(self.nodes) > _MAX_NODES:
                raise UndeterminedError(f"more than {_MAX_NODES} kustomizations: no release")
        return Sources(graph=Graph(self.nodes), trees=self.trees, addresses=self.addresses, downloads=self.downloads)

    def _tree_of(self, folder: str) -> Tree:
        return next(one for prefix, one in reversed(self.trees.items()) if (folder + "/").startswith(prefix))

    def _node(self, folder: str) -> Node:
        found, file = self._tree_of(folder), self.folders[folder]
        try:
            text = tree.read_bytes(found, file).decode("utf-8")
            parsed = parse_kustomization(text, file, found.prefix.rstrip("/") or ".")
        except (DocumentError, UnicodeDecodeError) as error:
            line = error.line if isinstance(error, DocumentError) else 1
            return Node(folder=folder, parsed=None, problems=(f"{file}:{line}: {error}",))
        return self._linked(parsed, found)

    def _linked(self, parsed: KustomizationFile, found: Tree) -> Node:
        bases: list[str] = []
        components: list[str] = []
        files: list[str] = []
        problems: list[str] = []
        for entry, path, problem in self._targets(parsed, found):
            if problem:
                problems.append(f"{parsed.file}:{entry.leaf.line}: {problem}")
            elif path in self.folders and entry.kind != "file":
                (components if entry.kind == "component" else bases).append(path)
            elif entry.kind == "base" and path is not None:
                files.append(path)
        return Node(
            folder=parsed.folder,
            parsed=parsed,
            bases=tuple(dict.fromkeys(bases)),
            components=tuple(dict.fromkeys(components)),
            files=tuple(dict.fromkeys(files)),
            problems=tuple(problems),
        )

    def _targets(self, parsed: KustomizationFile, found: Tree) -> Iterator[tuple[Entry, str | None, str | None]]:
        """Yield `(entry, path, problem)` of everything a kustomization names."""
        for entry in parsed.entries:
            if entry.problem:
                yield entry, None, f"{entry.field}: {entry.text}: {entry.problem}"
            elif entry.remote:
                yield self._remote(entry, entry.remote)
            else:
                yield self._local(entry, parsed, found)

    @staticmethod
    def _local(entry: Entry, parsed: KustomizationFile, found: Tree) -> tuple[Entry, str | None, str | None]:
        path = resolve(parsed.folder, entry.text, parsed.home)
        if path is None:
            return entry, None, f"{entry.field}: '{entry.text}' leads out of the tree"
        path = found.canonical(path)
        steps = path.split("/")
        ways = ["/".join(steps[:count]) for count in range(1, len(steps) + 1)]
        for way in (*ways, *(f"{path}/{name}" for name in FILE_NAMES if entry.kind != "file")):
            reason = found.refused.get(way)
            if reason:
                return entry, None, f"{entry.field}: '{entry.text}' is {reason}"
        return entry, path, None

    def _remote(self, entry: Entry, remote: Remote) -> tuple[Entry, str | None, str | None]:
        try:
            place = self.store.place(remote)
        except LockMismatchError:
            raise
        except UndeterminedError as error:
            return entry, None, f"remote base {entry.text} cannot be had: {error}"
        path = REMOTE + remote.place
        if remote.kind == "file":
            self.addresses[entry.text] = path
            self.downloads[path] = place
            return entry, path, None
        if path + "/" not in self.trees:
            self.trees[path + "/"] = tree.scan_tree(place, path + "/")
            self._learn(self.trees[path + "/"])
        return entry, path if remote.path == "." else f"{path}/{remote.path}", None


def gather(root: Path, store: RemoteStore, part: Part | None = None) -> Sources:
    """Read a tree's kustomizations, or the one that `part` needs; and those of the remote bases they name.

    Raises:
        UsageError: the tree has none.
        UndeterminedError: a remote base differs from the lock, or the tree is too big.
    """
    return _Gathering(root, store, part).run()

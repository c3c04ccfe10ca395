"""`kfkit images`: every image a release can pull, and where from."""

from __future__ import annotations

import hashlib
import posixpath
import sys
from dataclasses import dataclass, field, replace
from functools import reduce
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

import buildkit
from buildkit.edges.files import cache_folder, read_limited, read_text_file
from buildkit.edges.process import MIB
from buildkit.edges.render_cache import RecordStore, key_of
from buildkit.edges.tools import KUSTOMIZE, find_program
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.options import RemoteOptions
from buildkit.flows.reach import files_named
from buildkit.flows.renders import Reader, Record, Renderer, Use, use_of
from buildkit.flows.sources import Sources, find_root, gather
from buildkit.flows.store import keep_lock, open_store
from buildkit.images.accounting import account, counted_renders
from buildkit.images.graph import FILE_NAMES, Graph, KustomizationFile, Node
from buildkit.images.knowledge import Knowledge, merge, parse_knowledge
from buildkit.images.locate import Branch
from buildkit.images.overrides import named_images
from buildkit.images.samples import find_in_file, reads
from buildkit.model.documents import DocumentError, parse_documents, split_documents
from buildkit.model.image import Image, ImageUse
from buildkit.model.kustomization import Kustomization

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildkit.flows.watch import Watch
    from buildkit.model.resource import Resource

DEFAULT_INSTALL: Final = "example"
_MAX_TEXT: Final = 256 * MIB
_MAX_DATA: Final = 16 * MIB
_CODE: Final = (
    "images/*.py",
    "model/*.py",
    *(f"flows/{name}.py" for name in ("guards", "images", "reach", "rendering", "renders", "sources")),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesRequest:
    """What to look at.

    Attributes:
        manifests: a folder, `github.com/OWNER/REPO@REF`, a rendered YAML file, or `-` for standard input.
        remotes: folders of remote bases, read only.
        offline: no network at all.
        lock: where the state of fetched remote bases is kept; `update_lock` writes it anew.
        installs: the kustomizations that count as the default install; empty for `example`, or every root where the
            tree has no such folder.
        asked_by: who names the installs: the option, or a line of the policy.
        render_all: render each kustomization by itself.
        data: more knowledge, beside the built-in file.
    """

    manifests: str
    remotes: tuple[Path, ...] = ()
    offline: bool = False
    lock: Path = Path("kfkit.lock")
    update_lock: bool = False
    installs: tuple[str, ...] = ()
    asked_by: str = "--install"
    render_all: bool = False
    data: tuple[Path, ...] = ()

    @property
    def bases(self) -> RemoteOptions:
        """Where remote bases come from."""
        return RemoteOptions(remotes=self.remotes, offline=self.offline, lock=self.lock, update_lock=self.update_lock)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesResult:
    """All images by name, all kustomizations by path; `problems` says what of the default install is not known.

    `knowledge` is what was known of projects: the built-in data file and the user's; `tree` what was read, None where
    a render was given.
    """

    source: str
    images: tuple[Image, ...]
    kustomizations: tuple[Kustomization, ...]
    problems: tuple[str, ...]
    knowledge: Knowledge
    tree: Sources | None = field(default=None, compare=False, repr=False)


def collect_images(request: ImagesRequest, watch: Watch, known: tuple[Knowledge, str] | None = None) -> ImagesResult:
    """Find every image of a tree or a render; `known` is what `read_knowledge` gave, where it was read before.

    Raises:
        UsageError: no such place, nothing in it to examine, an install it does not have, a wrong data or lock file.
        UndeterminedError: kustomize is missing, a clone failed, a remote base differs from the lock.
    """
    knowledge, known_by = known or read_knowledge(request.data)
    version = key_of((_code_digest(), known_by))
    if request.manifests == "-":
        return _rendered(request.manifests, "-", sys.stdin.buffer.read(_MAX_TEXT + 1), knowledge)
    root = find_root(request.manifests, offline=request.offline)
    if not root.is_dir():  # a file, or a pipe of the shell's
        return _rendered(request.manifests, root.name, read_limited(root, _MAX_TEXT + 1), knowledge)
    program = find_program(KUSTOMIZE)
    with watch.stage("read"):
        sources = _sources(root, request, watch)
    installs, counted = _installs(sources.graph, request.installs, request.asked_by, watch)
    renderer = Renderer(sources=sources, program=program, knowledge=knowledge, version=version, watch=watch)
    with watch.stage("render"):
        records = renderer.run(installs, render_all=request.render_all)
    with watch.stage("samples"):
        unrendered = _unrendered(sources, records, knowledge, version, watch)
    outcomes = renderer.outcomes()
    default = counted_renders(sources.graph, counted, outcomes)
    broken = {one for one in counted if one in outcomes and not outcomes[one].rendered}
    abandoned = frozenset(one for install in broken for one in sources.graph.reached(install))
    return ImagesResult(
        source=request.manifests,
        images=merge_uses(_placed(records, unrendered, default, abandoned)),
        kustomizations=account(sources.graph, outcomes),
        problems=tuple(f"{one}: {outcomes[one].why}" for one in sorted(broken)),
        knowledge=knowledge,
        tree=sources,
    )


def read_knowledge(paths: Sequence[Path]) -> tuple[Knowledge, str]:
    """The built-in data file and the user's, whose entries come first; and a digest of them all.

    Raises:
        UsageError: a file cannot be read, or is wrong.
    """
    name = "buildkit/data/kubeflow.yaml"
    texts = [(name, files("buildkit").joinpath("data", "kubeflow.yaml").read_text("utf-8"))]
    texts.extend((str(path), read_text_file(path, _MAX_DATA)) for path in paths)
    parsed = [parse_knowledge(text, source) for source, text in texts]
    return reduce(lambda known, more: merge(more, known), parsed), key_of(part for pair in texts for part in pair)


def _code_digest() -> str:
    """Our own code: what it learned from a render holds for this version of it only."""
    root = Path(buildkit.__file__).parent
    whole = hashlib.sha256()
    for path in sorted(path for pattern in _CODE for path in root.glob(pattern)):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _sources(root: Path, request: ImagesRequest, watch: Watch) -> Sources:
    store = open_store(request.bases)
    sources = gather(root, store)
    keep_lock(request.bases, store, watch)
    return sources


def _installs(
    graph: Graph, named: Sequence[str], asked_by: str, watch: Watch
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to render as an install, and what counts as the default install."""
    if not named and DEFAULT_INSTALL not in graph.local:
        watch.tell(f"no kustomization '{DEFAULT_INSTALL}' in the tree: every root counts as the default install")
        return (), graph.roots
    installs = tuple(sorted({posixpath.normpath(one) for one in named or (DEFAULT_INSTALL,)}))
    for one in installs:
        if one not in graph.local:
            raise UsageError(f"{asked_by} {one}: the tree has no such kustomization", hint="give its folder's path")
        if graph.nodes[one].is_component:
            raise UsageError(f"{asked_by} {one}: a component is rendered only by what takes it in")
    return installs, installs


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A use with what it belongs to: `render` is the kustomization that brings it, None where nothing renders it."""

    use: Use
    render: str | None
    default: bool


class SourceRecord(msgspec.Struct, kw_only=True, frozen=True):
    """What the files that nothing renders hold; `complaints` are of YAML that does not parse."""

    uses: tuple[Use, ...]
    complaints: tuple[str, ...]


def _unrendered(
    sources: Sources, records: Mapping[str, Record], knowledge: Knowledge, version: str, watch: Watch
) -> dict[str, tuple[Use, ...]]:
    """Uses in files that nothing renders, by the broken kustomization or component that names them.

    The empty key stands for samples: files that no kustomization names.
    """
    named = files_named(sources)
    rendered = {
        one for folder, record in records.items() if record.why is None for one in sources.graph.reached(folder)
    }
    taken = {path for folder in rendered for path in named.get(folder, ())}
    groups: dict[str, list[str]] = {}
    for folder, paths in named.items():
        if folder not in rendered and folder in sources.graph.local:
            groups[folder] = [path for path in paths if path not in taken and reads(path)]
            taken.update(paths)
    everything = sources.trees[""].files
    groups[""] = [path for path in everything if path not in taken and reads(path) and not _is_kustomization(path)]
    store = RecordStore(cache_folder("sources"), SourceRecord)
    found: dict[str, tuple[Use, ...]] = {}
    for folder, group in sorted(groups.items()):
        key = key_of((version, folder, *(part for path in group for part in (path, sources.digest(path)))))
        record = store.read(key)
        if record is None:
            record = _scanned(sources, group, knowledge, sample=not folder)
            store.write(key, record)
        for complaint in record.complaints:
            watch.tell(complaint)
        found[folder] = (*record.uses, *_overrides(sources.graph, folder, records, knowledge))
    return found


def _overrides(graph: Graph, folder: str, records: Mapping[str, Record], knowledge: Knowledge) -> Iterator[Use]:
    """What the `images:` of a broken kustomization would have put in."""
    parsed = graph.nodes[folder].parsed if folder in records else None
    if parsed is None:
        return
    for candidate, path, line in named_images(parsed, knowledge):
        reference = candidate.reference
        yield Use(
            reference=candidate.text,
            name=reference.name,
            pinned=reference.pinned,
            file=parsed.file,
            line=line,
            object=None,
            path=path,
            how="split",
            sample=False,
        )


def _is_kustomization(path: str) -> bool:
    return posixpath.basename(path) in FILE_NAMES


def _scanned(sources: Sources, paths: Iterable[str], knowledge: Knowledge, *, sample: bool) -> SourceRecord:
    uses: list[Use] = []
    complaints: list[str] = []
    for path in paths:
        told: list[tuple[int, str]] = []
        found = find_in_file(path, sources.read(path) or "", knowledge, lambda line, what: told.append((line, what)))  # noqa: B023
        uses.extend(use_of(replace(one, sample=sample or "_example" in one.path), path, one.line) for one in found)
        complaints.extend(f"{path}:{line}: {what}" for line, what in told)
    return SourceRecord(uses=tuple(uses), complaints=tuple(complaints))


def _placed(
    records: Mapping[str, Record],
    unrendered: Mapping[str, tuple[Use, ...]],
    default: frozenset[str],
    abandoned: frozenset[str],
) -> Iterator[Placed]:
    for folder, record in records.items():
        for use in record.uses:
            yield Placed(use=use, render=folder, default=folder in default and not use.sample)
    for folder, uses in unrendered.items():
        for use in uses:
            yield Placed(use=use, render=None, default=folder in abandoned and not use.sample)


def merge_uses(placed: Iterable[Placed]) -> tuple[Image, ...]:
    """One image a name, one use a place; both sorted."""
    by_name: dict[str, list[Placed]] = {}
    for one in placed:
        by_name.setdefault(one.use.name, []).append(one)
    return tuple(_image(name, by_name[name]) for name in sorted(by_name))


def _image(name: str, placed: Sequence[Placed]) -> Image:
    places: dict[ImageUse, set[str]] = {}
    for one in placed:
        use = one.use
        key = ImageUse(
            file=use.file,
            line=use.line,
            kustomizations=(),
            object=use.object,
            path=use.path,
            how=use.how,
            sample=use.sample,
        )
        places.setdefault(key, set()).update([one.render] if one.render is not None else [])
    uses = [replace(use, kustomizations=tuple(sorted(renders))) for use, renders in places.items()]
    first = min(placed, key=lambda one: (not one.default, one.use.reference))
    return Image(
        reference=first.use.reference,
        name=name,
        pinned=first.use.pinned,
        default_install=any(one.default for one in placed),
        uses=tuple(sorted(uses, key=_order)),
    )


def _order(use: ImageUse) -> tuple[str, int, str, str, str, bool]:
    return use.file, use.line, use.object or "", use.path or "", use.how, use.sample


def _rendered(source: str, name: str, content: bytes, knowledge: Knowledge) -> ImagesResult:
    """Images of YAML that was rendered already: all of it counts, and it is its own origin."""
    if len(content) > _MAX_TEXT:
        raise UndeterminedError(f"{name}: more than {_MAX_TEXT // MIB} MiB of YAML")
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    resources, problems = _documents(name, text)
    if not problems and not resources:
        raise UsageError(f"{source}: no Kubernetes object in it: nothing to examine")
    root = Branch(is_map=True, line=1)
    parsed = KustomizationFile(folder=".", file=name, home=".", root=root, entries=())
    graph = Graph({".": Node(folder=".", parsed=parsed, files=(name,))})
    sources = Sources(graph=graph, trees={}, addresses={}, downloads={}, texts={name: text})
    uses = Reader(sources, knowledge).uses(".", resources)
    placed = (Placed(use=use, render=None, default=not use.sample) for use in uses)
    return ImagesResult(
        source=source,
        images=merge_uses(placed),
        kustomizations=(),
        problems=tuple(problems),
        knowledge=knowledge,
    )


def _documents(name: str, text: str) -> tuple[list[Resource], list[str]]:
    """The objects of the documents that parse, and a problem with file and line for each that does not."""
    problems: list[str] = []
    resources: list[Resource] = []
    try:
        for line, body in split_documents(text):
            try:
                resources.extend(parse_documents(body))
            except DocumentError as error:
                problems.append(f"{name}:{line + error.line - 1}: {error}")
    except DocumentError as error:
        problems.append(f"{name}:{error.line}: {error}")
    return resources, problems

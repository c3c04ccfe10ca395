"""Rendering what has to be rendered, and reading the images of each render: longest first, several at a time.

Kustomize works on a scratch copy that holds the files in reach and nothing else, with remote bases put beside it.
What a render taught is kept by the content of those files, so an unchanged tree renders nothing.
"""

from __future__ import annotations

import json
import os
import posixpath
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from buildkit.edges import kustomize, tree
from buildkit.edges.files import cache_folder, scratch_folder
from buildkit.edges.process import worker_pool
from buildkit.edges.render_cache import RecordStore, key_of
from buildkit.edges.tools import Program
from buildkit.errors import UndeterminedError
from buildkit.flows import guards
from buildkit.flows.sources import Sources
from buildkit.flows.watch import Watch
from buildkit.images.accounting import Outcome, first_renders, next_renders
from buildkit.images.finder import find
from buildkit.images.graph import REMOTE
from buildkit.images.knowledge import Knowledge
from buildkit.images.provenance import Tracer
from buildkit.model.documents import DocumentError, parse_documents
from buildkit.model.image import How, Pinned  # noqa: TC001  # msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from buildkit.images.found import Found
    from buildkit.model.resource import Resource

_WORKERS: Final = 8  # a whole platform takes kustomize 0.6 GB
_REMOTE_FOLDER: Final = ".kfkit-remote"


class Use(msgspec.Struct, kw_only=True, frozen=True, array_like=True, gc=False):
    """An image at one place, as a render shows it."""

    reference: str
    name: str
    pinned: Pinned
    file: str
    line: int
    object: str | None
    path: str | None
    how: How
    sample: bool


class Record(msgspec.Struct, kw_only=True, frozen=True):
    """What one render taught."""

    why: str | None
    warnings: tuple[str, ...]
    uses: tuple[Use, ...]


@dataclass(kw_only=True)
class Renderer:
    """Renders one tree's kustomizations, or remembers what they rendered to."""

    sources: Sources
    program: Program
    knowledge: Knowledge
    version: str
    watch: Watch
    records: dict[str, Record] = field(default_factory=dict)

    def run(self, installs: Sequence[str], *, render_all: bool) -> dict[str, Record]:
        """Render roots, installs, and what broken ones leave; the records by folder."""
        store = RecordStore(cache_folder("renders"), Record)
        asked = set(first_renders(self.sources.graph, installs, render_all=render_all))
        with ExitStack() as stack:
            job = _Job(self, store, stack)
            job.start(asked)
            while len(self.records) < len(asked):
                self.records.update(job.finish())
                self.watch.count("render", len(self.records), len(asked))
                more = next_renders(self.sources.graph, self.outcomes(), asked)
                asked.update(more)
                job.start(more)
        if job.rendered:
            store.trim()
        return dict(sorted(self.records.items()))

    def outcomes(self) -> dict[str, Outcome]:
        return {one: Outcome(why=record.why, warnings=record.warnings) for one, record in self.records.items()}

    def key(self, folder: str) -> str:
        """What a render's record is kept under: everything it depends on."""
        files = self.sources.closure(folder)
        parts = (part for path in files for part in (path, self.sources.digest(path)))
        return key_of((self.version, self.program.version, folder, *parts))


class _Job:
    """Renders under way. The scratch copy and the threads come up only when something has to be rendered."""

    def __init__(self, renderer: Renderer, store: RecordStore[Record], stack: ExitStack) -> None:
        self.renderer, self.sources, self.store, self.stack = renderer, renderer.sources, store, stack
        self.known: dict[str, Record] = {}
        self.running: dict[Future[kustomize.Build], tuple[str, str]] = {}
        self.scratch: Scratch | None = None
        self.pool: ThreadPoolExecutor | None = None
        self.rendered = 0
        self.reader = Reader(renderer.sources, renderer.knowledge)

    def start(self, folders: Iterable[str]) -> None:
        missing: list[tuple[int, str, str]] = []
        for folder in sorted(folders):
            problems = self.sources.graph.problems(folder)
            if problems:
                self.known[folder] = Record(why="; ".join(problems), warnings=(), uses=())
                continue
            key = self.renderer.key(folder)
            record = self.store.read(key)
            if record is not None:
                self.known[folder] = record
            else:
                missing.append((-len(self.sources.closure(folder)), folder, key))
        for _, folder, key in sorted(missing):
            self._submit(folder, key)

    def _submit(self, folder: str, key: str) -> None:
        problem = guards.refusal(self.sources, folder)
        if problem:
            self.known[folder] = Record(why=problem, warnings=(), uses=())
            return
        if self.scratch is None or self.pool is None:
            self.scratch = Scratch(self.sources, self.stack.enter_context(scratch_folder()))
            self.pool = self.stack.enter_context(worker_pool(min(os.cpu_count() or 2, _WORKERS)))
        try:
            place = self.scratch.prepare(folder)
        except OSError as error:
            raise UndeterminedError(
                f"{folder}: cannot be copied to {self.scratch.folder}: {error.strerror}",
                hint="TMPDIR names another place for scratch files",
            ) from error
        output = self.scratch.output(key)
        run = self.pool.submit(kustomize.build, self.renderer.program, place, output, dict(self.scratch.names))
        self.running[run] = (folder, key)

    def finish(self) -> dict[str, Record]:
        """What has become known since: at least one record."""
        done, self.known = self.known, {}
        if done:
            return done
        for run in wait(self.running, return_when=FIRST_COMPLETED).done:
            folder, key = self.running.pop(run)
            done[folder] = self._record(folder, key, run.result())
            self.rendered += 1
        return done

    def _record(self, folder: str, key: str, build: kustomize.Build) -> Record:
        if self.scratch is None:
            raise AssertionError  # what runs was submitted
        output = self.scratch.output(key)
        why, uses = build.why, tuple[Use, ...]()
        if why is not None:
            why = guards.yaml_fault(self.sources, folder, why)
        else:
            try:
                uses = self.reader.uses(folder, parse_documents(output.read_text("utf-8", "replace")))
            except DocumentError as error:
                why = f"its render is not read: line {error.line}: {error}"
        output.unlink(missing_ok=True)
        record = Record(why=why, warnings=build.warnings, uses=uses)
        if build.lasting:
            self.store.write(key, record)
        return record


class Scratch:
    """A copy of the files in reach, with remote bases beside them and every address of one turned into a path."""

    def __init__(self, sources: Sources, folder: Path) -> None:
        self.sources, self.folder = sources, folder
        self.copied: set[str] = set()
        self.names = {
            f"{folder}/{_REMOTE_FOLDER}/": REMOTE,
            f"{folder}/tree/": "",
            f"{folder}/tree": ".",
        }

    def prepare(self, folder: str) -> Path:
        """Copy what rendering a folder needs; returns the folder in the copy."""
        graph = self.sources.graph
        fresh = [path for path in self.sources.closure(folder) if path not in self.copied]
        for prefix, one in self.sources.trees.items():
            paths = [path for path in fresh if self.sources.tree_of(path) is one and path in one.files]
            if paths:
                tree.copy_files(one, paths, self.place(prefix.rstrip("/") or "."))
        self.copied.update(fresh)
        for reached in sorted(graph.reached(folder)):
            parsed = graph.nodes[reached].parsed
            if parsed and parsed.remotes and f"rewritten {reached}" not in self.copied:
                self.copied.add(f"rewritten {reached}")
                self._rewrite(reached)
        return self.place(folder)

    def place(self, path: str) -> Path:
        """Where a path of the sources lies in the copy."""
        if path.startswith(REMOTE):
            return self.folder / _REMOTE_FOLDER / path.removeprefix(REMOTE)
        return self.folder / "tree" / path if path != "." else self.folder / "tree"

    def output(self, key: str) -> Path:
        return self.folder / f"{key}.yaml"

    def _rewrite(self, folder: str) -> None:
        """Put paths in for a kustomization's addresses, from the end backwards; nothing else changes."""
        parsed = self.sources.graph.nodes[folder].parsed
        if parsed is None:
            return
        file = self.place(parsed.file)
        text = file.read_bytes().decode("utf-8")
        for index, entry in sorted(enumerate(parsed.remotes), key=lambda one: -one[1].leaf.start):
            if entry.remote is None:
                continue
            if entry.remote.kind == "file":
                # A file must lie inside the kustomization's folder: kustomize's load restriction.
                local = f".kfkit-{index}-{posixpath.basename(entry.remote.place)}"
                content = self.sources.read_bytes(REMOTE + entry.remote.place) or b""
                (self.place(folder) / local).write_bytes(content)
                self.names[local] = entry.text
            else:
                target = self.place(posixpath.normpath(f"{REMOTE}{entry.remote.place}/{entry.remote.path}"))
                local = os.path.relpath(target, self.place(folder))
            head = entry.leaf.text[: len(entry.leaf.text) - len(entry.text)]
            text = text[: entry.leaf.start] + json.dumps(head + local) + text[entry.leaf.end :]
        file.write_bytes(text.encode("utf-8"))


class Reader:
    """Images of a render, each with the file and line it comes from."""

    def __init__(self, sources: Sources, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.tracer = Tracer(sources.graph, sources.read, sources.addresses)

    def uses(self, root: str, resources: Sequence[Resource]) -> tuple[Use, ...]:
        """Every use in one render of `root`."""
        by_id = {str(one.id): one for one in resources}
        seen: dict[tuple[str, str, str], int] = {}
        return tuple(self._use(root, found, by_id, seen) for found in find(resources, self.knowledge))

    def _use(self, root: str, found: Found, by_id: dict[str, Resource], seen: dict[tuple[str, str, str], int]) -> Use:
        file, line = found.source, found.line
        if not file:
            path, raw = found.parts[-1]
            holder = found.holder or str(found.object)
            same = (holder, path.partition(" | ")[0], raw)
            place = self.tracer.place(root, found, by_id[holder], seen.get(same, 0))
            seen[same] = seen.get(same, 0) + 1
            file, line = place.file, place.line
        return use_of(found, file, line)


def use_of(found: Found, file: str, line: int) -> Use:
    return Use(
        reference=found.text,
        name=found.reference.name,
        pinned=found.reference.pinned,
        file=file,
        line=line,
        object=str(found.object),
        path=found.path,
        how=found.how,
        sample=found.sample,
    )

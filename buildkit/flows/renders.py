"""Rendering what has to be rendered for its images, and reading those: longest first, several at a time.

What a render taught is kept by the content of the files in reach, so an unchanged tree renders nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from buildkit.edges.files import cache_folder
from buildkit.edges.render_cache import RecordStore, key_of
from buildkit.edges.tools import Program
from buildkit.flows.rendering import Rendering, Renderings
from buildkit.flows.sources import Sources
from buildkit.flows.watch import Watch
from buildkit.images.accounting import Outcome, first_renders, next_renders
from buildkit.images.finder import find
from buildkit.images.knowledge import Knowledge
from buildkit.images.provenance import Tracer
from buildkit.model.documents import DocumentError, parse_documents
from buildkit.model.image import How, Pinned  # noqa: TC001  # msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.images.found import Found
    from buildkit.model.resource import Resource


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
        with Renderings(self.sources, self.program) as renderings:
            job = _Job(self, store, renderings)
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
    """Renders under way, and what is known of others from earlier runs."""

    def __init__(self, renderer: Renderer, store: RecordStore[Record], renderings: Renderings) -> None:
        self.renderer, self.sources, self.store, self.renderings = renderer, renderer.sources, store, renderings
        self.known: dict[str, Record] = {}
        self.keys: dict[str, str] = {}
        self.rendered = 0
        self.reader = Reader(renderer.sources, renderer.knowledge)

    def start(self, folders: Iterable[str]) -> None:
        missing: list[tuple[int, str]] = []
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
                self.keys[folder] = key
                missing.append((-len(self.sources.closure(folder)), folder))
        for _, folder in sorted(missing):
            self.renderings.start(folder)

    def finish(self) -> dict[str, Record]:
        """What has become known since: at least one record."""
        done, self.known = self.known, {}
        return done or {one.folder: self._record(one) for one in self.renderings.finish()}

    def _record(self, rendering: Rendering) -> Record:
        why, uses = rendering.why, tuple[Use, ...]()
        if rendering.output is not None:
            try:
                uses = self.reader.uses(rendering.folder, parse_documents(rendering.text()))
            except DocumentError as error:
                why = f"its render is not read: line {error.line}: {error}"
            rendering.output.unlink(missing_ok=True)
            self.rendered += 1
        record = Record(why=why, warnings=rendering.warnings, uses=uses)
        if rendering.lasting:
            self.store.write(self.keys[rendering.folder], record)
        return record


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

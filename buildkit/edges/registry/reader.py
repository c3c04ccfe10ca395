"""From a reference's root document to registry facts: which children to read, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from buildkit.edges.registry.documents import (
    Child,
    ConfigDocument,
    IndexDocument,
    ManifestDocument,
    parse_config,
    parse_document,
)
from buildkit.edges.registry.failures import ExchangeError, LookupFailedError
from buildkit.model.facts import NO_IMAGE, Entry, Failure, RegistryFacts, choose
from buildkit.model.inspection import Depth, Verdict
from buildkit.model.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.edges.registry.source import Source
    from buildkit.edges.registry.workers import Workers

_NESTING_LIMIT = 4
_NESTED_LIMIT = 16
_UNLABELLED_LIMIT = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What has to be found out about every reference."""

    platforms: tuple[Platform, ...]
    depth: Depth


def read_facts(source: Source, request: Request, workers: Workers) -> RegistryFacts:
    """Everything the verdicts need to know of a reference; failures are part of it."""
    digest: str | None = None
    limits = source.host.limits
    try:
        try:
            digest, body = source.root()
        finally:
            limits.root_done()
        document = parse_document(body)
        return replace(Reader(source, request, workers).facts(digest, document), digest=digest)
    except LookupFailedError as error:
        failure = error.failure
    except ExchangeError as error:
        failure = Failure(verdict=Verdict.UNKNOWN, reason=error.reason)
    return RegistryFacts(digest=digest, depth=request.depth, failure=failure)


class Reader:
    """Reads below the root of one reference."""

    def __init__(self, source: Source, request: Request, workers: Workers) -> None:
        self._source = source
        self._request = request
        self._workers = workers
        self._nested = 0
        self._artifacts = 0

    def facts(self, digest: str, document: IndexDocument | ManifestDocument | ConfigDocument) -> RegistryFacts:
        if isinstance(document, IndexDocument):
            return self._index_facts(document)
        entry = self._entry(digest, document)
        failure = entry.failure if entry.failure and not entry.config_read else None
        return RegistryFacts(depth="config", failure=failure, entries=() if failure else (entry,))

    def _index_facts(self, document: IndexDocument) -> RegistryFacts:
        leaves = list(self._leaves(document.children, level=1))
        depth, note = self._request.depth, None
        if depth == "config":
            wanted = self._wanted(leaves)
            fresh = sum(not self._source.has(digest) for digest in wanted)
            limits = self._source.host.limits
            note = limits.allows_children(fresh) if fresh else None
            if note:
                depth = "descriptor"
            else:
                leaves = self._read(leaves, wanted)
                limits.children_done(fresh)
        entries = tuple(entry for entry in leaves if entry.failure is not NO_IMAGE or entry.declared)
        failure = NO_IMAGE if not entries and (leaves or self._artifacts) else None
        note = f"judged by its index alone: {note}" if note else None
        return RegistryFacts(depth=depth, entries=entries, failure=failure, note=note)

    def _leaves(self, children: Sequence[Child], level: int) -> Iterator[Entry]:
        """Entries as the descriptors tell of them, nested indexes opened."""
        for child in children:
            plain = Entry(digest=child.digest, declared=child.platform)
            if not child.image:
                self._artifacts += 1
                if child.platform:
                    yield replace(plain, failure=NO_IMAGE)
            elif child.nested and self._concerns(child.platform):
                yield from self._nested_leaves(plain, level)
            else:
                yield plain

    def _concerns(self, platform: Platform | None) -> bool:
        return platform is None or any(platform.distance(wanted) is not None for wanted in self._request.platforms)

    def _nested_leaves(self, plain: Entry, level: int) -> Iterator[Entry]:
        self._nested += 1
        if level >= _NESTING_LIMIT or self._nested > _NESTED_LIMIT:
            reason = f"indexes nested deeper than {_NESTING_LIMIT} or more than {_NESTED_LIMIT} of them"
            yield replace(plain, failure=Failure(verdict=Verdict.UNKNOWN, reason=reason))
            return
        try:
            document = parse_document(self._source.document(plain.digest, "manifests", lost=Verdict.MISSING))
        except LookupFailedError as error:
            yield replace(plain, failure=_child_failure(error.failure))
        except ExchangeError as error:
            yield replace(plain, failure=Failure(verdict=Verdict.UNKNOWN, reason=error.reason))
        else:
            if isinstance(document, IndexDocument):
                yield from _under(plain.declared, self._leaves(document.children, level + 1))
            else:
                yield plain

    def _wanted(self, leaves: Sequence[Entry]) -> list[str]:
        """Digests to read: what each required platform would pull, and what only its config can place."""
        open_leaves = [entry for entry in leaves if entry.failure is None]
        chosen = [choose(open_leaves, platform) for platform in self._request.platforms]
        unlabelled = [entry for entry in open_leaves if not entry.declared][:_UNLABELLED_LIMIT]
        return list(dict.fromkeys(entry.digest for entry in (*chosen, *unlabelled) if entry))

    def _read(self, leaves: Sequence[Entry], wanted: Sequence[str]) -> list[Entry]:
        read = dict(
            zip(wanted, self._workers.together([partial(self._child, digest) for digest in wanted]), strict=True)
        )
        return [_combined(leaf, read.get(leaf.digest)) for leaf in leaves]

    def _child(self, digest: str) -> Entry:
        try:
            document = parse_document(self._source.document(digest, "manifests", lost=Verdict.MISSING))
        except LookupFailedError as error:
            return Entry(digest=digest, failure=error.failure)
        except ExchangeError as error:
            return Entry(digest=digest, failure=Failure(verdict=Verdict.UNKNOWN, reason=error.reason))
        return self._entry(digest, document)

    def _entry(self, digest: str, document: IndexDocument | ManifestDocument | ConfigDocument) -> Entry:
        """One image, its config read."""
        if isinstance(document, IndexDocument):
            reason = f"{digest[:19]} is an index, its descriptor says manifest"
            return Entry(digest=digest, failure=Failure(verdict=Verdict.UNKNOWN, reason=reason))
        if isinstance(document, ConfigDocument):
            return _configured(Entry(digest=digest), document)
        if not document.image:
            return Entry(digest=digest, failure=NO_IMAGE)
        entry = Entry(digest=digest, size=document.size, layers=document.layers)
        try:
            config = parse_config(self._source.document(document.config, "blobs", lost=Verdict.UNKNOWN))
        except LookupFailedError as error:
            return replace(entry, failure=replace(error.failure, reason=f"its config: {error.failure.reason}"))
        except ExchangeError as error:
            return replace(entry, failure=Failure(verdict=Verdict.UNKNOWN, reason=error.reason))
        return _configured(entry, config)


def _under(label: Platform | None, leaves: Iterator[Entry]) -> Iterator[Entry]:
    """What a nested index offers under its own label: containerd passes over what either of the two excludes."""
    for leaf in leaves:
        if label is None or (leaf.declared and leaf.declared.family == label.family):
            yield leaf
        elif leaf.declared is None:
            yield replace(leaf, declared=label)


def _configured(entry: Entry, config: ConfigDocument) -> Entry:
    return replace(entry, configured=config.platform, variant_said=config.variant_said, config_read=True)


def _combined(leaf: Entry, read: Entry | None) -> Entry:
    """What the descriptor says with what its manifest and config say."""
    if read is None or leaf.failure:
        return leaf
    failure = _child_failure(read.failure) if read.failure else None
    return replace(read, declared=leaf.declared, failure=failure)


def _child_failure(failure: Failure) -> Failure:
    if failure.verdict is not Verdict.MISSING:
        return failure
    return replace(failure, reason=f"the index names it, but {failure.reason}")

"""One reference read completely: root, then every manifest at once, then every config, statement and blob at once.

Nothing comes from a cache, and everything from the one place that has the root: what is to be proven is that a pull
from there finds it all. Manifests, configs and provenance are read and held against their digests; layers and other
statements are asked for with their size alone (`blobs.py`). Bounded in entries, nesting, blobs and time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from buildkit.edges.registry.assembly import Answer, Leaf, Needs, assemble_attestation, assemble_image
from buildkit.edges.registry.blobs import look_at
from buildkit.edges.registry.details import descriptor_of
from buildkit.edges.registry.documents import (
    INDEX_TYPES,
    IndexDocument,
    ManifestDocument,
    RawDescriptor,
    RawDocument,
    classify,
    decode_document,
    is_attestation,
    may_be_image,
)
from buildkit.edges.registry.failures import ExchangeError, LookupFailedError
from buildkit.model.contents import Descriptor, TagContents
from buildkit.model.facts import NO_IMAGE, Failure
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from buildkit.edges.registry.assembly import Need
    from buildkit.edges.registry.source import Source
    from buildkit.edges.registry.workers import Workers
    from buildkit.model.contents import AttestationContents, ChildContents, Wanted
    from buildkit.model.platform import Platform

NESTING_LIMIT = 4
NESTED_LIMIT = 16
ENTRIES_LIMIT = 256
BLOBS_LIMIT = 2048
LAYERS_LIMIT = 512  # of one manifest; a kernel mounts 128 at most
BYTES_LIMIT = 64 * 1024 * 1024  # of all manifests, configs and statements of a reference
SECONDS = 300.0  # after which nothing more of a reference is asked for


def read_contents(source: Source | None, wanted: Wanted, workers: Workers) -> TagContents:
    """Everything that a reference stands for; failures are part of it."""
    name = wanted.reference.name
    if source is None:
        return TagContents(name=name, failure=_unknown("registries.conf blocks pulling it"))
    found = TagContents(name=name, place=source.place.key)
    limits = source.host.limits
    try:
        try:
            digest, body = source.root()
        finally:
            limits.root_done()
        source.settle()
        found = replace(found, digest=digest)
        document = decode_document(body)
        found = replace(found, index=document.manifests is not None)
        root = Leaf(descriptor=Descriptor(digest=digest, size=len(body)), document=document, size=len(body))
        return ContentsReader(source, workers, whole=wanted.whole).fill(found, root, document)
    except LookupFailedError as error:
        return replace(found, failure=error.failure)
    except ExchangeError as error:
        return replace(found, failure=_unknown(error.reason))


class ContentsReader:
    """Reads below the root of one reference."""

    def __init__(self, source: Source, workers: Workers, *, whole: bool) -> None:
        self._source = source
        self._workers = workers
        self._whole = whole
        self._deadline = time.monotonic() + SECONDS
        self._nested = 0
        self._bytes = 0
        self._others: list[Descriptor] = []

    def fill(self, found: TagContents, root: Leaf, document: RawDocument) -> TagContents:
        """What the reference stands for; `document` is the root's."""
        if document.manifests is not None:
            leaves = self._entries(document.manifests)
            leaves = self._imaged(self._read_manifests(leaves) if self._whole else leaves)
        else:
            classify(document)
            leaves = [_checked(root)]
        images, attestations = self._assembled(leaves)
        return replace(found, images=images, attestations=attestations, others=tuple(self._others))

    def _entries(self, raw: Sequence[RawDescriptor]) -> list[Leaf]:
        leaves: list[Leaf] = []
        for leaf in self._leaves(raw, level=1):
            leaves.append(leaf)
            if len(leaves) > ENTRIES_LIMIT:
                raise ExchangeError(f"an index of more than {ENTRIES_LIMIT} entries")
        return leaves

    def _leaves(self, raw: Sequence[RawDescriptor], level: int) -> Iterator[Leaf]:
        """Entries in their order, nested indexes opened."""
        if len(raw) > ENTRIES_LIMIT:
            raise ExchangeError(f"an index of {len(raw)} entries, more than {ENTRIES_LIMIT}")
        for one in raw:
            leaf = Leaf(descriptor=descriptor_of(one), attestation=is_attestation(one))
            if leaf.attestation:
                yield leaf
            elif not may_be_image(one):
                yield replace(leaf, failure=NO_IMAGE)
            elif one.media_type in INDEX_TYPES:
                yield from self._nested_leaves(leaf, level)
            else:
                yield leaf

    def _nested_leaves(self, leaf: Leaf, level: int) -> Iterator[Leaf]:
        self._nested += 1
        if level >= NESTING_LIMIT or self._nested > NESTED_LIMIT:
            reason = f"indexes nested deeper than {NESTING_LIMIT} or more than {NESTED_LIMIT} of them"
            yield replace(leaf, failure=_unknown(reason))
            return
        read = self._manifest(leaf)
        if read.document is not None and read.document.manifests is not None:
            yield from _under(leaf.descriptor.platform, self._leaves(read.document.manifests, level + 1))
        else:
            yield leaf if read.failure is None else read

    def _read_manifests(self, leaves: Sequence[Leaf]) -> list[Leaf]:
        """Each manifest read, once for each digest."""
        distinct = {leaf.descriptor.digest: leaf for leaf in leaves if leaf.failure is None}
        answers = self._workers.together([partial(self._manifest, leaf) for leaf in distinct.values()])
        read = dict(zip(distinct, answers, strict=True))
        return [leaf if leaf.failure else _filled(leaf, read[leaf.descriptor.digest]) for leaf in leaves]

    def _imaged(self, leaves: Sequence[Leaf]) -> list[Leaf]:
        """Those that are images, or that a client takes for some: what is neither is put aside."""
        self._others += [leaf.descriptor for leaf in leaves if _is_other(leaf)]
        return [leaf for leaf in leaves if not _is_other(leaf)]

    def _manifest(self, leaf: Leaf) -> Leaf:
        digest = leaf.descriptor.digest
        answer = self._tried(lambda: self._source.document(digest, "manifests", lost=Verdict.MISSING))
        if answer.body is None:
            failure = answer.failure
            if failure and failure.verdict is Verdict.MISSING:
                failure = replace(failure, reason=f"the index names it, but {failure.reason}")
            return replace(leaf, failure=failure)
        try:
            document = decode_document(answer.body)
        except ExchangeError as error:
            return replace(leaf, size=len(answer.body), failure=_unknown(error.reason))
        return replace(leaf, document=document, size=len(answer.body))

    def _assembled(self, leaves: Sequence[Leaf]) -> tuple[tuple[ChildContents, ...], tuple[AttestationContents, ...]]:
        needs = Needs()
        for leaf in leaves:
            if leaf.document and leaf.failure is None and self._whole:
                needs.add(leaf.document, attestation=leaf.attestation)
        if len(needs.by_digest) > BLOBS_LIMIT:
            raise ExchangeError(f"{len(needs.by_digest)} blobs, more than {BLOBS_LIMIT}")
        calls = [partial(self._blob, digest, need) for digest, need in needs.by_digest.items()]
        answers = dict(zip(needs.by_digest, self._workers.together(calls), strict=True))
        return (
            tuple(assemble_image(leaf, answers) for leaf in leaves if not leaf.attestation),
            tuple(assemble_attestation(leaf, answers) for leaf in leaves if leaf.attestation),
        )

    def _blob(self, digest: str, need: Need) -> Answer:
        if need.read:
            return self._tried(lambda: self._source.document(digest, "blobs", lost=Verdict.MISSING))
        if time.monotonic() > self._deadline:
            return Answer(failure=_too_late())
        look = look_at(self._source.place, digest, need.size)
        return Answer(size=look.size, failure=look.failure)

    def _tried(self, call: Callable[[], bytes]) -> Answer:
        if time.monotonic() > self._deadline:
            return Answer(failure=_too_late())
        if self._bytes > BYTES_LIMIT:
            return Answer(failure=_unknown(f"not asked: more than {BYTES_LIMIT} bytes of documents"))
        try:
            body = call()
        except LookupFailedError as error:
            return Answer(failure=error.failure)
        except ExchangeError as error:
            return Answer(failure=_unknown(error.reason))
        self._bytes += len(body)  # threads may lose one another's, which bounds it all the same
        return Answer(body=body, size=len(body))


def _checked(leaf: Leaf) -> Leaf:
    """The leaf with why its document cannot be used: `classify` decides as it does for an audit."""
    if leaf.failure or leaf.document is None:
        return leaf
    if len(leaf.document.layers or ()) > LAYERS_LIMIT:
        return replace(leaf, failure=_unknown(f"a manifest of more than {LAYERS_LIMIT} layers"))
    try:
        return replace(leaf, failure=_attestation_failure(leaf) if leaf.attestation else _image_failure(leaf))
    except ExchangeError as error:
        return replace(leaf, failure=_unknown(error.reason))


def _image_failure(leaf: Leaf) -> Failure | None:
    document = classify(leaf.document) if leaf.document else None
    if isinstance(document, IndexDocument):
        return _unknown(f"{leaf.descriptor.digest[:19]} is an index, its descriptor says manifest")
    if isinstance(document, ManifestDocument) and not document.image:
        return NO_IMAGE
    return None


def _attestation_failure(leaf: Leaf) -> Failure | None:
    document = classify(leaf.document) if leaf.document else None
    return None if isinstance(document, ManifestDocument) else _unknown("it is no manifest with statements")


def _filled(leaf: Leaf, read: Leaf) -> Leaf:
    return _checked(replace(leaf, document=read.document, size=read.size, failure=read.failure))


def _is_other(leaf: Leaf) -> bool:
    return leaf.failure == NO_IMAGE and leaf.descriptor.platform is None


def _under(label: Platform | None, leaves: Iterator[Leaf]) -> Iterator[Leaf]:
    """What a nested index offers under its own label, as in `reader.py`: both have to suit a client."""
    for leaf in leaves:
        own = leaf.descriptor.platform
        if label is None or leaf.attestation or _is_other(leaf):
            yield leaf
        elif own is None or own.family == label.family:
            narrower = own if own and label.distance(own) is not None else label
            yield replace(leaf, descriptor=replace(leaf.descriptor, platform=narrower))


def _too_late() -> Failure:
    return _unknown(f"not asked: the {SECONDS:.0f} s for one reference are over")


def _unknown(reason: str) -> Failure:
    return Failure(verdict=Verdict.UNKNOWN, reason=reason)

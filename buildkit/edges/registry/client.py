"""The registry client: many references at once, each host asked no harder than it bears."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from buildkit.edges.credentials import CredentialStore, read_credentials
from buildkit.edges.registries_conf import RegistriesConf, read_registries_conf
from buildkit.edges.registry.cache import Cache, Nothing
from buildkit.edges.registry.reader import Request, read_facts
from buildkit.edges.registry.source import Place, Source
from buildkit.edges.registry.tags import TagList, list_tags
from buildkit.edges.registry.transport import Host
from buildkit.edges.registry.wire import Wire
from buildkit.edges.registry.workers import Workers
from buildkit.errors import UndeterminedError
from buildkit.model.facts import Failure, RegistryFacts
from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.registries_conf import Place as ConfPlace
    from buildkit.edges.registry.artifact import Artifact
    from buildkit.model.contents import TagContents, Wanted
    from buildkit.model.inspection import Depth
    from buildkit.model.platform import Platform
    from buildkit.model.reference import Reference

_THREADS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class PushedTo:
    """Where a push goes: `plain` over HTTP without TLS, `verified` where somebody has to vouch for its certificate."""

    host: str
    repository: str
    plain: bool
    verified: bool


class RegistryClient:
    """Reads registry facts and lists tags. Hosts and tokens live as long as the client; documents in the cache.

    `read`, `tags` and `close` may come in any order and as often as need be: connections are closed after each call
    and opened again by the next, and the cache's file after each `close`; what a call learnt is on disk with the next
    `close`, an interrupted call's too.
    """

    def __init__(self, conf: RegistriesConf, credentials: CredentialStore, cache: Cache) -> None:
        self._conf = conf
        self._credentials = credentials
        self._cache = cache
        self._wire = Wire()
        self._hosts: dict[tuple[str, bool], Host] = {}
        self._lock = Lock()

    def read(
        self,
        references: Sequence[Reference],
        platforms: Sequence[Platform],
        depth: Depth,
        done: Callable[[int], None] = lambda _count: None,
    ) -> tuple[RegistryFacts, ...]:
        """Facts of each reference, in their order; `done` hears how many are read."""
        workers = Workers(_THREADS)
        request = Request(platforms=tuple(platforms), depth=depth)
        sources = [self._source(reference) for reference in references]
        for source in sources:
            if source:
                source.host.limits.expect_root()
        order = _spread(sources)
        tasks = {number: workers.start(partial(_read, sources[number], request, workers)) for number in order}
        found: dict[int, RegistryFacts] = {}
        for number, task in tasks.items():
            found[number] = task.result()
            done(len(found))
        workers.close()
        self._wire.close()
        return tuple(found[number] for number in range(len(references)))

    def tags(
        self, references: Sequence[Reference], done: Callable[[int], None] = lambda _count: None
    ) -> tuple[TagList, ...]:
        """Tags of the repository of each reference, in their order; each repository is asked once."""
        workers = Workers(_THREADS)
        # As for a tag: a mirror for digests alone has no say in what is newer.
        known = {one.repository_name: replace(one, tag=one.tag or "latest", digest=None) for one in references}
        tasks = {name: workers.start(partial(self._tags, one)) for name, one in known.items()}
        found: dict[str, TagList] = {}
        for name, task in tasks.items():
            found[name] = task.result()
            done(len(found))
        workers.close()
        self._wire.close()
        return tuple(found[one.repository_name] for one in references)

    def contents(
        self, wanted: Sequence[Wanted], done: Callable[[int], None] = lambda _count: None
    ) -> tuple[TagContents, ...]:
        """Everything that each reference stands for, in their order, as its registry has it now.

        Asked is the registry that a push goes to, never a mirror or the cache; `done` hears how many are read.
        """
        from buildkit.edges.registry.contents import read_contents  # noqa: PLC0415  # an audit does without

        workers = Workers(_THREADS)
        sources = [self._pushed_source(one.reference) for one in wanted]
        for source in sources:
            if source:
                source.host.limits.expect_root()
        tasks = [
            workers.start(partial(read_contents, source, one, workers))
            for source, one in zip(sources, wanted, strict=True)
        ]
        found: list[TagContents] = []
        for task in tasks:
            found.append(task.result())
            done(len(found))
        workers.close()
        self._wire.close()
        return tuple(found)

    def resolve_all(self, references: Sequence[Reference]) -> tuple[str | Failure | None, ...]:
        """What each tag stands for now: its digest, None where there is no such tag, or why that is not known.

        Of a reference by digest: the digest, or None where the registry has no such manifest. Asked as `contents` asks.
        """
        workers = Workers(_THREADS)
        tasks = [workers.start(partial(self._resolve, reference)) for reference in references]
        found = tuple(task.result() for task in tasks)
        workers.close()
        self._wire.close()
        return found

    def resolve(self, reference: Reference) -> str | None:
        """What a tag stands for now: its digest, None where there is no such tag.

        Raises:
            UndeterminedError: that could not be found out.
        """
        (found,) = self.resolve_all([reference])
        if isinstance(found, Failure):
            raise UndeterminedError(f"{reference.name}: {found.reason}")
        return found

    def artifact(self, reference: Reference) -> Artifact | Failure | None:
        """The manifest that a tag stands for now, None where there is no such tag, or why that is not known.

        Asked as `contents` asks.
        """
        from buildkit.edges.registry.artifact import read_artifact  # noqa: PLC0415

        source = self._pushed_source(reference)
        if source is None:
            return Failure(verdict=Verdict.UNKNOWN, reason="registries.conf blocks pulling it")
        found = read_artifact(source, reference)
        self._wire.close()
        return found

    def pushed_to(self, reference: Reference) -> PushedTo | None:
        """Where a push of it goes, and how that host is spoken to as far as it was asked; None: that is blocked."""
        places = self._conf.places(reference)
        if not places:
            return None
        place = self._place(places[-1])
        return PushedTo(
            host=place.host.name, repository=place.repository, plain=place.host.plain, verified=place.host.verified
        )

    def close(self) -> None:
        """Write the cache, after an interruption too."""
        self._cache.close()

    def _tags(self, reference: Reference) -> TagList:
        return list_tags([self._place(place) for place in self._conf.places(reference)])

    def _source(self, reference: Reference) -> Source | None:
        places = self._conf.places(reference)
        if not places:
            return None
        return Source(reference, tuple(self._place(place) for place in places), self._cache)

    def _pushed_source(self, reference: Reference) -> Source | None:
        """Where a push goes: mirrors, which come first, are behind it or hold other things."""
        places = self._conf.places(reference)
        return Source(reference, (self._place(places[-1]),), Nothing()) if places else None

    def _resolve(self, reference: Reference) -> str | Failure | None:
        from buildkit.edges.registry.presence import find_manifest  # noqa: PLC0415

        places = self._conf.places(reference)
        if not places:
            return Failure(verdict=Verdict.UNKNOWN, reason="registries.conf blocks pulling it")
        return find_manifest(self._place(places[-1]), reference)

    def _place(self, place: ConfPlace) -> Place:
        with self._lock:
            host = self._hosts.get((place.host, place.insecure))
            if host is None:
                host = self._hosts[place.host, place.insecure] = Host(place, self._wire, self._credentials)
        return Place(host=host, repository=place.repository)


def open_registry(
    registries_conf: Path | None = None, cache: Path | None = None, credentials: CredentialStore | None = None
) -> RegistryClient:
    """Registry client with the user's credentials; `cache` defaults to `$XDG_CACHE_HOME/kfkit/registry`.

    Raises:
        UsageError: registries.conf or a credentials file is wrong.
    """
    conf = read_registries_conf(registries_conf) if registries_conf else RegistriesConf()
    return RegistryClient(conf, credentials or read_credentials(), Cache(cache or default_cache()))


def default_cache() -> Path:
    """Folder by the XDG base directory specification; a relative XDG_CACHE_HOME is ignored, as it demands."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (home if home.is_absolute() else Path.home() / ".cache") / "kfkit" / "registry"


def _read(source: Source | None, request: Request, workers: Workers) -> RegistryFacts:
    if source is None:
        failure = Failure(verdict=Verdict.UNKNOWN, reason="registries.conf blocks pulling it")
        return RegistryFacts(depth=request.depth, failure=failure)
    return read_facts(source, request, workers)


def _spread(sources: Sequence[Source | None]) -> list[int]:
    """Numbers of the sources, hosts taking turns: one that is slow or down does not keep the others waiting."""
    by_host: dict[str, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        by_host[source.host.name if source else ""].append(number)
    turns = chain.from_iterable(zip_longest(*by_host.values()))
    return [number for number in turns if number is not None]

"""`kfkit build merge`: results of several runners -> index -> verification -> tags. It builds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.builds.merging import Merge, MergeError, plan_merges
from buildkit.builds.outcome import ComponentOutcome, PlatformOutcome, RunOutcome
from buildkit.edges.buildx import open_buildx
from buildkit.errors import UsageError
from buildkit.flows.build_release import Press, Released, release
from buildkit.flows.build_results import read_results
from buildkit.flows.build_verify import Starter
from buildkit.report.text import printable

if TYPE_CHECKING:
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeRequest:
    """Result files, or folders of them; `force` moves tags, `engine` starts each platform before it is tagged."""

    results: tuple[Path, ...]
    force: bool = False
    engine: Starter | None = None


def merge_results(request: MergeRequest, registry: RegistryClient, watch: Watch) -> RunOutcome:
    """Put results together and tag what is proven.

    Raises:
        UsageError: the results do not belong together, or a platform is missing.
        UndeterminedError: there is no buildx.
    """
    found = read_results(request.results)
    try:
        merges = plan_merges(found)
    except MergeError as error:
        raise UsageError(printable(str(error)), hint=error.hint) from error
    press = Press(buildx=open_buildx(), builder="", registry=registry, force=request.force, engine=request.engine)
    released = release(merges, press, watch)
    return RunOutcome(
        version=found[0][1].version,
        builder="none: merged from results",
        complete=True,
        components=tuple(map(_component, merges, released)),
        results=tuple(name for name, _ in found),
    )


def _component(merge: Merge, released: Released) -> ComponentOutcome:
    platforms = tuple(
        PlatformOutcome(
            platform=result.platform,
            state="resumed",
            way=result.way,
            node=result.builder or None,
            digest=result.digest,
            seconds=result.seconds,
            execution=result.execution,
        )
        for result in merge.results
    )
    return released.as_outcome(merge.build, platforms)

"""The building itself: each platform of each component on its node, pushed by digest, its result kept at once.

A node builds one after the other (or as many as `jobs` says), nodes beside each other. One that fails stops no other:
what is pushed once is not built again by a retry.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from buildkit.builds.arguments import build_arguments
from buildkit.builds.diagnosis import Diagnosis, diagnose_failure, diagnose_late
from buildkit.builds.nodes import ChosenNode
from buildkit.builds.outcome import PlatformOutcome
from buildkit.builds.plan import PlannedBuild, PlannedPlatform
from buildkit.builds.progress import Progress
from buildkit.builds.result import BuildResult, PlatformResult, TagSeen
from buildkit.edges.buildx import Buildx, build
from buildkit.edges.process import ProgramError, worker_pool
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_results import read_result, result_path, write_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.flows.watch import Watch

# The digest of the image's own manifest in what was pushed (`repository@digest`) for a platform; an error where that
# is no image of the platform, or the registry has it no more.
FindManifest = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One platform of one component to build.

    Attributes:
        build, platform: of the plan.
        node: where it is built.
        key: digest of all that goes into it, None where that cannot be told.
        seen: what the tags stand for now.
    """

    build: PlannedBuild
    platform: PlannedPlatform
    node: ChosenNode
    key: str | None
    seen: tuple[TagSeen, ...]

    @property
    def name(self) -> str:
        return f"{self.build.component} {self.platform.platform}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """What all targets share.

    Attributes:
        buildx: the program.
        folder: where results and logs go.
        version, epoch: of the plan.
        seconds: the time limit of each target.
        jobs: how many a node builds at once.
        fresh: whether earlier results are left aside.
        find_manifest: asks the registry.
    """

    buildx: Buildx
    folder: Path
    version: str
    epoch: int | None
    seconds: float
    jobs: int
    fresh: bool
    find_manifest: FindManifest


Outcomes = dict[tuple[str, str], PlatformOutcome]


def build_targets(targets: Sequence[Target], shop: Workshop, watch: Watch) -> Outcomes:
    """Build them all; outcomes by component and platform."""
    queues: defaultdict[str, deque[Target]] = defaultdict(deque)
    for target in targets:
        queues[target.node.endpoint].append(target)
    outcomes: Outcomes = {}
    try:
        shop.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{shop.folder}: cannot be written: {error.strerror}") from error
    with worker_pool(max(1, len(queues) * shop.jobs)) as pool:
        lanes = [
            pool.submit(_lane, queue, shop, watch, outcomes) for queue in queues.values() for _ in range(shop.jobs)
        ]
        for lane in lanes:
            lane.result()
    return outcomes


def _lane(queue: deque[Target], shop: Workshop, watch: Watch, outcomes: Outcomes) -> None:
    """One after the other, until the node's queue is empty."""
    while True:
        try:
            target = queue.popleft()
        except IndexError:
            return
        outcome = _resumed(target, shop) or _built(target, shop, watch)
        outcomes[target.build.component, target.platform.platform] = outcome
        _tell(target, outcome, watch)


def _tell(target: Target, outcome: PlatformOutcome, watch: Watch) -> None:
    if outcome.state == "built":
        watch.tell(f"{target.name}: built in {outcome.seconds:.1f} s, {outcome.way}, {outcome.digest}")
    elif outcome.state == "resumed":
        watch.tell(f"{target.name}: in the registry already, {outcome.digest}")
    else:
        watch.tell(f"{target.name}: {outcome.state}: {outcome.problem}")


def _resumed(target: Target, shop: Workshop) -> PlatformOutcome | None:
    """What an earlier run pushed of the very same inputs, if the registry still has it."""
    path = result_path(shop.folder, target.build.component, target.platform.platform)
    if shop.fresh or target.key is None or not path.is_file():
        return None
    try:
        known = read_result(path, only=True)
    except UsageError:
        return None  # a result that cannot be read is none
    found = known.results[0] if known and len(known.results) == 1 else None
    if found is None or found.key != target.key or found.platform != target.platform.platform:
        return None
    try:
        manifest = shop.find_manifest(f"{target.build.image}@{found.digest}", found.platform)
    except UndeterminedError:
        return None
    result = replace(found, component=target.build.component, manifest=manifest, seconds=0.0)
    _keep(path, target, shop, result)
    return _outcome(target, state="resumed", digest=result.digest, way=result.way)


def _built(target: Target, shop: Workshop, watch: Watch) -> PlatformOutcome:
    path = result_path(shop.folder, target.build.component, target.platform.platform)
    with suppress(OSError):
        path.unlink()  # an older result is no result of this run, should it end here
    log, progress = path.with_suffix(".log"), Progress()
    where = f" on {target.node.endpoint}" if target.node.endpoint else ""
    watch.tell(f"{target.name}: building{where} ({target.node.way}: {target.node.reason})")
    start = time.monotonic()
    try:
        with log.open("w", encoding="utf-8", errors="replace") as file:
            digest = _call(target, shop, _listener(target, progress, file, watch), progress, file)
    except OSError as error:
        raise UsageError(f"{log}: cannot be written: {error.strerror}") from error
    except UndeterminedError as error:
        return _failed(target, _diagnosed(error, progress, shop, target.node), error, start, log)
    seconds = round(time.monotonic() - start, 3)
    try:
        manifest = shop.find_manifest(f"{target.build.image}@{digest}", target.platform.platform)
    except UndeterminedError as error:
        return _failed(target, Diagnosis(problem=str(error), hint=error.hint or None), error, start, log)
    result = PlatformResult(
        component=target.build.component,
        platform=target.platform.platform,
        digest=digest,
        manifest=manifest,
        way=target.node.way,
        builder=target.node.endpoint,
        key=target.key,
        seconds=seconds,
    )
    _keep(path, target, shop, result)
    return _outcome(target, state="built", digest=digest, seconds=seconds, log=str(log))


def _call(target: Target, shop: Workshop, heard: Callable[[bytes], None], progress: Progress, file: IO[str]) -> str:
    arguments = build_arguments(target.build, target.platform, target.node.builder)
    with tempfile.TemporaryDirectory(prefix="kfkit-build-") as scratch:
        metadata = Path(scratch, "metadata.json")
        try:
            return build(shop.buildx, arguments, metadata=metadata, seconds=shop.seconds, heard=heard, epoch=shop.epoch)
        finally:
            file.writelines(f"{line}\n" for line in progress.close())


def _listener(target: Target, progress: Progress, file: IO[str], watch: Watch) -> Callable[[bytes], None]:
    def heard(piece: bytes) -> None:
        file.writelines(f"{line}\n" for line in progress.feed(piece))
        watch.count(f"{target.name}: {progress.current or 'waiting'}", progress.done, progress.total + 1)

    return heard


def _diagnosed(error: UndeterminedError, progress: Progress, shop: Workshop, node: ChosenNode) -> Diagnosis:
    if isinstance(error, ProgramError) and error.late:
        return diagnose_late(progress, shop.seconds, node)
    return diagnose_failure(progress, str(error), node)


def _failed(target: Target, diagnosis: Diagnosis, error: UndeterminedError, start: float, log: Path) -> PlatformOutcome:
    return _outcome(
        target,
        state="late" if isinstance(error, ProgramError) and error.late else "failed",
        seconds=round(time.monotonic() - start, 3),
        problem=diagnosis.problem,
        hint=diagnosis.hint,
        lines=diagnosis.lines,
        log=str(log),
    )


def _outcome(target: Target, **facts: object) -> PlatformOutcome:
    plain = PlatformOutcome(
        platform=target.platform.platform,
        state="failed",
        way=target.node.way,
        reason=target.node.reason,
        node=target.node.endpoint or None,
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def _keep(path: Path, target: Target, shop: Workshop, result: PlatformResult) -> None:
    document = BuildResult(version=shop.version, builds=(target.build,), results=(result,), tags=target.seen)
    write_result(path, document)

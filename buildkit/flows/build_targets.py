"""The building itself: each platform of each component on its node, pushed by digest, its result kept at once.

A node builds one after the other (or as many as `jobs` says), nodes beside each other. One that fails stops no other:
what is pushed once is not built again by a retry.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from buildkit.builds.arguments import build_arguments, from_name
from buildkit.builds.diagnosis import Diagnosis, diagnose_failure, diagnose_late
from buildkit.builds.outcome import PlatformOutcome
from buildkit.builds.progress import Progress
from buildkit.builds.result import BuildResult, PlatformResult
from buildkit.edges.buildx import Buildx, build
from buildkit.edges.files import scratch_folder
from buildkit.edges.process import ProgramError, redact, worker_pool
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_board import Bases, Board, Outcomes, Target
from buildkit.flows.build_results import result_path, write_result
from buildkit.flows.build_resume import key_with, known_result
from buildkit.flows.watch import Watch
from buildkit.report.text import clipped, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.nodes import ChosenNode

_MOST_SHOWN: Final = 60

# The digest of the image's own manifest in what was pushed (`repository@digest`) for a platform; an error where that
# is no image of the platform, or the registry has it no more.
FindManifest = Callable[[str, str], str]


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


def build_targets(targets: Sequence[Target], shop: Workshop, watch: Watch) -> Outcomes:
    """Build them all; outcomes by component and platform."""
    try:
        shop.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{shop.folder}: cannot be written: {error.strerror}") from error
    board = Board(targets)
    with worker_pool(max(1, len(board.nodes) * shop.jobs)) as pool:
        lanes = [pool.submit(_lane, board, node, shop, watch) for node in board.nodes for _ in range(shop.jobs)]
        try:
            # The first that breaks ends the run: the others would only be told when they are through.
            for lane in wait(lanes, return_when=FIRST_EXCEPTION).done:
                lane.result()
        finally:
            board.stop()
    return board.outcomes


def _lane(board: Board, node: str, shop: Workshop, watch: Watch) -> None:
    """What a node builds, one after the other."""
    try:
        while (taken := board.take(node)) is not None:
            target, bases = taken
            outcome = _lost_base(target, bases)
            if outcome is None:
                digests = ((one.component, one.digest or "") for one in bases)
                target = replace(target, key=key_with(target.key, digests))
                outcome = _resumed(target, shop) or _built(target, bases, shop, watch)
            _tell(target, outcome, watch)
            board.put(target, outcome)
    except BaseException:
        board.stop()
        raise


def _lost_base(target: Target, bases: Bases) -> PlatformOutcome | None:
    failed = next((one for one in bases if one.digest is None), None)
    if failed is None:
        return None
    return _outcome(target, state="failed", problem=f"{failed.component}, which it is built on, could not be built")


def _tell(target: Target, outcome: PlatformOutcome, watch: Watch) -> None:
    if outcome.state == "built":
        watch.tell(f"{target.name}: built in {outcome.seconds:.1f} s, {outcome.way}, {outcome.digest}")
    elif outcome.state == "resumed":
        watch.tell(f"{target.name}: in the registry already, {outcome.digest}")
    else:
        watch.tell(f"{target.name}: {outcome.state}: {outcome.problem}")


def _resumed(target: Target, shop: Workshop) -> PlatformOutcome | None:
    """What an earlier run pushed, if the registry still has it."""
    component, platform = target.build.component, target.platform.platform
    found = None if shop.fresh else known_result(shop.folder, component, platform, target.key)
    if found is None:
        return None
    try:
        manifest = shop.find_manifest(f"{target.build.image}@{found.digest}", platform)
    except UndeterminedError:
        return None
    path = result_path(shop.folder, component, platform)
    _keep(path, target, shop, replace(found, manifest=manifest, seconds=0.0))
    return _outcome(target, state="resumed", digest=found.digest, way=found.way)


def _built(target: Target, bases: Bases, shop: Workshop, watch: Watch) -> PlatformOutcome:
    path = result_path(shop.folder, target.build.component, target.platform.platform)
    with suppress(OSError):
        path.unlink()  # an older result is no result of this run, should it end here
    log, progress = path.with_suffix(".log"), Progress()
    where = f" on {target.node.endpoint}" if target.node.endpoint else ""
    watch.tell(f"{target.name}: building{where} ({target.node.way}: {target.node.reason})")
    start = time.monotonic()
    try:
        with log.open("w", encoding="utf-8", errors="replace") as file:
            digest = _call(target, bases, shop, _Listener(target, progress, file, watch))
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


@dataclass(frozen=True, slots=True)
class _Listener:
    """Keeps the log of a build, and shows the step that it is at."""

    target: Target
    progress: Progress
    file: IO[str]
    watch: Watch

    def heard(self, piece: bytes) -> None:
        self._log(self.progress.feed(piece))
        # The name of a step is text of a Dockerfile, of any length.
        step = clipped(printable(self.progress.current), _MOST_SHOWN) or "waiting"
        self.watch.count(f"{self.target.name}: {step}", self.progress.done, self.progress.total + 1)

    def close(self) -> None:
        self._log(self.progress.close())

    def _log(self, lines: Sequence[str]) -> None:
        self.file.writelines(f"{line}\n" for line in lines)


def _call(target: Target, bases: Bases, shop: Workshop, listener: _Listener) -> str:
    named = [(from_name(tag), f"{one.image}@{one.digest}") for one in bases for tag in one.tags]
    arguments = build_arguments(target.build, target.platform, target.node.builder, named)
    with scratch_folder() as scratch:
        metadata = scratch / "metadata.json"
        try:
            return build(
                shop.buildx,
                arguments,
                metadata=metadata,
                seconds=shop.seconds,
                heard=listener.heard,
                epoch=shop.epoch,
            )
        finally:
            listener.close()


def _diagnosed(error: UndeterminedError, progress: Progress, shop: Workshop, node: ChosenNode) -> Diagnosis:
    if isinstance(error, ProgramError) and error.late:
        return diagnose_late(progress, shop.seconds, node)
    return diagnose_failure(progress, str(error), node)


def _failed(target: Target, diagnosis: Diagnosis, error: UndeterminedError, start: float, log: Path) -> PlatformOutcome:
    return _outcome(
        target,
        state="late" if isinstance(error, ProgramError) and error.late else "failed",
        seconds=round(time.monotonic() - start, 3),
        # They go into reports that others read: addresses in them may hold a password.
        problem=redact(diagnosis.problem),
        hint=diagnosis.hint,
        lines=tuple(map(redact, diagnosis.lines)),
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

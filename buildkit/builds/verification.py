"""Contents of a tag and what is expected of it -> checks, and what is known of each platform.

The platforms' verdicts are the audit's own (`verdict/judge.py`), from the same facts: what this calls right, an audit
calls `supported`. Beyond that it asks what an audit does not: each platform once, every blob, attestations, labels,
digests as built, and whether the images start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from buildkit.builds.check import Check, Outcome, worst
from buildkit.builds.checks_attestations import check_attestations
from buildkit.builds.checks_content import check_blobs, check_labels
from buildkit.builds.checks_digests import built_state, check_digests
from buildkit.builds.checks_executed import check_executed, counted_executions, reported_executions
from buildkit.builds.checks_image import check_configs, check_index, check_layers, check_platforms
from buildkit.builds.judged import Judged, judge_contents
from buildkit.model.execution import Execution, not_executed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.builds.expectation import Expectation
    from buildkit.model.contents import TagContents

Known = Literal["yes", "no", "unknown"]
_INDEXED = frozenset({"index", "platforms", "configs", "layers", "blobs"})
_NOT_STARTED = not_executed("not started")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformRow:
    """One platform of a tag: built, indexed and executed are three questions.

    Attributes:
        platform: `linux/arm64`.
        expected: whether it has to be there.
        digest: of its manifest.
        size: what a pull transfers, in bytes.
        built: whether the digest is the one that its build reported; unknown without a result of it.
        indexed: whether the tag serves it, with everything that it takes.
        execution: whether it starts.
    """

    platform: str
    expected: bool
    digest: str | None = None
    size: int | None = None
    built: Known = "unknown"
    indexed: Known = "unknown"
    execution: Execution = _NOT_STARTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """One tag, verified.

    Attributes:
        name: the reference in full.
        digest: what it stands for.
        outcome: the worst of the checks.
        platforms: expected ones first, then others that are there.
        checks: in the order in which they are made; where the reference cannot be read, the first alone.
    """

    name: str
    digest: str | None = None
    outcome: Outcome
    platforms: tuple[PlatformRow, ...]
    checks: tuple[Check, ...]


def verify(
    contents: TagContents,
    expected: Expectation,
    *,
    pushed: Mapping[str, TagContents] | None = None,
    executions: Mapping[str, Execution] | None = None,
) -> Verification:
    """Hold a tag against what is expected of it.

    Args:
        contents: what the registry holds for it.
        expected: what it should be.
        pushed: by digest, root documents of what builds pushed, where their results do not name the image itself.
        executions: by platform, what became of starting it; None where nothing was to be started: then it counts
            what was reported of starting it where it was built.
    """
    judged = judge_contents(contents, expected)
    reported = reported_executions(judged)
    counted = counted_executions(judged, reported) if executions is None else executions
    checks = tuple(_checks(judged, pushed or {}, counted))
    shown = {**reported, **(executions or {})}
    return Verification(
        name=contents.name,
        digest=contents.digest,
        outcome=worst(check.outcome for check in checks),
        platforms=tuple(_row(judged, platform, checks, pushed or {}, shown) for platform in judged.records),
        checks=checks,
    )


def _checks(
    judged: Judged, pushed: Mapping[str, TagContents], executions: Mapping[str, Execution] | None
) -> Iterable[Check]:
    yield check_index(judged)
    if judged.blocked:
        return
    yield check_platforms(judged)
    yield check_configs(judged)
    yield check_layers(judged)
    yield check_blobs(judged)
    yield check_attestations(judged)
    yield check_labels(judged)
    yield check_digests(judged, pushed)
    yield check_executed(judged, executions)


def _row(
    judged: Judged,
    platform: str,
    checks: Iterable[Check],
    pushed: Mapping[str, TagContents],
    executions: Mapping[str, Execution],
) -> PlatformRow:
    record = judged.records[platform]
    concerning = [
        remark.outcome
        for check in checks
        if check.name in _INDEXED
        for remark in check.remarks
        if remark.platform in {platform, None}
    ]
    return PlatformRow(
        platform=platform,
        expected=platform in judged.expected_names,
        digest=record.digest,
        size=record.size,
        built=built_state(judged, platform, pushed),
        indexed=_known(worst(concerning)),
        execution=executions.get(platform, _NOT_STARTED),
    )


def _known(outcome: Outcome) -> Known:
    if outcome is Outcome.PROBLEM:
        return "no"
    return "unknown" if outcome is Outcome.UNKNOWN else "yes"

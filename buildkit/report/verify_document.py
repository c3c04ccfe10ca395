"""`kfkit build verify` as JSON: every tag, its platforms, and what each check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.builds.check import Check, CheckName, Outcome, Remark, worst
from buildkit.builds.verification import Known
from buildkit.model.execution import Executed, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.builds.verification import PlatformRow, Verification


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedPlatform:
    """One platform: three questions, and what became of starting it."""

    platform: str
    expected: bool
    digest: str | None = None
    size: int | None = None
    built: Known
    indexed: Known
    executed: Executed
    way: Way | None = None
    reason: str | None = None
    exit_code: int | None = None
    log: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRecord:
    """One check; `told` says what was looked at."""

    check: CheckName
    result: Outcome
    told: str
    remarks: tuple[RemarkRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RemarkRecord:
    """One thing that is wrong, or not known."""

    result: Outcome
    platform: str | None = None
    message: str
    fix: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedTag:
    """One tag: `digest` is what it stands for."""

    name: str
    digest: str | None = None
    result: Outcome
    platforms: tuple[VerifiedPlatform, ...]
    checks: tuple[CheckRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyDocument:
    """`kfkit build verify`: the worst of all results, and the tags in input order."""

    result: Outcome
    tags: tuple[VerifiedTag, ...]


def verify_document(found: Sequence[Verification]) -> VerifyDocument:
    """The document of a run."""
    return VerifyDocument(result=worst(one.outcome for one in found), tags=tuple(map(_tag, found)))


def _tag(one: Verification) -> VerifiedTag:
    return VerifiedTag(
        name=one.name,
        digest=one.digest,
        result=one.outcome,
        platforms=tuple(map(_platform, one.platforms)),
        checks=tuple(map(_check, one.checks)),
    )


def _platform(row: PlatformRow) -> VerifiedPlatform:
    execution = row.execution
    return VerifiedPlatform(
        platform=row.platform,
        expected=row.expected,
        digest=row.digest,
        size=row.size,
        built=row.built,
        indexed=row.indexed,
        executed=execution.state,
        way=execution.way,
        reason=execution.reason,
        exit_code=execution.exit_code,
        log=execution.log,
    )


def _check(check: Check) -> CheckRecord:
    remarks = tuple(map(_remark, check.remarks))
    return CheckRecord(check=check.name, result=check.outcome, told=check.told, remarks=remarks)


def _remark(remark: Remark) -> RemarkRecord:
    return RemarkRecord(result=remark.outcome, platform=remark.platform, message=remark.message, fix=remark.fix)

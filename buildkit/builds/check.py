"""One check of a tag and its outcome. What is not known never reads as passed, and an error is never a problem."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from buildkit.model.inspection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.model.facts import Failure


class Outcome(StrEnum):
    """Worst first. `not-asked`: nothing was expected or asked for that could be held against the registry."""

    PROBLEM = "problem"
    UNKNOWN = "unknown"
    OK = "ok"
    NOT_ASKED = "not-asked"


AGAIN: Final = "ask again; if it stays, look at the registry"
SHORT: Final = 19  # characters of a digest that are told: `sha256:0123456789ab`
CheckName = Literal["index", "platforms", "configs", "layers", "blobs", "attestations", "labels", "digests", "executed"]
_ORDER = tuple(Outcome)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """One thing that is wrong, or not known.

    Attributes:
        outcome: `problem` or `unknown`.
        platform: whose it is; None where it is the tag's.
        message: what is wrong, one sentence without its full stop.
        fix: what to do about it.
    """

    outcome: Outcome
    platform: str | None = None
    message: str
    fix: str


def problem(platform: str | None, message: str, fix: str) -> Remark:
    return Remark(outcome=Outcome.PROBLEM, platform=platform, message=message, fix=fix)


def unknown(platform: str | None, message: str, fix: str = AGAIN) -> Remark:
    return Remark(outcome=Outcome.UNKNOWN, platform=platform, message=message, fix=fix)


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check: its outcome is the worst of its remarks; `told` says what holds, or how many remarks there are."""

    name: CheckName
    outcome: Outcome
    told: str
    remarks: tuple[Remark, ...] = ()


def conclude(name: CheckName, remarks: Iterable[Remark], told: str) -> Check:
    """A check that was made; `told` is what holds where nothing is to be remarked."""
    listed = tuple(dict.fromkeys(remarks))
    counted = Counter(one.outcome for one in listed)
    said = [f"{counted[one]} {one}" for one in (Outcome.PROBLEM, Outcome.UNKNOWN) if counted[one]]
    return Check(name=name, outcome=worst(one.outcome for one in listed), told=", ".join(said) or told, remarks=listed)


def not_asked(name: CheckName, told: str) -> Check:
    return Check(name=name, outcome=Outcome.NOT_ASKED, told=told)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of them; what was not asked counts for nothing."""
    found = [one for one in outcomes if one is not Outcome.NOT_ASKED]
    return min(found, key=_ORDER.index, default=Outcome.OK)


def outcome_of(failure: Failure) -> Outcome:
    """Whether a failure to read is known to be a fault of what is there."""
    return Outcome.UNKNOWN if failure.verdict is Verdict.UNKNOWN else Outcome.PROBLEM

"""Words about a trend that several of its reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.model.inspection import Verdict
from buildkit.report.audit_words import kinds_tally, was_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.audit.trend import Changed, Coverage, Night, ReleaseTrend, Step

STEPS: Final = 10
_RESULTS: Final = {"go": "GO", "no-go": "NO-GO"}


def result_word(night: Night) -> str:
    return _RESULTS.get(night.result, "UNDETERMINED")


def told_nights(release: ReleaseTrend) -> Mapping[str, Night]:
    """The nights to compare: the last, the one before it, the first; fewer where there are fewer."""
    nights = release.nights
    found = {"last": nights[-1]}
    if len(nights) > 1:
        found["before"] = nights[-2]
    if len(nights) > 2:  # noqa: PLR2004  (last, before, first)
        found["first"] = nights[0]
    return found


def coverage_words(release: ReleaseTrend, component: str, platform: str) -> str:
    """`10/12 -> 12/12`: what worked of all in the first report and in the last; one of them where they are alike."""
    first, last = (
        _share(night.coverage.get(component, {}).get(platform)) for night in (release.nights[0], release.nights[-1])
    )
    return last if first == last else f"{first} -> {last}"


def _share(coverage: Coverage | None) -> str:
    if coverage is None or not coverage.total:
        return "-"
    unknown = f" ({coverage.unknown} unknown)" if coverage.unknown else ""
    return f"{coverage.supported}/{coverage.total}{unknown}"


def step_kinds(step: Step) -> Mapping[str, tuple[Changed, ...]]:
    """What changed, the worst first; of new images those alone that are not fine, no kinds that nothing has."""
    new = tuple(one for one in step.new if one.verdict is not Verdict.SUPPORTED)
    kinds = {"regressed": step.regressed, "new": new, "fixed": step.fixed, "gone": step.gone}
    return {kind: changed for kind, changed in kinds.items() if changed}


def step_tally(step: Step) -> str:
    """What changed in numbers, new images that are fine among them."""
    kinds = {"regressed": step.regressed, "new": step.new, "fixed": step.fixed, "gone": step.gone}
    fine = sum(one.verdict is Verdict.SUPPORTED for one in step.new)
    return kinds_tally({kind: len(changed) for kind, changed in kinds.items()}, fine)


def change_was(one: Changed) -> str | None:
    """What stood there before, as short as it is clear."""
    return was_words(one.name, one.was) if one.was else None

"""What every report of generated charts says: the verdict in a line, and the rest in the groups that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildkit.charts.outcome import ValueCheck
from buildkit.compare.outcome import Merging, Outcome
from buildkit.errors import Exit
from buildkit.report.diff_words import groups_of
from buildkit.report.text import count_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.charts.outcome import ChartProblem, CheckOutcome, GenerateOutcome
    from buildkit.report.diff_words import Group

Word = Literal["EQUAL", "DIFFERENT", "WRONG", "NOT KNOWN"]
SHOWN_SIDES: Final = "- is what Kustomize renders, + what the chart does"
_ROW, _NAMESPACE = "covering array", "namespace"
_KIB: Final = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedGroup:
    """Accepted differences of a chart that have one reason, each with its profiles; `everywhere`: all of the chart."""

    chart: str
    reason: str
    differences: tuple[tuple[str, str, tuple[str, ...]], ...]
    everywhere: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueTally:
    """The checks of a chart's values: how many values, rows of several and namespaces; and those that failed."""

    chart: str
    values: int
    rows: int
    namespaces: int
    checks: int
    failed: tuple[ValueCheck, ...]


def exit_of_check(outcome: CheckOutcome) -> Exit:
    """Problems before what is not known; a run that looked at nothing knows nothing."""
    if _different(outcome) or any(one.known for one in outcome.problems):
        return Exit.PROBLEMS
    return Exit.UNDETERMINED if outcome.problems or not outcome.profiles else Exit.OK


def exit_of_generation(outcome: GenerateOutcome) -> Exit:
    """As of checks; what lies there and is not what would be written is a problem."""
    if outcome.stale or any(one.known for one in outcome.problems):
        return Exit.PROBLEMS
    return Exit.UNDETERMINED if outcome.problems or not outcome.charts else Exit.OK


def word_of(outcome: CheckOutcome) -> Word:
    """The exit code in a word, differences told from other problems."""
    if _different(outcome):
        return "DIFFERENT"
    words: dict[Exit, Word] = {Exit.OK: "EQUAL", Exit.PROBLEMS: "WRONG"}
    return words.get(exit_of_check(outcome), "NOT KNOWN")


def summary_of(outcome: CheckOutcome) -> str:
    """`14 profiles of 3 charts are as Kustomize renders them, …`: what was looked at, and how much of it is right."""
    return "; ".join(_parts(outcome))


def _different(outcome: CheckOutcome) -> bool:
    return any(one.differences for one in outcome.profiles) or any(one.differences for one in outcome.values)


def _parts(outcome: CheckOutcome) -> Iterator[str]:
    profiles, values, problems = outcome.profiles, outcome.values, outcome.problems
    charts = count_of(len({one.chart for one in profiles}), "chart")
    bad = sum(one.differences > 0 for one in profiles)
    if not profiles:
        yield "no profile was compared"
    elif bad:
        yield f"{bad} of {count_of(len(profiles), 'profile')} of {charts} not as Kustomize has it"
    else:
        yield f"{count_of(len(profiles), 'profile')} of {charts} as Kustomize has it"
    accepted = sum(len(one.accepted) for one in profiles)
    if accepted:
        yield f"{count_of(accepted, 'difference')} accepted"
    if values:
        wrong = sum(one.differences > 0 for one in values)
        whole = count_of(len(values), "check")
        yield f"{wrong} of {whole} of values fail" if wrong else f"{whole} of values right"
    unknown = sum(not one.known for one in problems)
    if len(problems) > unknown:
        yield count_of(len(problems) - unknown, "problem")
    if unknown:
        yield f"{unknown} not known"
    if outcome.helms:
        yield f"helm {' and '.join(outcome.helms)}"


def size_words(size: int | None) -> str:
    """In units of 1024 bytes: what helm keeps of a release has 1 MiB of them at most."""
    return "-" if size is None else f"{size / _KIB:.1f} KiB"


def accepted_groups(outcome: CheckOutcome) -> tuple[AcceptedGroup, ...]:
    """What specifications accept, by chart and reason."""
    everywhere: dict[str, list[str]] = {}
    found: dict[tuple[str, str], dict[tuple[str, str], list[str]]] = {}
    for profile in outcome.profiles:
        everywhere.setdefault(profile.chart, []).append(profile.profile)
        for one in profile.accepted:
            places = found.setdefault((profile.chart, one.reason), {})
            places.setdefault((one.object, one.path), []).append(profile.profile)
    return tuple(
        AcceptedGroup(
            chart=chart,
            reason=reason,
            differences=tuple((*place, tuple(profiles)) for place, profiles in sorted(places.items())),
            everywhere=tuple(everywhere[chart]),
        )
        for (chart, reason), places in sorted(found.items())
    )


def differing_groups(outcome: CheckOutcome) -> dict[str, tuple[Group, ...]]:
    """The first differences of each chart that has some; those that profiles share are one."""
    merging: dict[str, Merging] = {}
    for one in outcome.profiles:
        if one.shown:
            merging.setdefault(one.chart, Merging()).add(one.profile, one.shown)
    return {
        chart: groups_of(Outcome(a="Kustomize", b="the chart", differences=one.changes()))
        for chart, one in sorted(merging.items())
    }


def value_tallies(outcome: CheckOutcome) -> tuple[ValueTally, ...]:
    """The checks of values, a tally for each chart."""
    charts: dict[str, list[ValueCheck]] = {}
    for one in outcome.values:
        charts.setdefault(one.chart, []).append(one)
    return tuple(_tally(chart, checks) for chart, checks in sorted(charts.items()))


def _tally(chart: str, checks: list[ValueCheck]) -> ValueTally:
    return ValueTally(
        chart=chart,
        values=len({one.value for one in checks} - {_ROW, _NAMESPACE}),
        rows=sum(one.value == _ROW for one in checks),
        namespaces=sum(one.value == _NAMESPACE for one in checks),
        checks=len(checks),
        failed=tuple(one for one in checks if one.differences),
    )


def tally_words(tally: ValueTally) -> str:
    """`63 values one by one, 12 times several at once, 7 times another namespace`."""
    parts = [f"{count_of(tally.values, 'value')} one by one"] if tally.values else []
    if tally.rows:
        parts.append(f"{count_of(tally.rows, 'time')} several at once")
    if tally.namespaces:
        parts.append(f"{count_of(tally.namespaces, 'time')} another namespace")
    return ", ".join(parts)


def failed_words(one: ValueCheck) -> str:
    """What is wrong with the check of a value; which one and on which profile is said beside it."""
    found = count_of(one.differences, "value")
    return f"{found} not as the specification says, {one.places} changed"


def place_of(one: ChartProblem) -> str:
    """`helm-charts/katib/spec.yaml:12`; where no file is known the chart, and its profile."""
    if one.file:
        return f"{one.file}:{one.line}" if one.line else one.file
    return f"{one.chart}, {one.profile}" if one.profile else one.chart


def of_profile(one: ChartProblem) -> str:
    """The profile of a problem where its place does not say it."""
    return f"profile {one.profile}: " if one.file and one.profile else ""


def split_problems(problems: Iterable[ChartProblem]) -> tuple[tuple[str, tuple[ChartProblem, ...]], ...]:
    """What is wrong, then what could not be found out; each with its title, where there is any."""
    listed = tuple(problems)
    heaps = (
        ("Problems", tuple(one for one in listed if one.known)),
        ("Not known", tuple(one for one in listed if not one.known)),
    )
    return tuple(heap for heap in heaps if heap[1])

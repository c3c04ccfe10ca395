"""What every report of generated charts says: the verdict in a line, and the rest in the groups that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildkit.charts.outcome import ValueCheck
from buildkit.compare.comparison import ABSENT
from buildkit.compare.outcome import ComparedKustomization, Merging, tree_outcome
from buildkit.errors import Exit
from buildkit.report.diff_words import Group, Listed, groups_of, listed_of
from buildkit.report.text import count_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.charts.outcome import ChartProblem, CheckOutcome, GenerateOutcome, ProfileCheck

Word = Literal["EQUAL", "DIFFERENT", "WRONG", "NOT KNOWN"]
SHOWN_SIDES: Final = "- is what Kustomize renders, + what the chart does"
_TITLES: Final = {"Only in A": "Only Kustomize renders", "Only in B": "Only the chart renders"}
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
class Differing:
    """The first differences of a chart: whole objects, and values that differ; each with its profiles."""

    chart: str
    listed: tuple[Listed, ...]
    groups: tuple[Group, ...]


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
    wrong = _different(outcome) or any(one.differences for one in outcome.values)
    if wrong or any(one.known for one in outcome.problems):
        return Exit.PROBLEMS
    return Exit.UNDETERMINED if outcome.problems or not outcome.profiles else Exit.OK


def exit_of_generation(outcome: GenerateOutcome) -> Exit:
    """As of checks; what lies there and is not what would be written is a problem."""
    if outcome.stale or any(one.known for one in outcome.problems):
        return Exit.PROBLEMS
    return Exit.UNDETERMINED if outcome.problems or not outcome.charts else Exit.OK


def word_of(outcome: CheckOutcome) -> Word:
    """The exit code in a word, differences from Kustomize told from what else is wrong."""
    if _different(outcome):
        return "DIFFERENT"
    words: dict[Exit, Word] = {Exit.OK: "EQUAL", Exit.PROBLEMS: "WRONG"}
    return words.get(exit_of_check(outcome), "NOT KNOWN")


def summary_of(outcome: CheckOutcome) -> str:
    """`14 profiles of 3 charts are as Kustomize renders them, …`: what was looked at, and how much of it is right."""
    return "; ".join(_parts(outcome))


def _different(outcome: CheckOutcome) -> bool:
    return any(one.differences for one in outcome.profiles)


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


def differing(outcome: CheckOutcome) -> tuple[Differing, ...]:
    """The first differences of each chart that has some; those that profiles share are one."""
    charts: dict[str, list[ProfileCheck]] = {}
    for one in outcome.profiles:
        if one.shown:
            charts.setdefault(one.chart, []).append(one)
    return tuple(_differing(chart, profiles) for chart, profiles in sorted(charts.items()))


def _differing(chart: str, profiles: list[ProfileCheck]) -> Differing:
    """As two trees are compared, profiles for kustomizations."""
    merging = Merging()
    for one in profiles:
        merging.add(one.profile, (found for found in one.shown if found.path))
    whole = tree_outcome(("Kustomize", chart), map(_objects, profiles), merging, unread=0, problems=())
    listed = tuple(Listed(title=_TITLES.get(one.title, one.title), objects=one.objects) for one in listed_of(whole))
    return Differing(chart=chart, listed=listed, groups=groups_of(whole))


def _objects(one: ProfileCheck) -> ComparedKustomization:
    """Whole objects; what both sides have of one stands more than once on one of them."""
    whole = [found for found in one.shown if not found.path]
    return ComparedKustomization(
        path=one.profile,
        state="different",
        only_a=tuple(found.object for found in whole if found.b is ABSENT),
        only_b=tuple(found.object for found in whole if found.a is ABSENT),
        duplicates=tuple(found.object for found in whole if found.a is not ABSENT and found.b is not ABSENT),
    )


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
    found = count_of(one.differences, "difference")
    return f"{found} from what the specification says, which changes {count_of(one.places, 'place')}"


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

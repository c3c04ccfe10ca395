"""What every report of a comparison says: the result in a line, and differences in the order a person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.compare.outcome import digest_of
from buildkit.compare.proof import Change
from buildkit.report.text import count_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.compare.outcome import ComparedKustomization, Outcome

_NAMED: Final = 3
_STATES: Final = (
    ("different", "{} different"),
    ("only-a", "{} only in A"),
    ("only-b", "{} only in B"),
    ("not-rendered", "{} not rendered"),
    ("equal", "{} equal"),
)

_WORDS: Final = {"only-a": "only in A", "only-b": "only in B", "not-rendered": "not rendered"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Differences that some objects share, all of theirs, in the same kustomizations."""

    objects: tuple[str, ...]
    kustomizations: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """Objects of which something is said, each with the kustomizations that have it."""

    title: str
    objects: tuple[tuple[str, tuple[str, ...]], ...]


def groups_of(outcome: Outcome) -> tuple[Group, ...]:
    """All differences; what most kustomizations have comes first, then by object."""
    by_object: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
    for one in outcome.differences:
        by_object.setdefault((one.object, one.kustomizations), []).append(one)
    alike: dict[tuple[object, ...], list[tuple[str, list[Change]]]] = {}
    for (name, folders), changes in by_object.items():
        content = tuple((one.path, digest_of(one.a), digest_of(one.b)) for one in changes)
        alike.setdefault((folders, content), []).append((name, changes))
    groups = (
        Group(
            objects=tuple(sorted(name for name, _ in several)),
            kustomizations=several[0][1][0].kustomizations,
            changes=tuple(several[0][1]),
        )
        for several in alike.values()
    )
    return tuple(sorted(groups, key=lambda one: (-len(one.kustomizations), one.objects, one.kustomizations)))


def listed_of(outcome: Outcome) -> tuple[Listed, ...]:
    """Objects that one side lacks, whose names differ in their hash only, or that stand twice; what there is of it."""
    paired = {name for pair in outcome.renamed for name in pair}
    several = (
        ("Only in A", _placed(outcome, "only_a", [one for one in outcome.only_a if one not in paired])),
        ("Only in B", _placed(outcome, "only_b", [one for one in outcome.only_b if one not in paired])),
        ("Renamed: another content hash", _renamed(outcome)),
        ("More than once on a side", _placed(outcome, "duplicates", outcome.duplicates)),
    )
    return tuple(Listed(title=title, objects=tuple(objects)) for title, objects in several if objects)


def _placed(outcome: Outcome, kind: str, names: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    wanted = set(names)
    places: dict[str, list[str]] = {name: [] for name in names}
    for one in outcome.kustomizations:
        for name in wanted.intersection(getattr(one, kind)):
            places[name].append(one.path)
    return [(name, tuple(found)) for name, found in places.items()]


def _renamed(outcome: Outcome) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (f"{a} -> {b.rpartition('/')[2]}", tuple(one.path for one in outcome.kustomizations if (a, b) in one.renamed))
        for a, b in outcome.renamed
    ]


def result_of(outcome: Outcome) -> str:
    """`EQUAL`, `DIFFERENT`, `NOT KNOWN`: the exit code in a word."""
    if outcome.differs:
        return "DIFFERENT"
    return "NOT KNOWN" if outcome.problems else "EQUAL"


def summary_of(outcome: Outcome) -> str:
    """`12 values in 5 objects, 1 object only in A`; nothing where there is no difference."""
    parts = []
    if outcome.differences:
        objects = len({one.object for one in outcome.differences})
        parts.append(f"{count_of(len(outcome.differences), 'value')} in {count_of(objects, 'object')}")
    words = {"Only in A": "only in A", "Only in B": "only in B", "Renamed: another content hash": "renamed"}
    parts.extend(
        f"{count_of(len(one.objects), 'object')} {words.get(one.title, 'more than once')}" for one in listed_of(outcome)
    )
    return ", ".join(parts)


def kustomizations_summary(outcome: Outcome) -> str:
    """`230 kustomizations: 2 different, 228 equal (200 made of the same files, not rendered)`."""
    found = outcome.kustomizations
    tally = ", ".join(
        text.format(number) for state, text in _STATES if (number := sum(one.state == state for one in found))
    )
    same = f" ({outcome.unread} of them made from the same files, not rendered)" if outcome.unread else ""
    return f"{count_of(len(found), 'kustomization')}: {tally}{same}"


def told(outcome: Outcome) -> tuple[ComparedKustomization, ...]:
    """Kustomizations of which more is to be said than the differences of their renders."""
    rank = {state: at for at, (state, _) in enumerate(_STATES)}
    told = (one for one in outcome.kustomizations if one.why or one.state in {"only-a", "only-b"})
    return tuple(sorted(told, key=lambda one: (rank[one.state], one.path)))


def state_words(one: ComparedKustomization) -> str:
    """`different`, `only in A`, `not rendered`."""
    return _WORDS.get(one.state, one.state)


def where(kustomizations: Iterable[str]) -> str:
    """`in a, b, c and 9 more`; nothing outside of trees."""
    names = list(kustomizations)
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"in {', '.join(names[:_NAMED])}{more}"

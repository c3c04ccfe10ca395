"""What `kfkit diff` found: one comparison, or one per kustomization of two trees, told as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from buildkit.compare.comparison import ABSENT, Absent, Comparison, Difference, Json
from buildkit.compare.proof import Change

State = Literal["equal", "different", "only-a", "only-b", "not-rendered"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedKustomization:
    """A kustomization of two trees.

    Attributes:
        path: its folder, relative to the tree's root.
        state: what became of it.
        why: of `not-rendered` the reason; of `different` which side alone renders, and why the other does not.
        only_a: objects that B's render lacks; `only_b`, `renamed` and `duplicates` as in `Comparison`.
    """

    path: str
    state: State
    why: str | None = None
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """All differences between two operands.

    Attributes:
        a: the operand as given; `b` the other one.
        only_a: objects, of all kustomizations together; `only_b`, `renamed`, `duplicates` likewise.
        differences: with the kustomizations whose renders have them; none outside of trees.
        kustomizations: all of two trees, by path; none where two renders were compared.
        unread: how many of them were not rendered, because all that they are made from is the same on both sides.
        problems: what could not be found out.
    """

    a: str
    b: str
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[str, ...] = ()
    differences: tuple[Change, ...] = ()
    kustomizations: tuple[ComparedKustomization, ...] = ()
    unread: int = 0
    problems: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        found = self.only_a or self.only_b or self.renamed or self.duplicates or self.differences
        return bool(found) or any(one.state in {"different", "only-a", "only-b"} for one in self.kustomizations)

    @property
    def equal(self) -> bool:
        """Known to be equal: what could not be found out is not."""
        return not self.differs and not self.problems


def outcome_of(a: str, b: str, comparison: Comparison) -> Outcome:
    """The outcome of comparing two renders."""
    return Outcome(
        a=a,
        b=b,
        only_a=comparison.only_a,
        only_b=comparison.only_b,
        renamed=comparison.renamed,
        duplicates=comparison.duplicates,
        differences=tuple(_change(one, ()) for one in comparison.differences),
    )


def compared_of(path: str, comparison: Comparison) -> ComparedKustomization:
    """A kustomization that both trees render."""
    return ComparedKustomization(
        path=path,
        state="equal" if comparison.equal else "different",
        only_a=comparison.only_a,
        only_b=comparison.only_b,
        renamed=comparison.renamed,
        duplicates=comparison.duplicates,
    )


class Merging:
    """Differences of many renders: equal ones are kept once, with the kustomizations that have them."""

    def __init__(self) -> None:
        self._changes: dict[tuple[str, str, bytes], tuple[Difference, list[str]]] = {}

    def add(self, path: str, differences: Iterable[Difference]) -> None:
        for one in differences:
            key = (one.object, one.path, digest_of(one.a) + digest_of(one.b))
            self._changes.setdefault(key, (one, []))[1].append(path)

    def changes(self) -> tuple[Change, ...]:
        """Sorted by object, path and kustomizations."""
        merged = (_change(one, tuple(sorted(paths))) for one, paths in self._changes.values())
        return tuple(sorted(merged, key=lambda one: (one.object, one.path, one.kustomizations)))


def _change(one: Difference, kustomizations: tuple[str, ...]) -> Change:
    return Change(kustomizations=kustomizations, object=one.object, path=one.path, a=one.a, b=one.b)


def digest_of(value: Json | Absent) -> bytes:
    """Stands for a value, which may be a whole subtree, where values are told apart."""
    if value is ABSENT:
        return b""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).digest()


def _plain(value: object) -> object:
    """Mappings and sequences that `json` does not know."""
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, Iterable) else str(value)


def tree_outcome(
    sides: tuple[str, str],
    compared: Iterable[ComparedKustomization],
    merging: Merging,
    *,
    unread: int,
    problems: Iterable[str],
) -> Outcome:
    """The outcome of comparing two trees, kustomization by kustomization."""
    listed = tuple(sorted(compared, key=lambda one: one.path))
    return Outcome(
        a=sides[0],
        b=sides[1],
        only_a=_union(one.only_a for one in listed),
        only_b=_union(one.only_b for one in listed),
        renamed=tuple(sorted({pair for one in listed for pair in one.renamed})),
        duplicates=_union(one.duplicates for one in listed),
        differences=merging.changes(),
        kustomizations=listed,
        unread=unread,
        problems=tuple(sorted(problems)),
    )


def _union(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({one for listed in several for one in listed}))

"""Exit codes of a comparison: what is certain counts more than what is not known."""

from __future__ import annotations

import pytest

from buildkit.cli.diff import exit_of
from buildkit.compare.outcome import ComparedKustomization, Outcome, State
from buildkit.errors import Exit


def outcome(state: State | None = None, problems: tuple[str, ...] = ()) -> Outcome:
    found = (ComparedKustomization(path="x", state=state),) if state else ()
    return Outcome(a="a", b="b", kustomizations=found, problems=problems)


@pytest.mark.parametrize("state", [None, "equal", "not-rendered"])
def test_no_difference_is_0(state: State | None) -> None:
    assert exit_of(outcome(state)) is Exit.OK
    assert exit_of(outcome(state, ("x",))) is Exit.UNDETERMINED


@pytest.mark.parametrize("state", ["different", "only-a", "only-b"])
def test_a_kustomization_that_differs_is_1_whatever_else_is_not_known(state: State) -> None:
    assert exit_of(outcome(state)) is Exit.PROBLEMS
    assert exit_of(outcome(state, ("x",))) is Exit.PROBLEMS


def test_objects_of_one_side_are_1() -> None:
    for one in (Outcome(a="a", b="b", only_b=("x",)), Outcome(a="a", b="b", duplicates=("x",))):
        assert exit_of(one) is Exit.PROBLEMS
        assert not one.equal

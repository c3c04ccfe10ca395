from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.tools import Program
from buildkit.flows.requirements import BUILDX, PROGRAMS, PYTHON, Wanted, judge, state_of
from buildkit.model.installation import State

WANTED = {one.name: one for one in (PYTHON, BUILDX, *PROGRAMS)}


@pytest.mark.parametrize(
    ("name", "version", "state"),
    [
        ("kustomize", "5.8.0", State.OK),
        ("kustomize", "5.8.11", State.OK),
        ("kustomize", "5.7.1", State.TOO_OLD),
        ("kustomize", "4.5.7", State.TOO_OLD),
        ("kustomize", "5.9.0", State.TOO_NEW),
        ("kustomize", "15.8.1", State.TOO_NEW),
        ("kustomize", "", State.TOO_OLD),
        ("helm", "3.17.9", State.TOO_OLD),
        ("helm", "3.18.0", State.OK),
        ("helm", "4.0.1", State.TOO_OLD),
        ("helm", "4.2.0", State.OK),
        ("helm", "5.0.0", State.OK),
        ("go", "1.26", State.TOO_OLD),
        ("go", "1.26.7", State.TOO_OLD),
        ("go", "1.26.8", State.OK),
        ("go", "1.27", State.OK),
        ("git", "1.8", State.OK),
        ("buildx", "0.29.1", State.TOO_OLD),
        ("buildx", "0.37.2", State.OK),
        ("python", "3.10.13", State.TOO_OLD),
        ("python", "3.11.0", State.OK),
    ],
)
def test_versions_are_judged_by_the_ranges_of_the_design(name: str, version: str, state: State) -> None:
    assert state_of(WANTED[name], version) is state


def found(*versions: str) -> list[Program]:
    return [Program(path=Path(f"/{number}/kustomize"), version=version) for number, version in enumerate(versions)]


def test_the_first_program_that_will_do_is_reported_as_it_is_the_one_used() -> None:
    item = judge(WANTED["kustomize"], found("5.4.3", "5.8.1", "5.8.2"))
    assert (item.state, item.version, item.path, item.hint) == (State.OK, "5.8.1", "/1/kustomize", None)


def test_where_none_will_do_the_first_is_named_and_a_remedy_is_given() -> None:
    item = judge(WANTED["kustomize"], found("5.4.3", "6.0.0"))
    assert (item.state, item.version) == (State.TOO_OLD, "5.4.3")
    assert "make tools" in (item.hint or "")


@pytest.mark.parametrize("wanted", [pytest.param(one, id=one.name) for one in WANTED.values()])
def test_what_is_missing_says_who_needs_it_and_how_to_get_it(wanted: Wanted) -> None:
    item = judge(wanted, [])
    assert item.state is State.MISSING
    assert item.hint
    assert item.needed_for
    assert item.version is None

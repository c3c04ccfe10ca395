"""What a tree's pins come to: what counts, and the exit code."""

from __future__ import annotations

import pytest

from buildkit.errors import Exit
from buildkit.pins.judged import JudgedPins
from buildkit.pins.pin import Class, Outcome, Pin
from tests.unit.pins.judging import digest_tie


def pin(class_: Class | None, outcome: Outcome = "none", *, sample: bool = False) -> Pin:
    return Pin(tie=digest_tie(sample=sample), class_=class_, outcome=outcome)


def judged(*pins: Pin, problems: tuple[str, ...] = ()) -> JudgedPins:
    return JudgedPins(source=".", required=("linux/amd64",), mode="repin", pins=pins, problems=problems)


TIED = pin(Class.SINGLE_PLATFORM, "refused")


@pytest.mark.parametrize(
    ("pins", "code"),
    [
        ((), Exit.OK),
        ((pin(Class.INDEX), pin(None)), Exit.OK),
        ((pin(Class.SINGLE_PLATFORM, "done"),), Exit.OK),
        ((pin(Class.SINGLE_PLATFORM, "none"),), Exit.OK),
        ((pin(Class.SINGLE_PLATFORM, "none", sample=True), pin(Class.UNKNOWN, sample=True)), Exit.OK),
        ((pin(Class.UNKNOWN),), Exit.UNDETERMINED),
        ((pin(Class.UNKNOWN), TIED), Exit.PROBLEMS),
        ((pin(Class.SINGLE_PLATFORM, "planned"),), Exit.PROBLEMS),
        ((pin(Class.STALE, "refused"),), Exit.PROBLEMS),
        ((pin(Class.INDEX_INCOMPLETE, "refused"),), Exit.PROBLEMS),
        ((pin(Class.EXCLUDES_PLATFORM, "refused"),), Exit.PROBLEMS),
    ],
)
def test_ties_outrank_what_is_unknown_and_samples_never_count(pins: tuple[Pin, ...], code: Exit) -> None:
    assert judged(*pins).exit is code


def test_what_could_not_be_rendered_may_hide_a_tie() -> None:
    assert judged(problems=("example: broken",)).exit is Exit.UNDETERMINED
    assert judged(TIED, problems=("example: broken",)).exit is Exit.PROBLEMS


def test_the_summary_counts_neither_samples_nor_what_was_freed() -> None:
    found = judged(TIED, pin(Class.INDEX), pin(Class.INDEX, sample=True), pin(Class.SINGLE_PLATFORM, "done"))
    assert {name: number for name, number in found.summary.items() if number} == {
        Class.INDEX: 1,
        Class.SINGLE_PLATFORM: 1,
    }

"""Which index a digest is taken to belong to, and in which order tags are asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.inspection import Verdict
from buildkit.pins.parents import Asked, Parent, conclude, hinted, order_tags, settled
from tests.unit.pins.judging import digest, failed, manifest, whole

CHILD = digest("amd64")


def test_versions_come_newest_first_then_other_names_then_tags_of_one_architecture() -> None:
    tags = ["v1.2", "latest", "v1.10", "nightly", "v1.10-amd64", "v1.10-rc.1", "1.3", f"sha256-{'0' * 64}.sig"]
    assert order_tags(tags) == ("v1.10", "1.3", "v1.2", "v1.10-rc.1", "latest", "nightly", "v1.10-amd64")


@given(st.lists(st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}\Z"), max_size=30))
def test_the_order_neither_depends_on_the_registrys_nor_loses_a_tag(tags: list[str]) -> None:
    assert order_tags(tags) == order_tags(reversed(tags))
    assert set(order_tags(tags)) <= set(tags)


def test_the_first_hint_that_lists_it_wins_whatever_the_others_say() -> None:
    answers = {"a": whole("other", "x", "y"), "b": whole("one"), "c": whole("two")}
    assert hinted(CHILD, ("nope", "a", "b", "c"), answers) == Parent(digest=digest("one"), tag="b")
    assert hinted(CHILD, ("a",), answers) is None


def test_one_index_under_several_tags_is_one() -> None:
    answers = {"v2": whole("one"), "v1": whole("one"), "old": manifest("amd64")}
    asked = Asked(tags=("v2", "v1", "old"), known=3)
    assert conclude(CHILD, asked, (), answers) == Parent(digest=digest("one"), tag="v2")
    assert not settled(CHILD, asked.tags, answers)


def test_several_indexes_are_named_and_none_is_taken() -> None:
    answers = {"v2": whole("two"), "v1": whole("one")}
    asked = Asked(tags=("v2", "v1"), known=2)
    found = conclude(CHILD, asked, (), answers)
    assert isinstance(found, str)
    assert all(part in found for part in ("2 indexes list it", f"v2 ({digest('two')[:19]}…)", "v1 ("))
    assert settled(CHILD, asked.tags, answers)


@pytest.mark.parametrize(
    ("asked", "hints", "said"),
    [
        (Asked(tags=("v2",), known=1), (), ["no index lists it: 1 tag was asked, newest first"]),
        (Asked(), ("v9",), ["1 tag was asked"]),
        (Asked(), (), ["0 tags were asked"]),
        (Asked(tags=("v2",), known=312), (), ["the repository has 312, at most 60 are asked"]),
        (
            Asked(tags=("down", "v2"), known=2),
            (),
            ["2 tags were asked", "1 tag was not answered for (down: no answer)"],
        ),
        (Asked(note="the repository's tags cannot be listed: 401"), ("v2",), ["cannot be listed: 401"]),
    ],
)
def test_none_says_how_many_tags_were_asked_and_what_kept_others_from_it(
    asked: Asked, hints: tuple[str, ...], said: list[str]
) -> None:
    answers = {
        "v2": whole("other", "x", "y"),
        "v9": failed(Verdict.ABSENT),
        "down": failed(Verdict.UNKNOWN, "no answer"),
    }
    found = conclude(CHILD, asked, hints, answers)
    assert isinstance(found, str)
    assert all(part in found for part in said), found


def test_a_tag_that_is_no_image_or_not_there_kept_nobody_from_anything() -> None:
    answers = {"chart": failed(Verdict.NOT_AN_IMAGE), "gone": failed(Verdict.ABSENT)}
    found = conclude(CHILD, Asked(tags=("chart", "gone"), known=2), (), answers)
    assert isinstance(found, str)
    assert "not answered" not in found

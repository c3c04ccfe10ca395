"""Which tags are asked about, and how the answers are put."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.audit.newer import MOST, ROUNDS, Answer, Hunt, answer_of, conclude, next_tags, plan_hunt
from buildkit.audit.record import Suggestion
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict
from buildkit.model.reference import parse_reference

AMD64, ARM64 = "linux/amd64", "linux/arm64"
DIGEST = "sha256:" + "a" * 64
NO, ALL, SOME = Answer(has="no"), Answer(has="all"), Answer(has="lacking")
LOST = Answer(has="unknown", reason="time-out")


def records(amd64: Verdict = Verdict.SUPPORTED, arm64: Verdict = Verdict.MISSING) -> dict[str, PlatformRecord]:
    return {AMD64: PlatformRecord(verdict=amd64), ARM64: PlatformRecord(verdict=arm64)}


def hunt(name: str, *tags: str, note: str | None = None, listed: bool = True) -> Hunt:
    return plan_hunt(parse_reference(f"example.com/{name}"), records(), tags, note=note, listed=listed)


def carried_out(plan: Hunt, truth: dict[str, Answer]) -> tuple[Suggestion, list[tuple[str, ...]]]:
    """All rounds against a registry that answers as `truth` says, else no."""
    answers: dict[str, Answer] = {}
    rounds = []
    for _ in range(ROUNDS):
        wanted = next_tags(plan, answers)
        assert not set(wanted) & set(answers)
        if wanted:
            rounds.append(wanted)
        answers |= {tag: truth.get(tag, NO) for tag in wanted}
    return conclude(plan, answers, limit=None), rounds


def ones(count: int) -> list[str]:
    return [f"1.{number}" for number in range(1, count + 1)]


def test_the_nearest_newer_tag_that_has_it_is_named_in_full() -> None:
    found, rounds = carried_out(hunt("x:1.0", *ones(4)), {"1.2": ALL, "1.4": ALL})
    assert found.text == "1.2 is the nearest newer tag with linux/arm64"
    assert (found.name, found.newer, found.asked) == ("example.com/x:1.2", 4, 4)
    assert rounds == [("1.1", "1.2", "1.3", "1.4")]


@pytest.mark.parametrize(
    ("tags", "answer", "text"),
    [
        ([], NO, "no newer tag"),
        (["0.9"], NO, "no newer tag"),
        (["1.1"], NO, "the only newer tag, 1.1, has no linux/arm64"),
        (["1.1"], LOST, "the only newer tag, 1.1, could not be read: time-out"),
        (ones(7), NO, "none of the 7 newer tags has linux/arm64"),
        (ones(40), NO, "none of 7 asked of 40 newer tags has linux/arm64"),
        (ones(40), LOST, "none of 40 newer tags could be read: time-out"),
        (ones(5), SOME, "none of the 5 newer tags has linux/amd64 and linux/arm64"),
    ],
)
def test_where_no_tag_helps_the_text_says_how_many_were_asked(tags: list[str], answer: Answer, text: str) -> None:
    found, _ = carried_out(hunt("x:1.0", *tags), dict.fromkeys(tags, answer))
    assert (found.text, found.name) == (text, None)


def test_an_answer_that_could_not_be_had_is_not_counted_as_a_no() -> None:
    found, _ = carried_out(hunt("x:1.0", *ones(3)), {"1.2": LOST})
    assert found.text == "none of 2 asked of 3 newer tags has linux/arm64; not every answer could be had: time-out"
    found, _ = carried_out(hunt("x:1.0", *ones(3)), {"1.1": LOST, "1.2": ALL})
    assert found.text == "1.2 is the nearest newer tag with linux/arm64, of 2 asked of 3"


def test_where_only_the_newest_has_it_the_first_is_searched_for_in_between() -> None:
    truth = dict.fromkeys(ones(300)[250:], ALL)
    found, rounds = carried_out(hunt("x:1.0", *ones(300)), truth)
    assert len(rounds) == ROUNDS
    assert sum(map(len, rounds)) == found.asked == MOST
    assert found.name is not None
    assert 251 <= int(found.name.rpartition(".")[2]) <= 256
    assert (
        found.text == f"{found.name.rpartition(':')[2]} is the nearest newer tag with linux/arm64, of 16 asked of 300"
    )


@given(st.integers(1, 400), st.integers(0, 400))
def test_a_hunt_is_bounded_and_names_only_what_has_it(count: int, since: int) -> None:
    tags = ones(count)
    found, rounds = carried_out(hunt("x:1.0", *tags), dict.fromkeys(tags[since:], ALL))
    assert sum(map(len, rounds)) == found.asked <= MOST
    assert (found.name is not None) == (since < count)
    if found.name:
        place = tags.index(found.name.rpartition(":")[2])
        assert since <= place <= max(since, since + (count - 6) // 60 + 1)


def test_the_tag_beside_a_digest_is_asked_first() -> None:
    plan = hunt(f"x:1.0@{DIGEST}", *ones(3))
    found, rounds = carried_out(plan, {"1.0": ALL, "1.1": ALL})
    assert rounds == [("1.0", "1.1", "1.2", "1.3")]
    assert found.name == "example.com/x:1.0"
    assert found.text == "the tag 1.0 itself has linux/arm64 now, only the pinned digest has not"
    found, _ = carried_out(plan, {"1.1": ALL})
    assert found.text == "1.1 is the nearest newer tag with linux/arm64"


def test_a_digest_alone_is_held_against_the_newest_versions() -> None:
    plan = hunt(f"x@{DIGEST}", *ones(40), "latest", "2.0-alpine")
    found, rounds = carried_out(plan, {"1.38": ALL, "1.36": ALL})
    assert rounds == [("1.40", "1.39", "1.38", "1.37", "1.36", "1.35")]
    assert found.text == "pinned by digest alone: 1.38 is the newest version with linux/arm64"
    assert found.name == "example.com/x:1.38"
    found, _ = carried_out(plan, {})
    assert found.text == "pinned by digest alone: none of 6 asked of 40 versions has linux/arm64"
    found, _ = carried_out(hunt(f"x@{DIGEST}", "latest"), {})
    assert found.text == "pinned by digest alone: none of its tags is a version"


def test_a_tag_that_is_no_version_is_held_against_the_newest_versions() -> None:
    found, _ = carried_out(hunt("x", "latest", "1.0"), {"1.0": ALL})
    assert found.text == "latest is no version: 1.0 is the newest version with linux/arm64"
    found, _ = carried_out(hunt("x", "latest"), {})
    assert found.text == "latest is no version: none of its tags is one either"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x:1.0", "its registry does not list tags (401)"),
        ("x:latest", "its registry does not list tags (401)"),
        (f"x@{DIGEST}", "pinned by digest alone: its registry does not list tags (401)"),
    ],
)
def test_without_a_list_the_text_says_why(name: str, text: str) -> None:
    found, rounds = carried_out(hunt(name, note="its registry does not list tags (401)", listed=False), {})
    assert (found, rounds) == (Suggestion(text=text), [])


def test_a_list_that_is_cut_off_and_a_run_that_asks_no_more_say_so() -> None:
    plan = hunt("x:1.0", *ones(2), note="only the first 2 tags were read")
    assert carried_out(plan, {})[0].text.endswith("has linux/arm64; only the first 2 tags were read")
    same = hunt(f"x:1.0@{DIGEST}", note="only the first 2 tags were read")
    assert carried_out(same, {"1.0": ALL})[0].text.endswith("only the pinned digest has not")
    assert conclude(plan, {}, limit=600).text.endswith("; no more than 600 tags are asked about in a run")


@pytest.mark.parametrize(
    ("amd64", "arm64", "has"),
    [
        (Verdict.SUPPORTED, Verdict.SUPPORTED, "all"),
        (Verdict.MISSING, Verdict.SUPPORTED, "lacking"),
        (Verdict.SUPPORTED, Verdict.MISSING, "no"),
        (Verdict.SUPPORTED, Verdict.MISLABELLED, "no"),
        (Verdict.SUSPECT, Verdict.SUSPECT, "no"),
        (Verdict.UNKNOWN, Verdict.MISSING, "no"),
        (Verdict.UNKNOWN, Verdict.SUPPORTED, "unknown"),
        (Verdict.UNKNOWN, Verdict.UNKNOWN, "unknown"),
        (Verdict.ABSENT, Verdict.ABSENT, "unknown"),
        (Verdict.NOT_AN_IMAGE, Verdict.NOT_AN_IMAGE, "no"),
    ],
)
def test_only_what_supports_every_required_platform_has_them_all(amd64: Verdict, arm64: Verdict, has: str) -> None:
    inspection = Inspection(name="x", verdict=amd64, depth="config", platforms=records(amd64, arm64))
    assert answer_of(hunt("x:1.0", "1.1"), inspection).has == has

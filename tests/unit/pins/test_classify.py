"""Which class a registry's answer makes of a digest or tag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit.model.facts import Entry, Failure, RegistryFacts
from buildkit.model.inspection import Verdict
from buildkit.pins.classify import classify, is_index, lists, shortcoming
from buildkit.pins.pin import Class
from tests.unit.pins.judging import AMD64, ARM64, BOTH, digest, entry, failed, index, manifest, whole

LOST = Failure(verdict=Verdict.MISSING, reason="the index names it, but it is gone")
DOWN = Failure(verdict=Verdict.UNKNOWN, reason="no answer")
AMD, ARM = entry("amd64", "linux/amd64"), entry("arm64", "linux/arm64")


@pytest.mark.parametrize(
    ("facts", "class_", "platforms", "why"),
    [
        (whole("i"), Class.INDEX, ("linux/amd64", "linux/arm64"), None),
        (index("i", AMD), Class.INDEX_INCOMPLETE, ("linux/amd64",), "linux/arm64 is missing"),
        (
            index("i", AMD, entry("wrong", "linux/arm64", config="linux/amd64")),
            Class.INDEX_INCOMPLETE,
            ("linux/amd64", "linux/arm64"),
            "linux/arm64 is mislabelled",
        ),
        (
            index("i", AMD, replace(ARM, layers=AMD.layers)),
            Class.INDEX_INCOMPLETE,
            ("linux/amd64", "linux/arm64"),
            "linux/arm64 is suspect",
        ),
        (index("i", AMD, replace(ARM, failure=LOST)), Class.INDEX_INCOMPLETE, (), "the index names it"),
        (index("i", AMD, replace(ARM, failure=DOWN)), Class.UNKNOWN, (), "linux/arm64 is unknown (no answer)"),
        (index("i"), Class.INDEX_INCOMPLETE, (), "holds no image"),
        (manifest("m"), Class.SINGLE_PLATFORM, ("linux/amd64",), None),
        (manifest("m", "windows/amd64"), Class.SINGLE_PLATFORM, ("windows/amd64",), None),
        (manifest("m", "linux/arm/v6"), Class.SINGLE_PLATFORM, ("linux/arm/v6",), None),
        (failed(Verdict.ABSENT, "no such digest"), Class.STALE, (), "no such digest"),
        (failed(Verdict.ABSENT, denied=True), Class.UNKNOWN, (), "the reason"),
        (failed(Verdict.UNKNOWN, "429"), Class.UNKNOWN, (), "429"),
        (failed(Verdict.NOT_AN_IMAGE, "a chart"), Class.UNKNOWN, (), "a chart"),
    ],
)
def test_each_answer_has_its_class(
    facts: RegistryFacts, class_: Class, platforms: tuple[str, ...], why: str | None
) -> None:
    judged = classify("digest", facts, BOTH)
    assert judged.class_ is class_
    if platforms:
        assert judged.platforms == platforms
    assert (judged.why is None) if why is None else (why in (judged.why or ""))


def test_a_single_manifest_whose_config_cannot_be_read_or_names_nothing_is_unknown() -> None:
    for one in (
        Entry(digest=digest("m"), config_read=True),
        Entry(digest=digest("m"), failure=Failure(verdict=Verdict.UNKNOWN, reason="its config: no answer")),
    ):
        facts = RegistryFacts(digest=digest("m"), entries=(one,), depth="config")
        assert classify("digest", facts, BOTH).class_ is Class.UNKNOWN


@pytest.mark.parametrize(("required", "serves"), [((AMD64,), True), ((ARM64,), False), (BOTH, False)])
def test_a_single_manifest_for_the_only_required_platform_serves_what_is_required(
    required: tuple[object, ...], *, serves: bool
) -> None:
    judged = classify("digest", manifest("m"), required)  # type: ignore[arg-type]
    assert (judged.class_, judged.serves) == (Class.SINGLE_PLATFORM, serves)


def test_a_tag_that_stands_for_an_index_of_one_platform_is_tied_by_its_name() -> None:
    assert classify("tag", index("i", AMD), BOTH).class_ is Class.SINGLE_PLATFORM
    assert classify("tag", index("i", AMD, entry("386", "linux/386")), BOTH).class_ is Class.INDEX_INCOMPLETE


def test_an_index_judged_by_descriptors_alone_says_so() -> None:
    facts = index("i", AMD, ARM, note="judged by its index alone")
    assert classify("digest", facts, BOTH).why == "judged by its index alone"


def test_an_index_lists_its_children_and_a_manifest_not_itself() -> None:
    assert lists(whole("i"), digest("arm64"))
    assert not lists(whole("i"), digest("i"))
    assert not lists(manifest("m"), digest("m"))
    assert is_index(index("i", AMD))
    assert not is_index(manifest("m"))


def test_what_an_index_falls_short_of_is_said() -> None:
    assert shortcoming(whole("i"), BOTH) is None
    assert shortcoming(manifest("m"), BOTH) == "it is no index"
    assert shortcoming(failed(Verdict.ABSENT, "no such tag"), BOTH) == "no such tag"
    assert shortcoming(index("i", AMD), BOTH) == "linux/arm64 is missing (no linux/arm64, only linux/amd64)"

"""Verdicts from facts alone: precedence, and what each kind of failure turns into."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.facts import Entry, Failure, RegistryFacts
from buildkit.model.inspection import Verdict
from buildkit.model.platform import parse_platform
from buildkit.verdict.judge import judge

AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
ORDER = list(Verdict)


def entry(digest: str, platform: str | None, *, config: str | None = "", **more: object) -> Entry:
    declared = parse_platform(platform) if platform else None
    configured = declared if config == "" else parse_platform(config) if config else None
    plain = Entry(digest=f"sha256:{digest * 64}", declared=declared, configured=configured, config_read=True)
    return replace(plain, layers=(f"sha256:{digest}",), **more)  # type: ignore[arg-type]


def verdicts(*entries: Entry, failure: Failure | None = None) -> list[str]:
    record = judge("x", RegistryFacts(depth="config", entries=entries, failure=failure), [AMD64, ARM64])
    assert record.verdict is min((item.verdict for item in record.platforms.values()), key=ORDER.index)
    return [str(item.verdict) for item in record.platforms.values()]


@pytest.mark.parametrize("verdict", [Verdict.ABSENT, Verdict.NOT_AN_IMAGE, Verdict.UNKNOWN])
def test_a_failure_of_the_root_is_the_verdict_of_all_platforms(verdict: Verdict) -> None:
    failure = Failure(verdict=verdict, reason="why")
    record = judge("x", RegistryFacts(depth="config", failure=failure), [AMD64, ARM64])
    assert {item.verdict for item in record.platforms.values()} == {verdict}
    assert record.reason == "why"


def test_an_entry_that_could_not_be_read_is_unknown_for_its_platform_alone() -> None:
    lost = entry("b", "linux/arm64", failure=Failure(verdict=Verdict.UNKNOWN, reason="time-out"))
    assert verdicts(entry("a", "linux/amd64"), lost) == ["supported", "unknown"]


def test_an_unread_entry_without_platform_might_be_the_one() -> None:
    lost = entry("b", None, config=None, failure=Failure(verdict=Verdict.UNKNOWN, reason="time-out"))
    gone = entry("c", None, config=None, failure=Failure(verdict=Verdict.MISSING, reason="gone"))
    assert verdicts(entry("a", "linux/amd64"), gone, lost) == ["supported", "unknown"]
    assert verdicts(entry("a", "linux/amd64"), gone) == ["supported", "missing"]


def test_the_first_of_two_entries_for_a_platform_is_the_one_that_is_pulled() -> None:
    wrong = entry("a", "linux/arm64", config="linux/amd64")
    right = entry("b", "linux/arm64")
    assert verdicts(wrong, right)[1] == "mislabelled"
    assert verdicts(right, wrong)[1] == "supported"


def test_a_reason_names_some_of_thousands_of_platforms() -> None:
    entries = tuple(entry("a", f"linux/a{number}") for number in range(5000))
    record = judge("x", RegistryFacts(depth="config", entries=entries), [ARM64])
    assert str(record.reason).endswith("and 4980 more")


def test_an_entry_without_platform_is_pulled_only_where_no_other_is() -> None:
    bare, named = entry("a", None, config="linux/arm64"), entry("b", "linux/arm64", config="linux/amd64")
    assert verdicts(bare, named)[1] == "mislabelled"
    assert verdicts(bare)[1] == "supported"


def test_the_nearest_variant_is_chosen() -> None:
    facts = RegistryFacts(depth="config", entries=(entry("a", "linux/arm/v6"), entry("b", "linux/arm/v7")))
    record = judge("x", facts, [parse_platform("linux/arm/v7")])
    assert record.platforms["linux/arm/v7"].digest == "sha256:" + "b" * 64


def test_a_mislabelled_twin_does_not_make_the_right_one_suspect() -> None:
    right = entry("a", "linux/amd64")
    wrong = replace(entry("b", "linux/arm64", config="linux/amd64"), layers=right.layers)
    assert verdicts(right, wrong) == ["supported", "mislabelled"]


def test_variants_of_one_architecture_may_share_their_layers() -> None:
    one, two = entry("a", "linux/arm/v6"), entry("b", "linux/arm/v7")
    facts = RegistryFacts(depth="config", entries=(one, replace(two, layers=one.layers)))
    record = judge("x", facts, [parse_platform("linux/arm/v6"), parse_platform("linux/arm/v7")])
    assert record.verdict is Verdict.SUPPORTED


def test_only_required_platforms_count() -> None:
    twin = replace(entry("b", "linux/s390x"), layers=entry("a", "linux/amd64").layers)
    assert verdicts(entry("a", "linux/amd64"), entry("c", "linux/arm64"), twin) == ["supported", "supported"]


_entries = st.builds(
    entry,
    st.sampled_from("abc"),
    st.sampled_from([None, "linux/amd64", "linux/arm64", "linux/arm/v7", "windows/arm64"]),
    config=st.sampled_from(["", None, "linux/amd64", "linux/arm64"]),
)


@given(st.lists(_entries, max_size=4))
def test_supported_always_has_an_entry_whose_config_agrees(entries: list[Entry]) -> None:
    record = judge("x", RegistryFacts(depth="config", entries=tuple(entries)), [AMD64, ARM64])
    for name, item in record.platforms.items():
        if item.verdict is Verdict.SUPPORTED:
            assert any(found.digest == item.digest and str(found.platform) == name for found in entries)
            assert item.config_platform in {None, name}
        else:
            assert item.reason


def test_a_missing_platform_says_what_there_is_instead_and_whether_it_is_a_single_manifest() -> None:
    root = "sha256:" + "a" * 64
    alone, child = entry("a", None, config="linux/amd64"), entry("a", "linux/amd64")
    for only, digest, said in ((alone, root, "linux/amd64"), (child, "sha256:" + "f" * 64, None)):
        facts = RegistryFacts(digest=digest, depth="config", entries=(only,))
        record = judge("x", facts, [ARM64]).platforms["linux/arm64"]
        assert (record.offered, record.config_platform, record.digest) == (("linux/amd64",), said, None)

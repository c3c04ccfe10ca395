"""What is proposed for a judged tie, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit.model.facts import RegistryFacts
from buildkit.model.inspection import Verdict
from buildkit.model.reference import parse_reference
from buildkit.pins.classify import Judgement, classify
from buildkit.pins.parents import Parent
from buildkit.pins.pin import Class, Edit, Pin, Tie
from buildkit.pins.propose import Freed, freed_images, pin_of, repin, settle, strip, untie, widen
from tests.unit.pins.judging import (
    BOTH,
    digest,
    digest_tie,
    entry,
    failed,
    index,
    manifest,
    selector,
    tag_tie,
    whole,
)

SINGLE = Judgement(class_=Class.SINGLE_PLATFORM, platforms=("linux/amd64",))
PARENT = Parent(digest=digest("i"), tag="v1")
FREED = Freed(proposed="x", edits=(Edit(file="a.yaml", start=1, end=2, old="a", new="b"),), note="the index of v1")
CUT = Edit(file="a.yaml", start=39, end=111, old="@…", new="")


def test_a_digest_becomes_its_indexs_and_nothing_else_of_the_file_changes() -> None:
    tie = digest_tie()
    freed = repin(tie, PARENT, whole("i"), BOTH)
    assert freed.proposed == digest("i")
    assert freed.edits == (Edit(file="a.yaml", start=40, end=111, old=tie.value, new=digest("i")),)
    pin = pin_of(tie, SINGLE, freed)
    assert (pin.outcome, pin.why, pin.tied) == ("planned", "the index of v1", True)


@pytest.mark.parametrize(
    ("found", "facts", "said"),
    [
        ("no index lists it", None, "no index lists it"),
        (PARENT, index("i", entry("amd64", "linux/amd64")), "linux/arm64 is missing"),
        (PARENT, failed(Verdict.UNKNOWN, "429"), "429"),
        (PARENT, None, "not read"),
    ],
)
def test_an_index_that_is_not_found_or_will_not_do_is_a_refusal(
    found: Parent | str, facts: RegistryFacts | None, said: str
) -> None:
    pin = pin_of(digest_tie(), SINGLE, repin(digest_tie(), found, facts, BOTH))
    assert (pin.outcome, pin.edits, pin.proposed, pin.tied) == ("refused", (), None, True)
    assert said in (pin.why or "")


@pytest.mark.parametrize(
    ("tie", "facts", "said"),
    [
        (digest_tie(strip=(CUT,)), whole("v1"), None),
        (digest_tie(strip=(CUT,)), whole("v1", "rebuilt"), "another build"),
        (digest_tie(strip_why="no tag beside it"), whole("v1"), "no tag beside it"),
        (digest_tie(tag=None), None, "no tag"),
        (digest_tie(strip=(CUT,)), manifest("amd64"), "the tag v1 will not do: it is no index"),
        (digest_tie(strip=(CUT,)), failed(Verdict.ABSENT, "no such tag"), "no such tag"),
    ],
)
def test_a_digest_is_stripped_where_the_tag_that_stays_has_every_platform(
    tie: Tie, facts: RegistryFacts | None, said: str | None
) -> None:
    freed = strip(tie, facts, BOTH)
    if said is None or said == "another build":
        assert (freed.proposed, freed.edits, freed.refused) == ("v1", (CUT,), None)
        assert (said or "") in (freed.note or "")
    else:
        assert said in (freed.refused or "")


@pytest.mark.parametrize(
    ("untied", "refused", "note"),
    [
        (whole("v1", "amd64"), None, None),
        (whole("v1", "rebuilt"), None, "example.com/team/app:v1 is another build"),
        (manifest("v1"), "it is no index", None),
        (failed(Verdict.ABSENT, "no such tag"), "no such tag", None),
        (index("v1", entry("arm64", "linux/arm64")), "linux/amd64 is missing", None),
    ],
)
def test_a_tag_loses_its_architecture_where_what_is_left_is_an_index_with_that_variant(
    untied: RegistryFacts, refused: str | None, note: str | None
) -> None:
    freed = untie(tag_tie(), manifest("amd64"), untied, BOTH)
    assert (refused or "") in (freed.refused or "")
    if refused is None:
        assert (freed.proposed, freed.edits, freed.note) == ("v1", tag_tie().edits, note)


def test_a_tag_for_a_platform_that_nobody_requires_must_be_in_the_index_too() -> None:
    freed = untie(tag_tie(), manifest("x", "linux/s390x"), whole("v1"), BOTH)
    assert freed.refused == "example.com/team/app:v1 has no linux/s390x"


def test_edits_outside_the_value_propose_the_name_in_full() -> None:
    tie = tag_tie(edits=(Edit(file="a.yaml", start=1, end=2, old="a", new="b"),))
    assert untie(tie, manifest("amd64"), whole("v1", "amd64"), BOTH).proposed == "example.com/team/app:v1"


@pytest.mark.parametrize(
    ("facts", "outcome", "tied"),
    [
        (whole("i"), "none", False),
        (index("i", entry("amd64", "linux/amd64")), "refused", True),
        (failed(Verdict.ABSENT), "refused", True),
        (failed(Verdict.UNKNOWN), "none", False),
    ],
)
def test_what_is_right_incomplete_gone_or_unknown_is_never_edited(
    facts: RegistryFacts, outcome: str, *, tied: bool
) -> None:
    pin = pin_of(digest_tie(), classify("digest", facts, BOTH), FREED)
    assert (pin.outcome, pin.edits, pin.tied) == (outcome, (), tied)


def test_a_blocked_tie_is_refused_with_that_reason_and_says_what_would_free_it() -> None:
    pin = pin_of(digest_tie(blocked="an alias of line 2"), SINGLE, FREED)
    assert (pin.outcome, pin.edits, pin.proposed) == ("refused", (), "x")
    assert (pin.why or "").startswith("an alias of line 2")
    assert pin.tied


def test_a_sample_is_judged_and_never_edited() -> None:
    pin = pin_of(digest_tie(sample=True), SINGLE, FREED)
    assert (pin.class_, pin.outcome, pin.edits, pin.tied) == (Class.SINGLE_PLATFORM, "none", (), False)
    assert "no proof" in (pin.why or "")


def test_a_manifest_for_the_only_required_platform_ties_nothing() -> None:
    pin = pin_of(digest_tie(), replace(SINGLE, serves=True), None)
    assert (pin.class_, pin.outcome, pin.tied) == (Class.SINGLE_PLATFORM, "none", False)


APP, SIDE = "example.com/team/app:v1", "example.com/team/side:v1"


@pytest.mark.parametrize(
    ("tie", "images", "outcome", "said"),
    [
        (selector(APP), {APP: whole("i")}, "planned", "every image"),
        (selector(APP, SIDE), {APP: whole("i"), SIDE: manifest("m")}, "refused", f"{SIDE} has no linux/arm64: the s"),
        (selector(APP), {APP: failed(Verdict.UNKNOWN, "offline")}, "refused", "offline"),
        (selector(APP), {APP: failed(Verdict.ABSENT, "gone")}, "refused", "is absent on linux/arm64"),
        (selector(APP), {}, "refused", "was not read"),
        (selector(), {}, "refused", "no image of its pods is known"),
        (selector(APP, blocked="a template"), {APP: whole("i")}, "refused", "a template"),
        (selector(APP, edits=()), {APP: whole("i")}, "refused", "cannot be edited"),
        (selector(APP, sample=True), {}, "none", "a sample"),
        (selector(APP, excludes=()), {}, "none", "leaves out no required"),
    ],
)
def test_a_selector_is_widened_only_where_every_image_runs_on_what_it_leaves_out(
    tie: Tie, images: dict[str, RegistryFacts], outcome: str, said: str
) -> None:
    pin = widen(tie, images, (), BOTH)
    assert (pin.class_, pin.outcome, bool(pin.edits)) == (Class.EXCLUDES_PLATFORM, outcome, outcome == "planned")
    assert said in (pin.why or "")
    if outcome == "planned":
        assert (pin.platforms, pin.proposed) == (("linux/amd64",), "amd64, arm64")


def pinned(outcome: str) -> Pin:
    tie = replace(digest_tie(), reference=parse_reference(f"example.com/team/app@{digest('amd64')}"))
    return Pin(tie=tie, class_=Class.SINGLE_PLATFORM, outcome=outcome)  # type: ignore[arg-type]


def test_a_selector_waits_for_the_pins_of_its_images() -> None:
    name = f"example.com/team/app@{digest('amd64')}"
    free = freed_images([pinned("planned")])
    assert free == {name}
    assert freed_images([pinned("planned"), pinned("refused")]) == frozenset()
    pin = widen(selector(name), {name: manifest("amd64")}, free, BOTH)
    assert (pin.outcome, pin.needs) == ("planned", (name,))
    assert settle([pinned("done"), pin])[1].outcome == "planned"
    left = settle([pinned("refused"), pin])[1]
    assert (left.outcome, left.edits, left.why) == ("refused", (), f"its image {name} stays tied")

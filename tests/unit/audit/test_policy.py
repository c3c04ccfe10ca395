"""Policies: every key, every way to get one wrong, and which verdicts fail whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit.audit.policy import DEFAULT_PLATFORMS, PROBLEMS, ComponentRule, Policy, parse_policy
from buildkit.audit.settle import Rules
from buildkit.errors import Exit, UsageError
from buildkit.model.inspection import Verdict
from tests.unit.audit.building import AMD64, ARM64, MISSING, OK, SUSPECT, TODAY, UNKNOWN, audit, by_folder, known, use

COMPONENTS = ("Katib", "Pipelines", "Spark Operator")
VERDICTS = "absent, mislabelled, missing, not-an-image, suspect"


def policy(text: str) -> Policy:
    return parse_policy(text, "p.yaml", COMPONENTS)


def test_every_key_is_read_and_platforms_are_normalised() -> None:
    found = policy(
        "platforms: [linux/arm64/v8, linux/amd64, linux/arm64]\n"
        "installs: [example, apps/katib]\n"
        "fail: [missing, absent]\n"
        "components:\n"
        "  Katib:\n"
        "    platforms: [linux/s390x]\n"
        "    fail: [suspect]\n"
        "    reason: mainframes\n"
        "  Spark Operator:\n"
        "    reason: nothing else holds\n"
    )
    assert found == Policy(
        platforms=(ARM64, AMD64),
        installs=("example", "apps/katib"),
        installs_at="p.yaml:2: installs:",
        fail=frozenset({MISSING, Verdict.ABSENT}),
        components={
            "Katib": ComponentRule(platforms=("linux/s390x",), fail=frozenset({SUSPECT}), line=5),
            "Spark Operator": ComponentRule(line=9),
        },
        source="p.yaml",
    )
    assert found.all_platforms() == (ARM64, AMD64, "linux/s390x")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "installs: []\n", "components: {}\n", "{}\n"])
def test_what_is_left_out_is_as_without_a_file(text: str) -> None:
    assert policy(text) == Policy(source="p.yaml")
    assert (Policy().platforms, Policy().fail) == (DEFAULT_PLATFORMS, PROBLEMS)


def test_an_empty_list_of_verdicts_fails_nothing() -> None:
    assert policy("fail: []\n").fail == frozenset()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- platforms\n", "p.yaml:1: expected a mapping of platforms, installs, fail, components"),
        ("\nplatform: [linux/arm64]\n", "p.yaml:2: platform: is no key here; known: platforms, installs, fail, compo"),
        ("platforms: linux/arm64\n", "p.yaml:1: platforms: must be a list"),
        ("platforms: []\n", "p.yaml:1: platforms: must name a platform, such as linux/arm64"),
        ("platforms:\n", "p.yaml:1: platforms: must be a list"),
        ("# a\nplatforms: [arm64]\n", "p.yaml:2: platforms: 'arm64' is no platform (want os/architecture"),
        ("platforms: [7]\n", "p.yaml:1: platforms: must be a list of texts"),
        ("installs: example\n", "p.yaml:1: installs: must be a list"),
        ("fail: missing\n", "p.yaml:1: fail: must be a list"),
        ("fail: [gone]\n", f"p.yaml:1: fail: 'gone' is no verdict that can fail a release; those are {VERDICTS}"),
        ("fail: [unknown]\n", "p.yaml:1: fail: 'unknown' is no verdict that can fail a release"),
        ("fail: [supported]\n", "p.yaml:1: fail: 'supported' is no verdict that can fail a release"),
        ("components: [Katib]\n", "p.yaml:1: components: must be a mapping"),
        ("components:\n  Katib:\n", "p.yaml:2: expected a mapping of platforms, fail, reason"),
        ("components:\n  Katib: {fail: []}\n", "p.yaml:2: reason: is missing"),
        ("components:\n  Katib:\n    fail: []\n    reason:\n", "p.yaml:4: reason: must be a text that is not empty"),
        ("components:\n  Katib:\n    reason: x\n    installs: []\n", "p.yaml:4: installs: is no key here"),
        ("components:\n  Katib:\n    reason: x\n    platforms: []\n", "p.yaml:4: platforms: must name a platform"),
        ("components:\n  Katib:\n    reason: x\n    fail: [unknown]\n", "p.yaml:4: fail: 'unknown' is no verdict"),
        (
            "components:\n\n  katib: {reason: x}\n",
            "p.yaml:3: components: no owner in the data file is called 'katib'; did you mean Katib?",
        ),
        (
            "components:\n  Volcano: {reason: x}\n",
            "p.yaml:2: components: no owner in the data file is called 'Volcano'",
        ),
        ("fail: [missing]\nfail: []\n", "p.yaml:2: not YAML: found duplicate key"),
        ("fail:\n\t- missing\n", "p.yaml:2: not YAML: found character '\\t'"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy(text)
    assert str(caught.value).startswith(says)
    assert caught.value.hint == "docs/reference/policy.md has every key"


def test_no_name_is_guessed_that_is_far_from_all() -> None:
    with pytest.raises(UsageError) as caught:
        policy("components:\n  Zzz: {reason: x}\n")
    assert "did you mean" not in str(caught.value)


RULED = Policy(
    fail=frozenset({MISSING}),
    components={
        "Katib": ComponentRule(fail=frozenset({SUSPECT})),
        "Spark Operator": ComponentRule(platforms=(AMD64,)),
    },
)


def test_a_components_rule_holds_instead_of_the_policys_lists() -> None:
    assert RULED.fails({"Katib"}, ARM64, SUSPECT)
    assert not RULED.fails({"Katib"}, ARM64, MISSING)
    assert RULED.fails({"Spark Operator"}, AMD64, MISSING)
    assert not RULED.fails({"Spark Operator"}, ARM64, MISSING)
    assert RULED.fails({None}, ARM64, MISSING)
    assert RULED.required_of({"Spark Operator"}) == (AMD64,)


def test_of_several_components_the_strictest_rule_holds() -> None:
    assert RULED.fails({"Katib", "Spark Operator"}, AMD64, MISSING)
    assert RULED.fails({"Katib", None}, ARM64, MISSING)
    assert RULED.fails({"Katib", None}, ARM64, SUSPECT)
    assert not RULED.fails({"Katib", "Spark Operator"}, ARM64, MISSING)
    assert RULED.required_of({"Spark Operator", None}) == (AMD64, ARM64)


@pytest.mark.parametrize("verdict", [OK, UNKNOWN])
def test_no_policy_fails_what_is_supported_or_unknown(verdict: Verdict) -> None:
    for components in ({None}, {"Katib"}, {"Katib", "Spark Operator", None}):
        assert not RULED.fails(components, ARM64, verdict)


def test_platforms_of_the_command_line_narrow_a_components_own() -> None:
    asked = RULED.asked_for((ARM64, "linux/s390x"))
    assert asked.all_platforms() == (ARM64, "linux/s390x")
    assert asked.required_of({"Katib"}) == (ARM64, "linux/s390x")
    assert asked.components["Spark Operator"].platforms == ()
    assert asked.components["Katib"] == RULED.components["Katib"]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_component_of_which_nothing_is_required_changes_no_result(verdict: Verdict) -> None:
    rules = Rules(today=TODAY, policy=replace(RULED, fail=PROBLEMS).asked_for((ARM64,)))
    done = audit(known("docker.io/spark/x:1", verdict, use(file="spark/x.yaml")), rules=rules, owner_of=by_folder)
    assert done.exit is Exit.OK

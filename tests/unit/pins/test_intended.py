"""Differences that planned pins make, told from all others character by character."""

from __future__ import annotations

import pytest

from buildkit.compare.comparison import ABSENT, Absent, Difference, Json
from buildkit.pins.intended import Plan, Replaced, Rows, plan_of
from buildkit.pins.pin import Class, Edit, Pin, Tie
from buildkit.pins.places import Place

A, B, C = ("sha256:" + one * 64 for one in "abc")
LISTED = "spec.affinity.nodeAffinity.x.nodeSelectorTerms[0].matchExpressions[1].values[1]"
PLAN = Plan(
    replaced=frozenset(
        {
            Replaced(old=A, new=B),
            Replaced(old="@" + C, new=""),
            Replaced(old="v1-amd64", new="v1"),
            Replaced(old="amd64/mysql", new="mysql"),
        }
    ),
    gone=frozenset({"amd64"}),
    listed=frozenset({"arm64"}),
    rows=frozenset(
        {
            Rows(old=("- amd64",), new=("- amd64", "- arm64")),
            Rows(old=("nodeSelector:", "kubernetes.io/arch: amd64"), new=()),
        }
    ),
)


def intends(a: Json | Absent, b: Json | Absent, path: str = "data.x") -> bool:
    return PLAN.intends(Difference(object="v1/ConfigMap/-/x", path=path, a=a, b=b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"x@{A}", f"x@{B}"),
        (f"{A}\n{A}\n", f"{A}\n{B}\n"),
        (f"x:1@{C}", "x:1"),
        ("x:v1-amd64", "x:v1"),
        (f"x:v1-amd64@{A}", f"x:v1@{B}"),
        ("docker.io/amd64/mysql:8", "docker.io/mysql:8"),
        (f'{{"image": "x@{A}", "n": 1}}', f'{{"image": "x@{B}", "n": 1}}'),
        ("values:\n- amd64\nx: 1", "values:\n- amd64\n- arm64\nx: 1"),
        (f"  - amd64\ni: {A}", f"  - amd64\n  - arm64\ni: {B}"),
        ("a: 1\nnodeSelector:\n  kubernetes.io/arch: amd64\nb: 2", "a: 1\nb: 2"),
    ],
)
def test_texts_with_nothing_but_planned_characters_replaced_are_intended(a: str, b: str) -> None:
    assert intends(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"x@{A}", f"x@{C}"),
        (f"x@{A}", f"x@{B} "),
        (f"x@{A}", f"y@{B}"),
        (f"x@{A}0", f"x@{B}0"),
        ("x:v1-amd64-slim", "x:v1-slim"),
        ("x:xv1-amd64", "x:xv1"),
        ("yamd64/mysql:8", "ymysql:8"),
        ("yes", "no"),
        (f"x@{B}", f"x@{A}"),
        ("values:\n- amd64\n", "values:\n- amd64\n - arm64\n"),
        ("values:\n- amd64\nx: 1", "values:\n- amd64\n- arm64\nx: 2"),
        ("values:\n- amd64\n", "values:\n- amd64\n- s390x\n"),
        ("nodeSelector:\n  kubernetes.io/arch: amd64\nb: 2", "b: 3"),
        ("nodeSelector:\n  disk: ssd\n", ""),
    ],
)
def test_any_other_difference_of_texts_is_not(a: str, b: str) -> None:
    assert not intends(a, b)


@pytest.mark.parametrize(
    ("path", "a", "b", "expected"),
    [
        ('spec.nodeSelector["kubernetes.io/arch"]', "amd64", ABSENT, True),
        ('spec.nodeSelector["beta.kubernetes.io/arch"]', "amd64", ABSENT, True),
        ("spec.nodeSelector", {"kubernetes.io/arch": "amd64"}, ABSENT, True),
        ('spec.nodeSelector["kubernetes.io/arch"]', "s390x", ABSENT, False),
        ('spec.nodeSelector["kubernetes.io/arch"]', "amd64", "arm64", False),
        ('spec.nodeSelector["kubernetes.io/os"]', "amd64", ABSENT, False),
        ("spec.nodeSelector", {"kubernetes.io/arch": "amd64", "disk": "ssd"}, ABSENT, False),
        ("spec.nodeSelector", ABSENT, {"kubernetes.io/arch": "amd64"}, False),
        (LISTED, ABSENT, "arm64", True),
        (LISTED, "arm64", ABSENT, True),
        (LISTED, ABSENT, "s390x", False),
        (LISTED, "amd64", "arm64", False),
        ("spec.values[1]", ABSENT, "arm64", False),
        ("spec.replicas", 1, 2, False),
    ],
)
def test_of_selectors_only_the_architecture_may_go_or_come(
    path: str,
    a: Json | Absent,
    b: Json | Absent,
    expected: bool,  # noqa: FBT001
) -> None:
    assert intends(a, b, path) is expected


def pin(text: str, old: str, new: str, value: str, proposed: str | None, **tie: object) -> tuple[Pin, dict[str, str]]:
    start = text.index(old)
    edit = Edit(file="f", start=start, end=start + len(old), old=old, new=new)
    made = Tie(**{"kind": "digest", "value": value, "file": "f", "line": 1, "column": 1, **tie})  # type: ignore[arg-type]
    found = Pin(tie=made, class_=Class.SINGLE_PLATFORM, proposed=proposed, edits=(edit,), outcome="planned")
    return found, {"f": text}


def plan(one: tuple[Pin, dict[str, str]]) -> Plan:
    return plan_of([one[0]], one[1])


def test_a_digest_is_replaced_or_goes_with_its_at_sign() -> None:
    image, digest = Place(key="image"), Place(key="digest")
    assert plan(pin(f"image: x@{A}\n", A, B, A, B)).replaced == {Replaced(old=A, new=B, place=image)}
    stripped = plan(pin(f"image: x:1@{A}\n", f"@{A}", "", A, "1", start=11)).replaced
    assert stripped == {Replaced(old=f"@{A}", new="", place=image)}
    stripped = plan(pin(f"  digest: {A}\n", f"  digest: {A}\n", "", A, "1", start=10)).replaced
    assert stripped == {Replaced(old=f"@{A}", new="", place=digest)}


def test_a_tag_is_replaced_as_a_whole_even_where_the_edit_takes_a_part() -> None:
    found = plan(pin("newTag: v1-amd64\n", "-amd64", "", "v1-amd64", "v1", kind="tag")).replaced
    assert found == {Replaced(old="v1-amd64", new="v1", place=Place(key="newTag"))}


def test_a_selector_may_lose_its_value_and_a_list_get_what_it_left_out() -> None:
    text = "values:\n- amd64\n"
    made = plan(pin(text, "- amd64", "- amd64\n- arm64", "amd64", "x", kind="selector", excludes=("linux/arm64",)))
    assert made.gone == {"amd64"}
    assert made.listed == {"arm64"}
    assert made.rows == {Rows(old=("- amd64",), new=("- amd64", "- arm64"))}


def test_many_tokens_take_no_more_than_a_moment() -> None:
    """Each token may be old or new: tried one by one that would never end."""
    old = " ".join(["v1-amd64"] * 3000)
    assert intends(old, old.replace("v1-amd64", "v1"))
    assert not intends(old, old.replace("v1-amd64", "v1") + "x")

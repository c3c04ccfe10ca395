"""Planted pairs that must, or must not, be reported; and texts that cannot be compared."""

from __future__ import annotations

import json

import pytest

from buildkit.compare.compare import CompareError, Text, compare_texts
from buildkit.compare.comparison import Absent, Comparison, Json
from tests.unit.compare.planted import PLANTED, Planted, cm, docs

FILLERS = [cm(name=f"filler-{index}") for index in range(3)]


def told(comparison: Comparison) -> tuple[str, ...]:
    return (
        *(f"duplicate {one}" for one in comparison.duplicates),
        *(f"renamed {a} {b}" for a, b in comparison.renamed),
        *(f"only_a {one}" for one in comparison.only_a),
        *(f"only_b {one}" for one in comparison.only_b),
        *(f"{one.object} {one.path}: {written(one.a)} -> {written(one.b)}" for one in comparison.differences),
    )


def written(value: Json | Absent) -> str:
    return value.value if isinstance(value, Absent) else json.dumps(value, ensure_ascii=False)


def compare(a: str, b: str) -> Comparison:
    return compare_texts(Text("a", a), Text("b", b))


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_what_is_planted_is_reported_and_nothing_else(planted: Planted) -> None:
    found = compare(planted.a, planted.b)
    assert told(found) == planted.told
    assert found.equal is (not planted.told)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_among_documents_that_are_the_same_it_is_reported_alike(planted: Planted) -> None:
    assert told(compare("---\n".join([*FILLERS, planted.a]), "---\n".join([*FILLERS[::-1], planted.b]))) == planted.told


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_swapping_the_sides_swaps_what_is_reported(planted: Planted) -> None:
    there, back = compare(planted.a, planted.b), compare(planted.b, planted.a)
    assert (there.only_a, there.only_b) == (back.only_b, back.only_a)
    assert len(there.differences) == len(back.differences)
    assert sorted((b, a) for a, b in there.renamed) == sorted(back.renamed)


def test_there_are_at_least_sixty_pairs_of_both_sorts() -> None:
    assert len({one.name for one in PLANTED}) == len(PLANTED) >= 60
    assert sum(not one.told for one in PLANTED) >= 20


UNREADABLE = {
    "no YAML": ("a: [1", 2, "did not find expected"),
    "a scalar": ("just text\n", 1, "not a mapping"),
    "a list": ("- a\n", 1, "not a mapping"),
    "no kind": ("# c\napiVersion: v1\nmetadata: {}\n", 1, "`kind`"),
    "no apiVersion": ("kind: Pod\n", 1, "`apiVersion`"),
    "a kind that is no text": ("apiVersion: v1\nkind: 5\n", 1, "`kind`"),
    "a key twice": (cm("a: x\n  a: y"), 7, "twice"),
    "a number and text as one key": (cm("1: x\n  '1': y"), 7, "twice"),
    "a key of null": (cm("~: x"), 6, "key"),
    "a key of infinite length": (cm("[a]: x"), 6, "key"),
    "infinite": (cm("a: .inf"), 6, "JSON"),
    "no number": (cm("a: .nan"), 6, "JSON"),
    "a tag that lies": (cm("a: !!int x"), 6, "int"),
    "no base64": (cm("a: !!binary x"), 6, "base64"),
    "no such anchor": (cm("a: *x"), 6, "anchor"),
    "a value that holds itself": (cm("a: &x [*x]"), 6, "anchor"),
    "a merge of text": (cm("<<: x"), 6, "<<"),
    "a list's item without a kind": ("apiVersion: v1\nkind: List\nitems: [{a: b}]\n", 1, "`kind`"),
    "a list's item that is no mapping": ("apiVersion: v1\nkind: List\nitems: [~]\n", 1, "mapping"),
    "nested too deep": (cm("a: " + "[" * 200 + "]" * 200), 6, "deep"),
    "an alias bomb": (
        cm(
            "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
        ),
        12,
        "aliases written out",
    ),
    "a control character": (cm("a: \x07"), 1, "control"),
    "a lone surrogate": (cm("a: \ud800"), 1, "surrogate"),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("same", [False, True])
def test_what_cannot_be_read_is_an_error_with_name_and_line_on_either_side(name: str, same: bool) -> None:  # noqa: FBT001
    text, line, words = UNREADABLE[name]
    spoilt = docs(cm(name="first"), text)
    with pytest.raises(CompareError, match=words) as caught:
        compare(spoilt if same else cm(name="first"), spoilt)
    assert (caught.value.name, caught.value.line) == ("a" if same else "b", 5 + line)

"""Any tree of values, in any style: equal to itself; one change is reported at its path and nowhere else."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import cast

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.compare import check
from buildkit.compare.compare import Text, compare_texts, read_objects
from buildkit.compare.comparison import ABSENT, Comparison, Json
from buildkit.compare.values import differ
from buildkit.model.path import child, item

LETTERS = st.characters(codec="utf-8", exclude_characters="\x7f\x85\ufeff\ufffe\uffff", exclude_categories=("Cc", "Cs"))
TEXTS = st.text(LETTERS | st.sampled_from("\n\t \"':#&*!"), max_size=12) | st.sampled_from(
    ["y", "no", "1e3", "0x10", "null", "~", "2001-01-01", ".inf", "1_0", "=", "<<", "", " ", "a: b", "- a", "x\n\n"]
)
SCALARS = TEXTS | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.none() | st.sampled_from([0.5, -1.25, 1e-7])
KEYS = st.text("abc./_-", min_size=1, max_size=6) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
SPECS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), min_size=1, max_size=3)
Tree = dict[str, object]
MODEST = settings(max_examples=50, deadline=None)


def objects(specs: list[Tree]) -> list[Tree]:
    return [
        {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": f"t{index}"}, "spec": spec}
        for index, spec in enumerate(specs)
    ]


def dump(each: list[Tree], seed: int) -> Text:
    """Written in a style of its own: order of documents and keys, flow or block, JSON, indentation, a List."""
    chance = random.Random(seed)  # noqa: S311
    shuffled = [cast("Tree", shuffle(one, chance)) for one in each]
    chance.shuffle(shuffled)
    if chance.random() < 0.2:
        shuffled = [{"apiVersion": "v1", "kind": "List", "items": shuffled}]
    return Text("x", "---\n".join(write(one, chance) for one in shuffled))


def write(one: Tree, chance: random.Random) -> str:
    if chance.random() < 0.3:
        return json.dumps(one, ensure_ascii=False) + "\n"
    return str(
        yaml.dump(
            one,
            Dumper=Quoting,
            sort_keys=False,
            allow_unicode=True,
            width=chance.choice([20, 200]),
            default_style=chance.choice(["'", '"']),
            default_flow_style=chance.choice([True, False, None]),
        )
    )


class Quoting(yaml.SafeDumper):
    """Every string in quotes: PyYAML leaves `y` bare. Numbers and null keep their tags out."""

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.ScalarNode:
        text = tag == "tag:yaml.org,2002:str"
        return yaml.ScalarNode(tag, value, style=(style or self.default_style) if text else "")

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return False


def shuffle(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffle(value[key], chance) for key in keys}
    return [shuffle(one, chance) for one in value] if isinstance(value, list) else value


def places(value: object, path: str) -> Iterator[tuple[str, object, object]]:
    """Every value below: its path, its holder, its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        below = child(path, str(key)) if isinstance(value, dict) else item(path, key)
        yield below, value, key
        yield from places(one, below)


@MODEST
@given(SPECS, st.integers(0, 999), st.integers(0, 999))
def test_the_same_objects_in_another_style_are_equal(specs: list[Tree], seed: int, other: int) -> None:
    assert compare_texts(dump(objects(specs), seed), dump(objects(specs), other)) == Comparison()


@MODEST
@given(SPECS, st.integers(0, 999))
def test_what_is_read_is_what_was_written(specs: list[Tree], seed: int) -> None:
    read = {one.id.name: one.body for one in read_objects(dump(objects(specs), seed))}
    assert all(not list(differ(cast("Json", one), read[f"t{i}"], "")) for i, one in enumerate(objects(specs)))


@MODEST
@given(SPECS, SCALARS, st.data(), st.integers(0, 999), st.booleans())
def test_one_change_is_reported_at_its_path_and_nowhere_else(
    specs: list[Tree],
    new: object,
    data: st.DataObject,
    seed: int,
    gone: bool,  # noqa: FBT001
) -> None:
    before, after = objects(specs), copy.deepcopy(objects(specs))
    index = data.draw(st.integers(0, len(specs) - 1))
    path, holder, key = data.draw(st.sampled_from(list(places(after[index]["spec"], "spec"))))
    old = copy.deepcopy(holder[key])  # type: ignore[index]
    gone = gone and isinstance(holder, dict)
    if gone:
        del holder[key]  # type: ignore[attr-defined]
    else:
        holder[key] = new  # type: ignore[index]
    found = compare_texts(dump(before, seed), dump(after, seed + 1)).differences
    if not gone and type(old) is type(new) and old == new:
        assert found == ()
        return
    assert [(one.object, one.path) for one in found] == [(f"v1/Thing/-/t{index}", path)]
    assert (found[0].a, found[0].b) == (old, ABSENT if gone else new)


@MODEST
@given(SPECS, SPECS, st.integers(0, 999))
def test_swapping_the_sides_swaps_the_values(specs: list[Tree], others: list[Tree], seed: int) -> None:
    a, b = dump(objects(specs), seed), dump(objects(others), seed + 1)
    there, back = compare_texts(a, b), compare_texts(b, a)
    assert (there.only_a, there.only_b, there.equal) == (back.only_b, back.only_a, back.equal)
    assert len(there.differences) == len(back.differences)


@MODEST
@given(st.lists(st.integers(0, 3), max_size=6), st.lists(st.integers(0, 3), max_size=6))
def test_lists_are_equal_in_order_only_and_indexes_are_true(a: list[int], b: list[int]) -> None:
    found = list(differ(a, b, ""))
    assert (not found) == (a == b)
    for path, left, right in found:
        index = int(path[1:-1])
        assert left is ABSENT or a[index] == left
        assert left is not ABSENT or b[index] == right


@MODEST
@given(SPECS, SPECS, st.integers(0, 999))
def test_without_ryaml_it_is_the_same(specs: list[Tree], others: list[Tree], seed: int) -> None:
    a, b = dump(objects([*specs, *others]), seed), dump(objects([*specs, *others[1:]]), seed)
    quick = compare_texts(a, b)
    loads, check._loads = check._loads, None
    try:
        assert compare_texts(a, b) == quick
    finally:
        check._loads = loads

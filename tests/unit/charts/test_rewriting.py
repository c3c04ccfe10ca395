"""Trees walked and changed."""

from __future__ import annotations

from buildkit.charts.marks import ABSENT, Extended, Namespace, Setting, Text, Tree, When
from buildkit.charts.rewriting import Steps, mark_text, replace_at, rewrite, tree_at

TREE: Tree = {"a": ["x", {"b": "y"}], "n": 1, "none": None}


def shout(_: Steps, leaf: str | Text) -> Tree:
    return leaf.upper() if isinstance(leaf, str) else leaf


def test_every_string_is_rewritten_and_nothing_else() -> None:
    assert rewrite(TREE, shout) == {"a": ["X", {"B".lower(): "Y"}], "n": 1, "none": None}


def test_a_rewrite_tells_where_each_string_stands() -> None:
    seen: list[Steps] = []
    rewrite(TREE, lambda steps, leaf: [seen.append(steps), leaf][1])  # type: ignore[func-returns-value]
    assert seen == [("a", 0), ("a", 1, "b")]


def test_a_part_in_which_nothing_changes_stays_the_same_object() -> None:
    assert rewrite(TREE, lambda _, leaf: leaf) is TREE


def test_what_a_mark_holds_is_rewritten_where_the_mark_stands() -> None:
    marked: Tree = {
        "s": Setting(("v",), "string", "x"),
        "e": Extended("v", ({"name": "x"},), "", []),
        "w": When("v", "x"),
        "none": Setting(("v",), "string", ABSENT),
    }
    found = rewrite(marked, shout)
    assert isinstance(found, dict)
    setting, extended, when, none = found["s"], found["e"], found["w"], found["none"]
    assert isinstance(setting, Setting)
    assert setting.default == "X"
    assert isinstance(extended, Extended)
    assert (extended.items, extended.empty) == (({"name": "X"},), [])
    assert isinstance(when, When)
    assert when.tree == "X"
    assert none is marked["none"]  # type: ignore[call-overload, index]


def test_marks_go_into_the_literal_pieces_of_a_text() -> None:
    mark = Namespace("ns")
    marked = mark_text("a.ns.b", lambda _: [(2, 4, mark)])
    assert marked == Text(("a.", mark, ".b"))
    assert mark_text("ns", lambda _: [(0, 2, mark)]) == Text((mark,))
    assert mark_text(marked, lambda piece: [(0, 2, mark)] if piece == ".b" else []) == Text(("a.", mark, mark))


def test_a_text_without_marks_stays_a_string() -> None:
    assert mark_text("a", lambda _: []) == "a"


def test_a_part_is_found_and_replaced_by_its_path() -> None:
    assert tree_at(TREE, ("a", 1, "b")) == "y"
    assert replace_at(TREE, ("a", 1, "b"), lambda _: "z") == {**TREE, "a": ["x", {"b": "z"}]}  # type: ignore[dict-item]


def test_what_is_not_there_is_none_and_stays_away() -> None:
    for steps in (("b",), ("a", 7), ("a", "b"), ("n", 0), ("a", 0, 0)):
        assert tree_at(TREE, steps) is None
        assert replace_at(TREE, steps, lambda _: "z") == TREE

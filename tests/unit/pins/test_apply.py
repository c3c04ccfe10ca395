"""Edits put into texts: exactly their characters change, and nothing else reads differently afterwards."""

from __future__ import annotations

import pytest

from buildkit.pins.apply import EditError, apply_edits
from buildkit.pins.pin import Edit

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def edit(text: str, old: str, new: str, *, nth: int = 0) -> Edit:
    """Replace the nth occurrence."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(old, start + 1)
    return Edit(file="x.yaml", start=start, end=start + len(old), old=old, new=new)


@pytest.mark.parametrize(
    "text",
    [
        f"image: x@{OLD}\nnext: 1\n",
        f"image: x@{OLD} # {OLD}\r\nnext: 1\r\n",
        f"\ufeffimage: 'x@{OLD}'",
        f'a: "ö\\n x@{OLD}"\n',
        f"a: &b !!str x@{OLD}\nc: *b\n",
        f"a: |\n  x@{OLD}\n  y\nb: >-\n  folded\n  text\n",
        f"a: >\n  x@{OLD}\n  y\n",
        f'{{"a": ["x@{OLD}", 1]}}\n',
        f"a: 1\n---\nb: x@{OLD}\n...\n---\nc: 2\n",
        f"images:\n- name: x\n  digest: {OLD}\n",
        f"a: x\n  {OLD}\n  y\n",
    ],
)
def test_only_the_characters_of_the_value_change(text: str) -> None:
    assert apply_edits("x.yaml", text, [edit(text, OLD, NEW)]) == text.replace(OLD, NEW, 1)


def test_two_pins_in_one_value_are_both_edited() -> None:
    text = f"a: amd64/x:1-amd64@{OLD} {OLD}\n"
    edits = [edit(text, OLD, NEW, nth=1), edit(text, "amd64/", ""), edit(text, "-amd64", ""), edit(text, OLD, NEW)]
    assert apply_edits("x.yaml", text, edits) == f"a: x:1@{NEW} {NEW}\n"


def test_the_same_edit_of_two_pins_is_one() -> None:
    text = f"a: {OLD}\n"
    assert apply_edits("x.yaml", text, [edit(text, OLD, NEW)] * 2) == f"a: {NEW}\n"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("images:\n- name: x\n  digest: y\n  newTag: z\n", "  digest: y\n", "", "images:\n- name: x\n  newTag: z\n"),
        ("n:\n  arch: amd64\n  disk: ssd\n", "  arch: amd64\n", "", "n:\n  disk: ssd\n"),
        ("s:\n  n:\n    arch: amd64\n  t: 1\n", "  n:\n    arch: amd64\n", "", "s:\n  t: 1\n"),
        ("n: {arch: amd64, disk: ssd}\n", "arch: amd64, ", "", "n: {disk: ssd}\n"),
        ("v:\n- amd64\nw: 1\n", "- amd64", "- amd64\n- arm64", "v:\n- amd64\n- arm64\nw: 1\n"),
        ("v:\n- amd64\n", "\n", "\n- arm64\n", "v:\n- arm64\n- amd64\n"),
        ("v: [amd64]\n", "amd64", "amd64, arm64", "v: [amd64, arm64]\n"),
        ("v: [amd64]\n", "[amd64]", '["amd64", "arm64"]', 'v: ["amd64", "arm64"]\n'),
        ("v: [amd64]", "]", ", arm64]", "v: [amd64, arm64]"),
        ("t: |\n  v:\n  - amd64\n\n  w: 1\n", "64", "64\n  - arm64", "t: |\n  v:\n  - amd64\n  - arm64\n\n  w: 1\n"),
        ("t: |-\r\n  v:\r\n  - a\r\nb: 1", "a", "a\r\n  - b", "t: |-\r\n  v:\r\n  - a\r\n  - b\r\nb: 1"),
        ("t: |2\n    n:\n      arch: x\n    d: 1\n", "    n:\n      arch: x\n", "", "t: |2\n    d: 1\n"),
        ("t: |\n  [x]\nu: 1\n", "]", ", y]", "t: |\n  [x, y]\nu: 1\n"),
    ],
)
def test_entries_can_be_taken_out_and_put_in(text: str, old: str, new: str, expected: str) -> None:
    assert apply_edits("x.yaml", text, [edit(text, old, new)]) == expected


@pytest.mark.parametrize(
    ("text", "old", "new", "line"),
    [
        ("a: 1\nn:\n  arch: amd64\nb: 2\n", "  arch: amd64\n", "", 3),  # null where a mapping was
        ("a: 1\nb: x # y\n", "x", "x: y", 2),
        ("a: 1\nb: 'x'\n", "x", "x''y", 2),
        ("a: 1\nb: 'x\\x'\n", "'x\\x'", '"x\\x41"', 2),
        ("a: &x 1\nb: *x\n", "&x", "&y", 1),
        ("a: 1\nb: 2\n", "2\n", "2\nc: 3\nd: [\n", 2),
        ("a: 1\n---\nb: 1\n", "---\n", "", 1),
        ('a: "\\x61 b a"\n', "b", "c\\n", 1),
        ('k: "\\x61a"\n', "a", "b", 1),
        ("a: x\nb: y\n", "x\nb: ", "", 1),
        ("t: |\n  v:\n  - x\nu: 1\n", "x", "x\n - y", 3),
        ("t: >\n  v:\n  - x\nu: 1\n", "x", "x\n  - y", 1),
        ("t: 'x\n  y'\nu: 1\n", "x", "x, z", 1),
    ],
)
def test_an_edit_that_changes_how_anything_else_reads_is_refused_with_its_line(
    text: str, old: str, new: str, line: int
) -> None:
    with pytest.raises(EditError) as told:
        apply_edits("x.yaml", text, [edit(text, old, new)])
    assert told.value.line == line

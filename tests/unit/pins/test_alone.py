"""Digests that something else than a reference names."""

from __future__ import annotations

import pytest

from buildkit.pins.alone import named_alone

A, B = ("sha256:" + one * 64 for one in "ab")
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n"


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        (f"  check.sh: |\n    [ $DIGEST = {A} ]\n", 'data["check.sh"]'),
        (f"  wanted: {A}\n", "data.wanted"),
        (f"  wanted: x@{A}\n  list:\n  - {A}\n", "data.list[0]"),
    ],
)
def test_a_digest_by_itself_is_found_with_its_place(rows: str, where: str) -> None:
    assert named_alone(HEAD + rows, {A, B}) == {A: f"v1/ConfigMap/-/c {where}"}


@pytest.mark.parametrize(
    "rows",
    [
        f"  image: x@{A}\n",
        f"  other: {B}\n",
        f"  longer: {A}0\n",
        f"  # {A}\n  a: b\n",
        f"  check.sh: |\n    # [ $DIGEST = {A} ]\n    pull  # {A}\n",
        f"  main.go: |\n    // {A}\n",
    ],
)
def test_references_comments_and_other_digests_are_not(rows: str) -> None:
    assert named_alone(HEAD + rows, {A}) == {}

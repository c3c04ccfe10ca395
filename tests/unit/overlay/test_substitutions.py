"""Substitutions: the first that fits counts, and one that fits nothing is a slip."""

from __future__ import annotations

import pytest

from buildkit.errors import UsageError
from buildkit.overlay.substitutions import choose, read_substitutions

NAMES = ["docker.io/library/mysql:8.4", "docker.io/library/mysql:5.7", "quay.io/a/b:1"]


def chosen(text: str) -> dict[str, str]:
    return {name: one.text for name, one in choose(read_substitutions(text, "s.yaml"), NAMES).items()}


def test_a_name_may_be_short_and_a_glob_takes_what_is_left() -> None:
    text = "- {image: 'mysql:8.4', use: 'x.example/new:1'}\n- {image: 'docker.io/*', use: 'x.example/old:1'}\n"
    assert chosen(text) == {NAMES[0]: "x.example/new:1", NAMES[1]: "x.example/old:1"}


def test_what_is_the_same_image_is_no_substitution() -> None:
    assert chosen("- {image: 'quay.io/a/b:1', use: 'quay.io/a/b:1'}\n") == {}


def test_an_entry_that_another_shadows_is_told() -> None:
    with pytest.raises(UsageError, match=r"s\.yaml:2: image: mysql:8\.4: line 1 has taken"):
        chosen("- {image: '*mysql*', use: 'a/b:1'}\n- {image: 'mysql:8.4', use: 'a/b:1'}\n")


def test_a_name_without_its_tag_is_told_with_the_tags_that_are_there() -> None:
    with pytest.raises(UsageError, match="no such image") as raised:
        chosen("- {image: mysql, use: 'a/b:1'}\n")
    assert raised.value.hint == "it has docker.io/library/mysql:5.7, docker.io/library/mysql:8.4"

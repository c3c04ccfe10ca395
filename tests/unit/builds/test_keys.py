"""Keys: all that changes an image changes them, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from buildkit.builds.keys import content_key
from tests.unit.builds.components import plan

UI = plan().builds[0]


def key(**changes: Any) -> str | None:
    return content_key(replace(UI, **changes), "linux/arm64", None, "git:1")


def test_a_key_is_a_digest() -> None:
    found = key()
    assert found is not None
    assert found.startswith("sha256:")
    assert len(found) == 71


@pytest.mark.parametrize(
    "changes",
    [
        {"image": "x/y"},
        {"target": None},
        {"args": ()},
        {"labels": ()},
        {"attest": ()},
        {"dockerfile": "../src/Dockerfile"},
        {"context": "https://github.com/x/y.git#a"},
    ],
)
def test_what_changes_the_image_changes_the_key(changes: dict[str, Any]) -> None:
    assert key(**changes) != key()


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ()},
        {"smoke": ()},
        {"platforms": ()},
        {"needs": ("x",)},
        # The same files under another path.
        {"context": "/elsewhere", "dockerfile": "/elsewhere/cmd/ui/Dockerfile"},
    ],
)
def test_what_does_not_change_the_image_does_not_change_the_key(changes: dict[str, Any]) -> None:
    assert key(**changes) == key()


def test_platform_epoch_and_files_change_it_too() -> None:
    others = {
        content_key(UI, "linux/amd64", None, "git:1"),
        content_key(UI, "linux/arm64", 0, "git:1"),
        content_key(UI, "linux/arm64", None, "git:2"),
        key(),
    }
    assert len(others) == 4


def test_files_that_cannot_be_told_have_no_key() -> None:
    assert content_key(UI, "linux/arm64", None, None) is None

"""The data file of Python packages that cannot be installed on arm64, read and validated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.builds.lint.rules.wheels import Wheel
from buildkit.model.authored import read_authored

if TYPE_CHECKING:
    from buildkit.model.authored import Node


def parse_wheels(text: str, source: str) -> tuple[Wheel, ...]:
    """Read it.

    Raises:
        UsageError: it is wrong, with its line.
    """
    root = read_authored(text, source, hint="docs/reference/lint.md says what an entry has.")
    return () if root is None else root.keys("wheels").each("wheels", _wheel)


def _wheel(node: Node) -> Wheel:
    one = node.keys("name", "versions", "reason", "source", "checked")
    return Wheel(
        name=one.text("name"),
        versions=one.text("versions") if one.has("versions") else "",
        reason=one.text("reason"),
        source=one.text("source"),
        checked=one.day("checked"),
    )

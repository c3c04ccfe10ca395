"""What several rules look for in commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.builds.lint.values import Value

# They write text, look for it or take something away: what they name need not be there.
QUIET: Final = frozenset(
    (
        *(
            "echo",
            "printf",
            "rm",
            "rmdir",
            "ls",
            "find",
            "grep",
            "egrep",
            "fgrep",
            "sed",
            "awk",
            "gawk",
            "which",
            "type",
        ),
        *("basename", "dirname", "cat", "touch", "mkdir", "chmod", "chown", "git", "tr", "cut", "head", "tail", "sort"),
    )
)


def narrowed(value: Value, take: Callable[[str], list[str]]) -> Value | None:
    """A value of which only some pieces count; None where there are none."""
    texts = tuple(" ".join(take(text)) for text in value.texts)
    return replace(value, texts=texts) if any(texts) else None

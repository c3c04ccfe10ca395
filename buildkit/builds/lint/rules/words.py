"""What several rules look for in commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.builds.lint.shell.call import Call
    from buildkit.builds.lint.values import Value

# They write text, look for it or take something away: what they name need not be for the platform.
_QUIET: Final = """
    echo printf rm rmdir ls find grep egrep fgrep sed awk gawk which type basename dirname cat touch mkdir chmod
    chown git tr cut head tail sort
"""
QUIET: Final = frozenset(_QUIET.split())
_OUTPUTS: Final = frozenset({"--output", "--output-document"})
_LONG: Final = ("--output=", "--output-document=")
_READERS: Final = frozenset({"ls", "find", "chmod", "chown", "cat", "head", "tail", "sed"})


def needs_paths(call: Call) -> bool:
    """Whether a command fails, or does nothing, where the paths that it names are not there."""
    if call.name == "rm":
        return not any((word.text or "").startswith("-") and "f" in (word.text or "") for word in call.words[1:])
    return call.name in _READERS or call.name not in QUIET


def fetched_to(call: Call) -> str | None:
    """The file that curl or wget is told to write; None where it is not, or nobody knows."""
    texts = [word.text or "" for word in call.words]
    letter = "o" if call.name == "curl" else "O"
    for index, text in enumerate(texts[:-1]):
        short = text.startswith("-") and not text.startswith("--") and text.endswith(letter)
        if (short or text in _OUTPUTS) and texts[index + 1] != "-":
            return texts[index + 1] or None
    long = next((text.partition("=")[2] for text in texts if text.startswith(_LONG)), None)
    return long or (call.writes[0].text if len(call.writes) == 1 else None)


def narrowed(value: Value, take: Callable[[str], list[str]]) -> Value | None:
    """A value of which only some pieces count; None where there are none."""
    texts = tuple(" ".join(take(text)) for text in value.texts)
    return replace(value, texts=texts) if any(texts) else None

"""Parts of a catalogue that have a form of their own: platforms, limits, arguments, labels, smoke commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from buildkit.builds.component import KnownLimit, Target
from buildkit.builds.words import (
    WordError,
    check_braces,
    check_label,
    check_link,
    check_platform,
    check_runner,
    check_text,
)
from buildkit.model.authored import Node

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]
_MOST_WORDS: Final = 200
_FILLED: Final = ("version", "registry", "revision")


def read_targets(node: Node, runners: Mapping[str, str]) -> tuple[Target, ...]:
    targets = node.each("platforms", lambda one: _read_target(one, runners))
    if node.has("platforms") and not targets:
        raise node.wrong("platforms", "must name a platform, such as linux/arm64")
    once(node, "platforms", (str(one.platform) for one in targets))
    return tuple(sorted(targets, key=lambda one: one.platform))


def _read_target(node: Node, runners: Mapping[str, str]) -> Target:
    if isinstance(node.value, str):
        platform = word(node, "platforms", node.value, check_platform)
        return Target(platform=platform, runner=runners.get(str(platform)))
    node = node.keys("platform", "runner")
    return Target(platform=text_of(node, "platform", check_platform), runner=text_of(node, "runner", check_runner))


def read_limit(node: Node) -> KnownLimit:
    node = node.keys("platform", "reason", "link")
    return KnownLimit(
        platform=text_of(node, "platform", check_platform),
        reason=text_of(node, "reason", check_text),
        link=text_of(node, "link", check_link),
    )


def read_labels(node: Node) -> Pairs:
    return read_pairs(node, "labels", check_label)


def read_pairs(node: Node, key: str, check: Callable[[str], str]) -> Pairs:
    """A mapping of names to texts, which may be empty, sorted."""
    found: dict[str, str] = {}
    for name, value in node.entries(key):
        word(value, key, name, check)
        if not isinstance(value.value, str):
            raise value.wrong_at(value.line, f"{key}.{name}", "must be a text, numbers and dates in quotes")
        text = str(value.value)  # a block (`|`) and a date are texts of other kinds
        found[name] = word(value, f"{key}.{name}", text, lambda text: check_braces(check_text(text), _FILLED))
    if len(found) > _MOST_WORDS:
        raise node.wrong(key, f"more than {_MOST_WORDS}")
    return tuple(sorted(found.items()))


def read_smoke(node: Node) -> tuple[str, ...]:
    """The command; an empty first word leaves the image's entrypoint in place."""
    words = node.each("smoke", lambda one: one)
    for number, one in enumerate(words):
        if not isinstance(one.value, str) or (one.value == "" and number > 0):
            raise node.wrong("smoke", "must be a list of texts, numbers in quotes; only the first may be empty")
        word(one, "smoke", one.value, check_text)
    if len(words) > _MOST_WORDS or (node.has("smoke") and not any(one.value for one in words)):
        raise node.wrong("smoke", "must be a command, such as [/console, --version]")
    return tuple(str(one.value) for one in words)


def child(node: Node, key: str) -> Node | None:
    """What stands under a key; None where it is not there."""
    if not isinstance(node.value, Mapping) or key not in node.value:
        return None
    return Node(node.value[key], node.source, node.line_of(key), node.hint)


def once(node: Node, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise node.wrong(key, f"{name} stands there twice")
        seen.add(name)


def text_of(node: Node, key: str, check: Callable[[str], T], default: str | None = None) -> T:
    """A text of a mapping, checked; an error is told with the line of its key."""
    text = node.text(key, default)
    try:
        return check(text)
    except WordError as error:
        raise node.wrong(key, str(error)) from None


def word(node: Node, key: str, text: str, check: Callable[[str], T]) -> T:
    """A text that stands in a list, or is a name, checked; an error is told with its own line."""
    try:
        return check(text)
    except WordError as error:
        raise node.wrong_at(node.line, key, str(error)) from None

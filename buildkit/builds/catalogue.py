"""Catalogues (`builds.yaml`): which images are built, from what, for which platforms; read and checked by line.

docs/reference/catalogue.md has every key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeVar

from buildkit.builds.component import RUNNERS, Catalogue, Component, Ignored, KnownLimit, Source, Target
from buildkit.builds.words import (
    WordError,
    check_argument,
    check_braces,
    check_glob,
    check_image,
    check_label,
    check_link,
    check_name,
    check_path,
    check_platform,
    check_ref,
    check_repository,
    check_runner,
    check_tag,
    check_text,
)
from buildkit.errors import UsageError
from buildkit.model.authored import Node, read_authored

if TYPE_CHECKING:
    from buildkit.model.platform import Platform

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]
HINT: Final = "docs/reference/catalogue.md has every key"
MOST_COMPONENTS: Final = 1000
_MOST_WORDS: Final = 200
_SOURCE: Final = ("repository", "branch", "ref", "directory")
_COMPONENT: Final = (
    *("name", "image", "tag", "source", "context", "dockerfile", "target", "args"),
    *("platforms", "labels", "smoke", "limits", "needs"),
)
_FILLED: Final = ("version", "registry", "revision")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shared:
    """What stands above the components: sources by name, and what holds where a component says nothing."""

    sources: Mapping[str, Source]
    platforms: tuple[Target, ...]
    labels: Pairs
    runners: Mapping[str, str] = field(default_factory=dict)


def parse_catalogue(text: str, file: str) -> Catalogue:
    """Read a catalogue.

    Raises:
        UsageError: not YAML, an unknown key, a wrong value, a name that stands twice: `file:line: key: what is wrong`.
    """
    root = read_authored(text, file, hint=HINT)
    if root is None:
        raise UsageError(f"{file}:1: components: is missing", hint=HINT)
    root = root.keys("defaults", "sources", "components")
    sources: dict[str, Source] = {}
    ignored: list[Ignored] = []
    for name, node in root.entries("sources"):
        _word(node, "sources", name, check_name)
        sources[name], more = _read_named_source(node)
        ignored += more
    shared = _read_defaults(root, sources)
    components = root.each("components", lambda node: _read_component(node, shared))
    if not components:
        raise root.wrong("components", "must name a component")
    if len(components) > MOST_COMPONENTS:
        raise root.wrong("components", f"more than {MOST_COMPONENTS}")
    _check_together(components, file)
    return Catalogue(file=file, components=components, ignored=tuple(ignored))


def _read_defaults(root: Node, sources: Mapping[str, Source]) -> _Shared:
    plain = tuple(Target(platform=check_platform(name), runner=runner) for name, runner in RUNNERS.items())
    node = _child(root, "defaults")
    if node is None:
        return _Shared(sources=sources, platforms=plain, labels=(), runners=RUNNERS)
    node = node.keys("platforms", "labels")
    own = _read_targets(node, RUNNERS)
    runners = {**RUNNERS, **{str(one.platform): one.runner for one in own if one.runner}}
    return _Shared(sources=sources, platforms=own or plain, labels=_read_labels(node), runners=runners)


def _child(node: Node, key: str) -> Node | None:
    """What stands under a key; None where it is not there."""
    if not isinstance(node.value, Mapping) or key not in node.value:
        return None
    return Node(node.value[key], node.source, node.line_of(key), node.hint)


def _read_named_source(node: Node) -> tuple[Source, tuple[Ignored, ...]]:
    node = node.keys(*_SOURCE, "ignored")
    source = _source_of(node)
    return source, node.each("ignored", lambda one: _read_ignored(one, source))


def _read_ignored(node: Node, source: Source) -> Ignored:
    node = node.keys("dockerfile", "reason")
    return Ignored(
        source=source,
        dockerfile=_text(node, "dockerfile", check_glob),
        reason=_text(node, "reason", check_text),
        line=node.line,
    )


def _source_of(node: Node) -> Source:
    if node.has("repository") == node.has("directory"):
        raise node.wrong("source", "is either a repository or a directory")
    if node.has("directory"):
        for key in ("branch", "ref"):
            if node.has(key):
                raise node.wrong(key, "is of a repository; a directory is taken as it is")
        return Source(directory=_text(node, "directory", lambda text: check_path(text, upwards=True)))
    return Source(
        repository=_text(node, "repository", check_repository),
        branch=_text(node, "branch", check_ref) if node.has("branch") else None,
        ref=_text(node, "ref", check_ref, "{version}"),
    )


def _read_component(node: Node, shared: _Shared) -> Component:
    node = node.keys(*_COMPONENT)
    limits = node.each("limits", _read_limit)
    named = _read_targets(node, shared.runners) if node.has("platforms") else shared.platforms
    _once(node, "limits", (str(one.platform) for one in limits))
    cannot = {one.platform for one in limits}
    own = _read_labels(node)
    labels = {**dict(shared.labels), **dict(own)}
    return Component(
        name=_text(node, "name", check_name),
        image=_text(node, "image", check_image),
        tag=_text(node, "tag", check_tag, "{version}"),
        source=_read_source(node, shared.sources),
        context=_text(node, "context", check_path, "."),
        dockerfile=_text(node, "dockerfile", check_path, "Dockerfile"),
        target=_text(node, "target", check_name) if node.has("target") else None,
        args=_read_pairs(node, "args", check_argument),
        targets=tuple(one for one in named if one.platform not in cannot),
        labels=tuple(sorted(labels.items())),
        smoke=_read_smoke(node),
        limits=tuple(sorted(limits, key=lambda one: one.platform)),
        needs=tuple(_word(node, "needs", name, check_name) for name in node.texts("needs")),
        file=node.source,
        line=node.line,
    )


def _read_source(node: Node, sources: Mapping[str, Source]) -> Source:
    named = _child(node, "source")
    if named is None:
        return Source(directory=".")
    if not isinstance(named.value, str):
        return _source_of(named.keys(*_SOURCE))
    if named.value not in sources:
        near = get_close_matches(named.value, sorted(sources), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise node.wrong("source", f"there is no '{named.value[:80]}' in `sources`{meant}")
    return sources[named.value]


def _read_targets(node: Node, runners: Mapping[str, str]) -> tuple[Target, ...]:
    targets = node.each("platforms", lambda one: _read_target(one, runners))
    if node.has("platforms") and not targets:
        raise node.wrong("platforms", "must name a platform, such as linux/arm64")
    _once(node, "platforms", (str(one.platform) for one in targets))
    return tuple(sorted(targets, key=lambda one: one.platform))


def _read_target(node: Node, runners: Mapping[str, str]) -> Target:
    if isinstance(node.value, str):
        platform = _word(node, "platforms", node.value, check_platform)
        return Target(platform=platform, runner=runners.get(str(platform)))
    node = node.keys("platform", "runner")
    return Target(platform=_text(node, "platform", check_platform), runner=_text(node, "runner", check_runner))


def _read_limit(node: Node) -> KnownLimit:
    node = node.keys("platform", "reason", "link")
    return KnownLimit(
        platform=_text(node, "platform", check_platform),
        reason=_text(node, "reason", check_text),
        link=_text(node, "link", check_link),
    )


def _read_labels(node: Node) -> Pairs:
    return _read_pairs(node, "labels", check_label)


def _read_pairs(node: Node, key: str, check: Callable[[str], str]) -> Pairs:
    """A mapping of names to texts, which may be empty, sorted."""
    found: dict[str, str] = {}
    for name, value in node.entries(key):
        _word(value, key, name, check)
        if not isinstance(value.value, str):
            raise value.wrong_at(value.line, f"{key}.{name}", "must be a text, numbers and dates in quotes")
        found[name] = _word(value, f"{key}.{name}", value.value, lambda text: check_braces(check_text(text), _FILLED))
    if len(found) > _MOST_WORDS:
        raise node.wrong(key, f"more than {_MOST_WORDS}")
    return tuple(sorted(found.items()))


def _read_smoke(node: Node) -> tuple[str, ...]:
    """The command; an empty first word leaves the image's entrypoint in place."""
    words = node.each("smoke", lambda one: one)
    for number, one in enumerate(words):
        if not isinstance(one.value, str) or (one.value == "" and number > 0):
            raise node.wrong("smoke", "must be a list of texts, numbers in quotes; only the first may be empty")
        _word(one, "smoke", one.value, check_text)
    if len(words) > _MOST_WORDS or (node.has("smoke") and not any(one.value for one in words)):
        raise node.wrong("smoke", "must be a command, such as [/console, --version]")
    return tuple(str(one.value) for one in words)


def _check_together(components: tuple[Component, ...], file: str) -> None:
    """What no component can say of itself: that names and images are its own, and that what it needs is there."""
    before: dict[str, Component] = {}
    seen: dict[tuple[str, str], Component] = {}
    for one in components:
        twin = before.get(one.name.lower())
        if twin:
            raise _wrong(file, one, "name", f"'{one.name}' is the name of line {twin.line}'s component too")
        same = seen.get((one.image, one.tag))
        if same:
            raise _wrong(file, one, "image", f"'{one.image}' is {same.name}'s too; a `tag` of its own tells them apart")
        for name in one.needs:
            _check_need(file, one, name, before)
        before[one.name.lower()] = seen[one.image, one.tag] = one


def _check_need(file: str, one: Component, name: str, before: Mapping[str, Component]) -> None:
    needed = before.get(name.lower())
    if needed is None or needed.name != name:
        raise _wrong(file, one, "needs", f"no component called '{name}' stands before this one")
    there = {target.platform for target in needed.targets}
    lacking: list[Platform] = [target.platform for target in one.targets if target.platform not in there]
    if lacking:
        raise _wrong(file, one, "needs", f"'{name}' is not built for {lacking[0]}")


def _wrong(file: str, one: Component, key: str, what: str) -> UsageError:
    return UsageError(f"{file}:{one.line}: {key}: {what}", hint=HINT)


def _once(node: Node, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise node.wrong(key, f"{name} stands there twice")
        seen.add(name)


def _text(node: Node, key: str, check: Callable[[str], T], default: str | None = None) -> T:
    """A text of a mapping, checked; an error is told with the line of its key."""
    text = node.text(key, default)
    try:
        return check(text)
    except WordError as error:
        raise node.wrong(key, str(error)) from None


def _word(node: Node, key: str, text: str, check: Callable[[str], T]) -> T:
    """A text that stands in a list, or is a name, checked; an error is told with its own line."""
    try:
        return check(text)
    except WordError as error:
        raise node.wrong_at(node.line, key, str(error)) from None

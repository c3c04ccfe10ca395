"""Catalogues (`builds.yaml`): which images are built, from what, for which platforms; read and checked by line.

docs/reference/catalogue.md has every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from buildkit.builds.catalogue_parts import (
    Pairs,
    child,
    once,
    read_labels,
    read_limit,
    read_pairs,
    read_smoke,
    read_targets,
    text_of,
    word,
)
from buildkit.builds.catalogue_whole import check_together
from buildkit.builds.component import RUNNERS, Catalogue, Component, Ignored, Source, Target
from buildkit.builds.words import (
    check_argument,
    check_glob,
    check_image,
    check_name,
    check_path,
    check_platform,
    check_ref,
    check_repository,
    check_tag,
    check_text,
)
from buildkit.errors import UsageError
from buildkit.model.authored import check_depth, read_authored

if TYPE_CHECKING:
    from buildkit.model.authored import Node

HINT: Final = "docs/reference/catalogue.md has every key"
MOST_COMPONENTS: Final = 1000
_SOURCE: Final = ("repository", "branch", "ref", "directory")
_COMPONENT: Final = (
    *("name", "image", "tag", "source", "context", "dockerfile", "target", "args"),
    *("platforms", "labels", "smoke", "limits", "needs"),
)


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
    check_depth(text, file, hint=HINT)
    root = read_authored(text, file, hint=HINT)
    if root is None:
        raise UsageError(f"{file}:1: components: is missing", hint=HINT)
    root = root.keys("defaults", "sources", "components")
    sources: dict[str, Source] = {}
    ignored: list[Ignored] = []
    for name, node in root.entries("sources"):
        word(node, "sources", name, check_name)
        sources[name], more = _read_named_source(node)
        ignored += more
    shared = _read_defaults(root, sources)
    components = root.each("components", lambda node: _read_component(node, shared))
    if not components:
        raise root.wrong("components", "must name a component")
    if len(components) > MOST_COMPONENTS:
        raise root.wrong("components", f"more than {MOST_COMPONENTS}")
    check_together(components, HINT)
    return Catalogue(file=file, components=components, ignored=tuple(ignored))


def _read_defaults(root: Node, sources: Mapping[str, Source]) -> _Shared:
    plain = tuple(Target(platform=check_platform(name), runner=runner) for name, runner in RUNNERS.items())
    node = child(root, "defaults")
    if node is None:
        return _Shared(sources=sources, platforms=plain, labels=(), runners=RUNNERS)
    node = node.keys("platforms", "labels")
    own = read_targets(node, RUNNERS)
    runners = {**RUNNERS, **{str(one.platform): one.runner for one in own if one.runner}}
    return _Shared(sources=sources, platforms=own or plain, labels=read_labels(node), runners=runners)


def _read_named_source(node: Node) -> tuple[Source, tuple[Ignored, ...]]:
    node = node.keys(*_SOURCE, "ignored")
    source = _source_of(node)
    return source, node.each("ignored", lambda one: _read_ignored(one, source))


def _read_ignored(node: Node, source: Source) -> Ignored:
    node = node.keys("dockerfile", "reason")
    return Ignored(
        source=source,
        dockerfile=text_of(node, "dockerfile", check_glob),
        reason=text_of(node, "reason", check_text),
        line=node.line,
    )


def _source_of(node: Node) -> Source:
    if node.has("repository") == node.has("directory"):
        raise node.wrong("source", "is either a repository or a directory")
    if node.has("directory"):
        for key in ("branch", "ref"):
            if node.has(key):
                raise node.wrong(key, "is of a repository; a directory is taken as it is")
        return Source(directory=text_of(node, "directory", lambda text: check_path(text, upwards=True)))
    return Source(
        repository=text_of(node, "repository", check_repository),
        branch=text_of(node, "branch", check_ref) if node.has("branch") else None,
        ref=text_of(node, "ref", check_ref, "{version}"),
    )


def _read_component(node: Node, shared: _Shared) -> Component:
    node = node.keys(*_COMPONENT)
    limits = node.each("limits", read_limit)
    named = read_targets(node, shared.runners) if node.has("platforms") else shared.platforms
    once(node, "limits", (str(one.platform) for one in limits))
    cannot = {one.platform for one in limits}
    own = read_labels(node)
    labels = {**dict(shared.labels), **dict(own)}
    return Component(
        name=text_of(node, "name", check_name),
        image=text_of(node, "image", check_image),
        tag=text_of(node, "tag", check_tag, "{version}"),
        source=_read_source(node, shared.sources),
        context=text_of(node, "context", check_path, "."),
        dockerfile=text_of(node, "dockerfile", check_path, "Dockerfile"),
        target=text_of(node, "target", check_name) if node.has("target") else None,
        args=read_pairs(node, "args", check_argument),
        targets=tuple(one for one in named if one.platform not in cannot),
        labels=tuple(sorted(labels.items())),
        smoke=read_smoke(node),
        limits=tuple(sorted(limits, key=lambda one: one.platform)),
        needs=tuple(word(node, "needs", name, check_name) for name in node.texts("needs")),
        file=node.source,
        line=node.line,
    )


def _read_source(node: Node, sources: Mapping[str, Source]) -> Source:
    named = child(node, "source")
    if named is None:
        return Source(directory=".")
    if not isinstance(named.value, str):
        return _source_of(named.keys(*_SOURCE))
    if named.value not in sources:
        near = get_close_matches(named.value, sorted(sources), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise node.wrong("source", f"there is no '{named.value[:80]}' in `sources`{meant}")
    return sources[named.value]

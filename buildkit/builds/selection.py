"""Choosing components of a catalogue: by name, by glob, or all of a repository."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from buildkit.builds.component import Catalogue, Component

_SHOWN: Final = 100


def select(catalogue: Catalogue, words: Sequence[str]) -> tuple[Component, ...]:
    """The components that one of the words names, in the catalogue's order; all of them where there are no words.

    Raises:
        UsageError: a word that names none.
    """
    chosen: set[str] = set()
    for word in words:
        found = [one.name for one in catalogue.components if _is_named(one, word)]
        if not found:
            raise UsageError(
                f"{catalogue.file}: no component is called '{word[:_SHOWN]}'", hint=_nearest(catalogue, word)
            )
        chosen.update(found)
    return tuple(one for one in catalogue.components if not words or one.name in chosen)


def with_related(components: Sequence[Component], changed: Collection[str]) -> frozenset[str]:
    """Names of the changed components, of those built on their images, and of those whose images all of these need.

    What is built on an image that changed changes too; what it is built on has to have the version's tag.
    """
    found = set(changed)
    for one in components:
        if not found.isdisjoint(one.needs):
            found.add(one.name)
    for one in reversed(components):
        if one.name in found:
            found.update(one.needs)
    return frozenset(found)


def _is_named(component: Component, word: str) -> bool:
    source = component.source
    if source.repository is not None and word in {source.repository, source.name}:
        return True
    return component.name == word or fnmatchcase(component.name, word)


def _nearest(catalogue: Catalogue, word: str) -> str:
    names = [one.name for one in catalogue.components]
    repositories = sorted({one.source.name for one in catalogue.components if one.source.repository})
    near = get_close_matches(word[:_SHOWN], [*names, *repositories], n=1)
    if near:
        return f"did you mean {near[0]}?"
    return "a name, a glob such as 'katib-*', or OWNER/REPO; `kfkit build catalogue` lists them"

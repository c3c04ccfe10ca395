"""What is rendered, and what becomes of each kustomization: rendered, covered, a component, or broken.

Roots and named installs are rendered. The children of one that broke are rendered themselves, and so on down, unless
something that rendered reaches them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.model.kustomization import Kustomization

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from buildkit.images.graph import Graph


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What kustomize made of one folder; `why` is the reason where it broke, None where it rendered."""

    why: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def rendered(self) -> bool:
        return self.why is None


def first_renders(graph: Graph, installs: Collection[str], *, render_all: bool) -> tuple[str, ...]:
    """What to render before anything is known."""
    own = {one for one in graph.local if not graph.nodes[one].is_component}
    # Without any root (circles, or all below components) the search for what is left begins at once.
    return tuple(sorted(own if render_all else {*graph.roots, *installs} & own)) or next_renders(graph, {}, ())


def next_renders(graph: Graph, outcomes: Mapping[str, Outcome], asked: Collection[str]) -> tuple[str, ...]:
    """What to render in addition, after an outcome.

    Args:
        graph: all kustomizations.
        outcomes: what is known so far.
        asked: what was asked for so far, the known ones among it.

    Returns:
        Folders not asked for yet whose own parents all broke and that nothing rendered or running reaches. When
        nothing is running any more, folders that still have no answer (cycles) come one at a time.
    """
    waiting = [one for one in asked if one not in outcomes]
    settled = {folder for one in asked if one in waiting or outcomes[one].rendered for folder in graph.reached(one)}
    open_ = [
        one for one in graph.local if one not in settled and one not in asked and not graph.nodes[one].is_component
    ]
    ready = tuple(one for one in open_ if all(_gave_up(graph, parent, outcomes) for parent in graph.parents[one]))
    return ready if ready or waiting else tuple(open_[:1])


def _gave_up(graph: Graph, folder: str, outcomes: Mapping[str, Outcome]) -> bool:
    """Tell whether nothing will come of a parent; a component that nothing rendered reaches is one such."""
    return graph.nodes[folder].is_component or (folder in outcomes and not outcomes[folder].rendered)


def account(graph: Graph, outcomes: Mapping[str, Outcome]) -> tuple[Kustomization, ...]:
    """Every kustomization of the tree, by path."""
    reachers: dict[str, str] = {}
    for one in sorted(outcomes, reverse=True):
        if outcomes[one].rendered:
            reachers.update(dict.fromkeys(graph.reached(one), one))
    return tuple(_account(graph, one, outcomes.get(one), reachers.get(one)) for one in graph.local)


def _account(graph: Graph, folder: str, outcome: Outcome | None, reacher: str | None) -> Kustomization:
    if graph.nodes[folder].is_component:
        return Kustomization(path=folder, status="component", why=reacher, warnings=())
    if outcome is None:
        return Kustomization(path=folder, status="covered", why=reacher, warnings=())
    if outcome.rendered:
        return Kustomization(path=folder, status="rendered", warnings=outcome.warnings)
    return Kustomization(path=folder, status="broken", why=outcome.why, warnings=outcome.warnings)


def counted_renders(graph: Graph, installs: Collection[str], outcomes: Mapping[str, Outcome]) -> frozenset[str]:
    """The renders that stand for the default install: the installs, and what was rendered in place of a broken one."""
    counted: set[str] = set()
    for install in installs:
        if install in outcomes and outcomes[install].rendered:
            counted.add(install)
        else:
            counted.update(one for one in graph.reached(install) if one in outcomes and outcomes[one].rendered)
    return frozenset(counted)

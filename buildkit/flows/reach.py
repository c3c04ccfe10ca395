"""Which files each kustomization names, and which kustomizations' renders take a file in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildkit.images.graph import resolve
from buildkit.images.locate import Branch, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.flows.sources import Sources
    from buildkit.images.graph import KustomizationFile

_VALUES: Final = ("valuesFile", "additionalValuesFiles")


def files_named(sources: Sources) -> dict[str, tuple[str, ...]]:
    """Files that each kustomization names, whatever for."""
    found: dict[str, tuple[str, ...]] = {}
    for folder, node in sources.graph.nodes.items():
        entries = node.parsed.entries if node.parsed else ()
        parsed = node.parsed
        paths = (resolve(folder, entry.text, parsed.home) for entry in entries if parsed and not entry.remote)
        found[folder] = tuple(dict.fromkeys((*node.files, *(path for path in paths if path))))
    return found


def reaching(sources: Sources) -> Mapping[str, tuple[str, ...]]:
    """Of each file the local kustomizations, components left out, whose render takes it in, sorted.

    That is where one that it reaches names the file: as a resource, a patch, values, or whatever a generator takes;
    and the kustomization file itself. Files are named by where links lead to.
    """
    graph, named = sources.graph, files_named(sources)
    roots: dict[str, list[str]] = {}
    for folder in graph.local:
        if not graph.nodes[folder].is_component:
            for one in graph.reached(folder):
                roots.setdefault(one, []).append(folder)
    found: dict[str, set[str]] = {}
    for folder, taking in roots.items():
        parsed = graph.nodes[folder].parsed
        own = (parsed.file, *_values(parsed)) if parsed else ()
        for path in (*named[folder], *own):
            tree = sources.tree_of(path)
            file = tree.canonical(path) if tree else path
            if file in sources.downloads or (tree and file in tree.files):
                found.setdefault(file, set()).update(taking)
    return {path: tuple(sorted(taking)) for path, taking in sorted(found.items())}


def _values(parsed: KustomizationFile) -> Iterator[str]:
    """Files of values that `helmCharts:` names."""
    for chart in parsed.items("helmCharts"):
        for key in _VALUES if isinstance(chart, Branch) else ():
            value = chart.get(key) if isinstance(chart, Branch) else None
            leaves = value.values if isinstance(value, Branch) else [value]
            for leaf in leaves:
                path = resolve(parsed.folder, leaf.text, parsed.home) if isinstance(leaf, Leaf) else None
                if path:
                    yield path

"""Whether anything stands somewhere: what is there for any values, and what asks whether the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.charts.expressions import bracketed
from buildkit.charts.marks import ABSENT, Choice, Extended, Setting, Tree, When

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.charts.expressions import Expressions


def certain(tree: Tree, profiles: frozenset[str]) -> frozenset[str]:
    """Give the profiles, of these, in which something stands there whatever is set."""
    if isinstance(tree, Choice):
        return frozenset().union(*(certain(one, some & profiles) for some, one in tree.variants))
    if isinstance(tree, Setting):
        stands = tree.default is not ABSENT
    elif isinstance(tree, Extended):
        stands = bool(tree.items) or tree.empty is not ABSENT
    else:
        stands = not isinstance(tree, When)
    return profiles if stands else frozenset()


def filled(tree: Mapping[str, Tree], profiles: frozenset[str], expressions: Expressions) -> str:
    """Ask whether a mapping has any entry; empty where it has one in any case."""
    sure = frozenset[str]().union(*(certain(one, profiles) for one in tree.values()))
    if sure == profiles:
        return ""
    terms = [expressions.profiles(sure, profiles)] if sure else []
    terms += [term for one in tree.values() for term in _asked(one, profiles, expressions)]
    terms = list(dict.fromkeys(terms))
    return terms[0] if len(terms) == 1 else f"or {' '.join(map(bracketed, terms))}"


def _asked(tree: Tree, profiles: frozenset[str], expressions: Expressions) -> Iterator[str]:
    """Yield what asks for each thing that stands only once something is set."""
    if isinstance(tree, Choice):
        for some, one in tree.variants:
            for term in _asked(one, some & profiles, expressions) if some & profiles else ():
                guard = expressions.profiles(some & profiles, profiles)
                yield term if profiles <= some else f"and ({guard}) {bracketed(term)}"
    elif isinstance(tree, Setting) and tree.default is ABSENT:
        yield expressions.setting(tree)
    elif isinstance(tree, Extended | When) and not certain(tree, profiles):
        yield expressions.value(tree.value)

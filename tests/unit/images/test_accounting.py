from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.images.accounting import Outcome, account, counted_renders, first_renders, next_renders
from buildkit.images.graph import Graph, Node, parse_kustomization

GOOD = Outcome()
BAD = Outcome(why="because")


def graph_of(bases: dict[str, tuple[str, ...]], components: frozenset[str] = frozenset()) -> Graph:
    nodes = {}
    for folder, taken in bases.items():
        kind = "Component" if folder in components else "Kustomization"
        parsed = parse_kustomization(f"kind: {kind}\n", f"{folder}/kustomization.yaml")
        nodes[folder] = Node(
            folder=folder,
            parsed=parsed,
            bases=tuple(one for one in taken if one not in components),
            components=tuple(one for one in taken if one in components),
        )
    return Graph(nodes)


def play(graph: Graph, broken: frozenset[str], installs: tuple[str, ...] = ()) -> dict[str, Outcome]:
    """Render one at a time, in the order asked for."""
    asked = set(first_renders(graph, installs, render_all=False))
    outcomes: dict[str, Outcome] = {}
    while len(outcomes) < len(asked):
        folder = min(asked - set(outcomes))
        outcomes[folder] = BAD if graph.reached(folder) & broken else GOOD
        asked.update(next_renders(graph, outcomes, asked))
    return outcomes


def test_children_wait_for_all_that_may_cover_them() -> None:
    graph = graph_of({"a": ("c",), "b": ("c",), "c": ()})
    asked = first_renders(graph, (), render_all=False)
    assert asked == ("a", "b")
    assert next_renders(graph, {"a": BAD}, asked) == ()
    assert next_renders(graph, {"a": BAD, "b": BAD}, asked) == ("c",)
    assert next_renders(graph, {"a": BAD, "b": GOOD}, asked) == ()


def test_a_component_is_never_rendered_by_itself() -> None:
    graph = graph_of({"a": ("part",), "part": ()}, frozenset({"part"}))
    outcomes = play(graph, frozenset({"a"}))
    assert [(one.path, one.status, one.why) for one in account(graph, outcomes)] == [
        ("a", "broken", "because"),
        ("part", "component", None),
    ]


def test_what_only_an_unused_component_takes_in_is_rendered() -> None:
    graph = graph_of({"part": ("base",), "base": ()}, frozenset({"part"}))
    assert set(play(graph, frozenset())) == {"base"}


def test_a_circle_without_a_way_in_is_rendered_once() -> None:
    graph = graph_of({"a": ("b",), "b": ("a",)})
    assert set(play(graph, frozenset({"a", "b"}))) == {"a", "b"}


def test_counted_renders_stand_in_for_a_broken_install() -> None:
    graph = graph_of({"example": ("x", "y"), "x": (), "y": ("z",), "z": (), "other": ()})
    outcomes = play(graph, frozenset({"y"}), ("example",))
    assert counted_renders(graph, ("example",), outcomes) == {"x", "z"}


FOLDERS = "abcdefgh"


@settings(max_examples=300, deadline=None)
@given(
    taken=st.fixed_dictionaries({one: st.sets(st.sampled_from(FOLDERS), max_size=3) for one in FOLDERS}),
    components=st.frozensets(st.sampled_from(FOLDERS), max_size=3),
    broken=st.frozensets(st.sampled_from(FOLDERS), max_size=3),
)
def test_every_kustomization_is_accounted_for(
    taken: dict[str, set[str]], components: frozenset[str], broken: frozenset[str]
) -> None:
    graph = graph_of({one: tuple(sorted(bases)) for one, bases in taken.items()}, components)
    outcomes = play(graph, broken)
    rendered = {one for one, outcome in outcomes.items() if outcome.rendered}
    covered = {one for folder in rendered for one in graph.reached(folder)}
    for one in account(graph, outcomes):
        expected = "component" if one.path in components else "rendered" if one.path in rendered else None
        if expected is None:
            expected = "broken" if one.path in outcomes else "covered"
        assert one.status == expected
        assert one.status not in {"rendered", "covered"} or one.path in covered
        # Nothing that can render by itself is lost below something broken.
        if one.path not in components and not graph.reached(one.path) & broken:
            assert one.path in covered
